"""Research: a question answered from what can be looked up, each claim with its sources."""
