"""Every execution and cent, and what they add up to."""
