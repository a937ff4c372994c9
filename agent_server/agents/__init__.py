"""The agents of this process, their runs, and the tools they share with conversations."""
