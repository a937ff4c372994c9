"""State that processes share, in Redis or in this one."""
