"""What a conversation uses of speech providers, and what it costs."""
