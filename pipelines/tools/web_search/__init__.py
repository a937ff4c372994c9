"""Searching the web: a port, and its providers. Without one the tool is not offered."""
