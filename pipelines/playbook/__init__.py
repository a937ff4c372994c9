"""Rules that hold a sales conversation without a model: the embedded default, and the last fallback."""
