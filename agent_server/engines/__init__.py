"""The providers of speech and language, made from the settings."""
