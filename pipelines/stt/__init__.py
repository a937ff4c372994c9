"""Speech to text: one port, one file per provider."""
