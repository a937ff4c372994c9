"""Where the demo keeps its data: a directory of its own, for one demo at a time."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from agent_server.cli.outcome import CommandError

MARK: Final = "demo.json"
LOCK: Final = "demo.lock"


class Mark(Struct, frozen=True):
    """What makes a directory a demo's. ``filled``: the day's beginning is there. ``days``: how often it was begun."""

    filled: bool = False
    days: int = 0


@contextmanager
def claimed(directory: Path) -> Iterator[Path]:
    """The directory, for this process alone. Raises CommandError for one that is another program's, or taken."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise CommandError(f"{directory} cannot be used ({error.strerror}); give another --data-dir.") from error
    if names and not names & {MARK, LOCK}:
        raise CommandError(f"{directory} holds something else than a demo; give another --data-dir.")
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(f"A demo runs with {directory} already; give another --data-dir.") from error
        yield directory


def read_mark(directory: Path) -> Mark:
    try:
        return msgspec.json.decode((directory / MARK).read_bytes(), type=Mark)
    except (OSError, msgspec.MsgspecError):
        return Mark()


def write_mark(directory: Path, mark: Mark) -> None:
    (directory / MARK).write_bytes(msgspec.json.encode(mark))


def emptied(directory: Path) -> None:
    """All of it, but what holds it. Raises OSError."""
    for path in directory.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
