"""Calls that the agent makes: whom it may call, whom it called, what was recorded."""
