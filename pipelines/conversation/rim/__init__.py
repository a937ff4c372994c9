"""Carries out what the core decides, and tells it what happened: sockets, tasks, timers, the clock."""
