"""The keys that encrypt and sign what leaves this process, newest first, by comma: the operator's, else our own."""

import os
from pathlib import Path

from agent_server.settings import ProcessSettings
from crm.vault import generate_key

ENCRYPTION_KEY_FILE = "encryption-key"


def encryption_keys(process: ProcessSettings) -> str:
    """Raises OSError when there is none and none can be kept."""
    return process.encryption_key or _own_encryption_key(process.data_dir)


def _own_encryption_key(data_dir: Path) -> str:
    """The key of a server nobody gave one, kept in the data directory for its owner alone; of several processes that
    start at once one makes it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / ENCRYPTION_KEY_FILE
    draft = data_dir / f".{ENCRYPTION_KEY_FILE}.{os.getpid()}"
    if not path.exists():
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(generate_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
