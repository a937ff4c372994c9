"""Refinement of a text: criticised and rewritten until the critic is content."""
