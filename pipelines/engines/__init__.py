"""Engines that run in a process of their own: CPU-bound work stays off the event loop, licences at arm's length.

``supervisor`` keeps such a process alive and carries messages to and from it, ``child`` is the other end of the pipe,
``*_process`` are the programs that run there, ``*_messages`` what is said between the two. A program imports nothing of
ours but its messages and ``child``, so that it starts in well under half a second.
"""
