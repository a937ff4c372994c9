"""Calls by LiveKit: a worker that is given rooms, over many machines, and the conversation in each."""
