"""Voice activity: which moments of a caller's audio hold a voice."""
