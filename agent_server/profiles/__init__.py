"""Who the agent is in a conversation that begins."""
