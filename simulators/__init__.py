"""The outside world, offline: providers over their true wire protocols. Imports nothing of ours."""
