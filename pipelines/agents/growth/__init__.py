"""Finds opportunities with a company: research, analysis and validation, again while confidence is low."""
