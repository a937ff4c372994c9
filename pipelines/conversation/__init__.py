"""The conversation: a core that decides without I/O, and the runner that carries its actions out."""
