"""What the agent was taught, and the documents it came of."""
