"""Conversations of this process, whichever door they come in by: each from what it starts from to its end."""
