"""Under which keys a thread is kept on Redis; both have it in one hash tag."""

PREFIX = "agents:threads"


def keys_of_thread(thread_id: str, prefix: str = PREFIX) -> tuple[str, str]:
    """That of its checkpoints and that of their writes."""
    tag = f"{prefix}:{{{thread_id}}}"
    return f"{tag}:checkpoints", f"{tag}:writes"
