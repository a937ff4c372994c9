"""Keys of those who use the server."""
