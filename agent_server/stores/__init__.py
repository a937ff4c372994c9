"""What a process keeps things in, opened and watched."""
