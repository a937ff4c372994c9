"""Databases that were made before the first release, by the 87 files that its migrations were folded from.

One that all of them were applied to has just the schema that the folded ones make: they are noted as applied in their
stead. One that has only some of them is a step behind, and nothing here takes it. Pure. To be deleted once no such
database is left; no release made one.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from storage.errors import MigrationError

if TYPE_CHECKING:
    from asyncpg import Record

FOLDED = 24
"""The first migrations, in whose stead those were applied."""

_FIRST = (1, "conversations")
"""The first of those files; the first migration has another name."""

_DIGEST = "6c92438891d6a4e122a9fdf4abffcf73fb6ed8a50a5c9d4e155b9374858663e8"
"""Of all their numbers and checksums."""


def was_made_before(applied: Sequence["Record"]) -> bool:
    """Whether these are the notes of those files, and of nothing else. Raises MigrationError when some are missing."""
    if _FIRST not in ((note["number"], note["name"]) for note in applied):
        return False
    notes = sorted((note["number"], note["checksum"]) for note in applied)
    if hashlib.sha256("".join(f"{number}:{checksum}\n" for number, checksum in notes).encode()).hexdigest() != _DIGEST:
        raise MigrationError(
            "migration_too_old",
            "This database was made by a version before the first release, and not by the last of them. Start that one "
            "once (the last commit with a file storage/migrations/0682_client_secrets_begin_so_many.sql), or take "
            "another DATA_DIR or database.",
        )
    return True
