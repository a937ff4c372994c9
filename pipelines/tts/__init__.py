"""Text to speech: one port, one file per provider."""
