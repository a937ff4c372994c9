"""Recordings of calls: written while they talk, encoded and stored afterwards, and let go in time."""
