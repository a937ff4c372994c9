"""Keeps what the agent knows in step with what it is taught."""
