"""The agents that work beside a conversation and for the REST API: what they are asked, their graphs, their state."""
