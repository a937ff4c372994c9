"""Who the agent is, and the threads of agents."""
