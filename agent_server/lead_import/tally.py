"""What became of the rows so far. Pure."""

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import asdict

from agent_server.lead_import.events import ImportProgress, ImportReport, ImportRowError, ImportStarted
from agent_server.lead_import.lead_rows import RowError
from storage.leads.upsert import Fate

MAX_ERRORS_TOLD = 1_000
"""In the report; each is told as it is found, however many there are."""


class Tally:
    def __init__(self) -> None:
        self._fates: Counter[Fate] = Counter()
        self._failed = 0
        self._errors: list[RowError] = []

    @property
    def rows(self) -> int:
        return self._fates.total() + self._failed

    def count(self, fates: Iterable[Fate]) -> None:
        self._fates.update(fates)

    def refuse(self, error: RowError) -> ImportRowError:
        self._failed += 1
        if len(self._errors) < MAX_ERRORS_TOLD:
            self._errors.append(error)
        return ImportRowError(**asdict(error))

    def progress(self, read_bytes: int) -> ImportProgress:
        return ImportProgress(
            bytes=read_bytes,
            rows=self.rows,
            created=self._fates["created"],
            updated=self._fates["updated"],
            unchanged=self._fates["unchanged"],
            skipped=self._fates["skipped"],
            failed=self._failed,
        )

    def report(self, started: ImportStarted, read_bytes: int, *, dry_run: bool, seconds: float) -> ImportReport:
        return ImportReport(
            **asdict(started),
            **asdict(self.progress(read_bytes)),
            dry_run=dry_run,
            duration_ms=round(seconds * 1000, 1),
            errors=self._errors,
            errors_left_off=self._failed - len(self._errors),
        )
