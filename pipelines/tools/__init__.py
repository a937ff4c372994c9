"""The server's own tools: what the agent can do while it talks."""
