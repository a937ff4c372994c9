"""Conversations: their records, who holds them, what they led to."""
