"""Where recordings of conversations for replay lie."""

import re
from pathlib import Path

_ID = re.compile(r"[A-Za-z0-9_]{1,100}")


def recordings_of(directory: Path | None, conversation_id: str) -> list[Path]:
    """One file a connection, oldest first. The door names them ``<conversation>-<prefix of its ids>.jsonl``."""
    if directory is None or not _ID.fullmatch(conversation_id):
        return []
    return sorted(directory.glob(f"{conversation_id}-*.jsonl"), key=lambda path: path.stat().st_mtime)
