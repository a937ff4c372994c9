"""Says in plain words why PostgreSQL did not start, from what it printed."""

from pathlib import Path

from storage.errors import EmbeddedDatabaseError

# What PostgreSQL or the system prints -> code, what to do, retryable. The first match wins.
_CAUSES: tuple[tuple[str, str, str, bool], ...] = (
    ("No space left on device", "database_disk_full", "The disk is full: free some space.", True),
    ("Disk quota exceeded", "database_disk_full", "The disk quota is used up: free some space.", True),
    ("Read-only file system", "data_dir_read_only", "The file system is read-only: choose another DATA_DIR.", False),
    (
        "Permission denied",
        "data_dir_not_accessible",
        "The server's user may not use it: correct its owner and mode, or choose another DATA_DIR.",
        False,
    ),
    ("has wrong ownership", "data_dir_not_accessible", "It belongs to another user: correct its owner.", False),
    ("has invalid permissions", "data_dir_not_accessible", "Only its owner may have access: chmod 700.", False),
    ("incompatible with server", "database_version_mismatch", "Another version of PostgreSQL made it.", False),
    ("is still in use", "database_in_use", "Processes of an earlier server are still running on it.", True),
    ("Cannot allocate memory", "database_out_of_memory", "There is too little memory.", True),
    ("shared memory segment", "database_out_of_memory", "There is too little shared memory.", True),
    ("invalid primary checkpoint record", "database_damaged", "Its files are damaged: restore a backup.", False),
    ("could not locate a valid checkpoint", "database_damaged", "Its files are damaged: restore a backup.", False),
)


def diagnosis(output: str, what: str, directory: Path) -> EmbeddedDatabaseError:
    """The error for ``what`` failed (a clause without full stop) with this ``output``, in ``directory``."""
    for sign, code, advice, retryable in _CAUSES:
        if sign in output:
            return EmbeddedDatabaseError(code, f"{what}. {advice} (data directory: {directory})", retryable=retryable)
    lines = [line for line in output.splitlines() if line.strip()]
    last = f" Last words: {lines[-1].strip()}" if lines else ""
    return EmbeddedDatabaseError("database_start_failed", f"{what} (data directory: {directory}).{last}")
