"""A person beside live conversations: they follow, whisper, have words said, take over, end."""
