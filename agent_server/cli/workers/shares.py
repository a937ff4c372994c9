"""What of a server's limits each of its processes gets. Pure."""

from agent_server.settings import ProcessSettings, SettingsError


def conversation_shares(process: ProcessSettings, workers: int) -> list[int | None]:
    """MAX_CONVERSATIONS for each process: the whole divided as evenly as it goes, or each one's own default.

    Raises SettingsError when there is less than one for each.
    """
    total = process.max_conversations
    if total is None:
        return [None] * workers
    if total < workers:
        raise SettingsError([f"MAX_CONVERSATIONS={total} cannot be divided among {workers} processes."])
    each, rest = divmod(total, workers)
    return [each + (number < rest) for number in range(workers)]
