"""Meetings, and who is told of them."""
