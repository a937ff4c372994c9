"""What an import tells, while it runs and at its end. The API sends it as it stands here."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from msgspec import Struct

from agent_server.lead_import.lead_rows import RowError


class ImportStarted(Struct, frozen=True, kw_only=True, tag="started"):
    """How the file is read. ``columns``: the lead's field of each column; ``custom_columns`` are kept in `custom`.
    ``encoding_examples``: words of the file that show whether a guessed encoding is right; none where it is certain."""

    encoding: str
    encoding_examples: tuple[str, ...]
    delimiter: str
    columns: dict[str, str]
    custom_columns: tuple[str, ...]


class ImportProgress(Struct, frozen=True, kw_only=True, tag="progress"):
    """``rows`` is the sum of the fates; ``bytes`` of the file were read."""

    bytes: int
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int


class ImportRowError(RowError, frozen=True, kw_only=True, tag="error"):
    """A row that was not taken."""


class ImportReport(Struct, frozen=True, kw_only=True, tag="report"):
    """``rows`` is the sum of the fates. ``errors``: the first thousand; ``errors_left_off``: how many more. With
    ``dry_run`` nothing was written, and a row that repeats one of an earlier batch counts as created again.
    ``encoding_examples``: words of the file that show whether a guessed encoding is right; none where it is certain."""

    dry_run: bool
    encoding: str
    encoding_examples: tuple[str, ...]
    delimiter: str
    columns: dict[str, str]
    custom_columns: tuple[str, ...]
    bytes: int
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    duration_ms: float
    errors: list[RowError]
    errors_left_off: int


ImportEvent = ImportStarted | ImportProgress | ImportRowError | ImportReport
Tell = Callable[[Sequence[ImportEvent]], Awaitable[None]]


class ImportRefused(Exception):  # noqa: N818 - names the fact
    """The file as a whole is not what an import takes. ``code`` is stable."""

    def __init__(
        self, code: Literal["no_table", "no_header", "too_many_columns", "no_known_columns"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code
