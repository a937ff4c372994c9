"""The key of a server nobody gave one: made at the first start, kept in the data directory for its owner's eyes."""

import os
from pathlib import Path

from storage.keys.secret_tokens import new_key

FILE_NAME = "api-key"


def read_own_key(data_dir: Path) -> str | None:
    """The key that a server on this machine made for itself; None when there is none to read."""
    try:
        return (data_dir / FILE_NAME).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def own_key(data_dir: Path) -> tuple[str, bool]:
    """The machine's own key, and whether it was made just now. Raises OSError when it can be neither read nor kept.

    Of several processes that start at once one makes it.
    """
    from storage.keys.api_keys import KEY_PREFIX  # noqa: PLC0415 - reading the key should not load a database client

    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / FILE_NAME
    made = new_key(KEY_PREFIX)
    draft = data_dir / f".{FILE_NAME}.{os.getpid()}"
    # Written whole under another name, then put in place unless there is one: nobody ever reads half a key.
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(made + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        found = path.read_text(encoding="ascii").strip()
        if found:
            return found, False
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return made, True
