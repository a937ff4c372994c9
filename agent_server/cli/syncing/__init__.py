"""What ``sales-agent sync`` is made of."""
