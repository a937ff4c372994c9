"""Endpoints of other programs, and what they are to be told."""
