"""What ``sales-agent import`` shows: a bar while it runs, a table when it is done."""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent_server.lead_import.events import ImportEvent, ImportReport, Tell

_ERRORS_SHOWN = 20


@contextmanager
def told(total: int | None, errors: Path | None) -> "Iterator[Tell]":
    """Shows the progress through ``total`` bytes on a terminal, and writes every error to ``errors`` as CSV."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from agent_server.lead_import.events import ImportProgress, ImportRowError

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with ExitStack() as stack:
        rows = None
        if errors is not None:
            rows = csv.writer(stack.enter_context(errors.open("w", encoding="utf-8", newline="")))
            rows.writerow(("line", "code", "column", "message"))
        progress = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
        bar = progress.add_task("importing", total=total)

        async def tell(events: "Sequence[ImportEvent]") -> None:
            for event in events:
                match event:
                    case ImportProgress():
                        text = f"{event.rows} rows, {event.failed} not taken"
                        progress.update(bar, completed=event.bytes, description=text)
                    case ImportRowError() if rows is not None:
                        rows.writerow((event.line, event.code, event.column or "", event.message))
                    case _:
                        pass

        yield tell


def show(report: "ImportReport", *, json: bool) -> None:
    if json:
        import msgspec

        print(msgspec.json.encode(report).decode())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for error in report.errors[:_ERRORS_SHOWN]:
        where = f"line {error.line}, {error.column}" if error.column else f"line {error.line}"
        print(f"{where}: {error.message} ({error.code})", file=sys.stderr)
    if report.failed > _ERRORS_SHOWN:
        print(f"... and {report.failed - _ERRORS_SHOWN} more; --errors FILE keeps them all", file=sys.stderr)
    title = "dry run: nothing was written" if report.dry_run else None
    table = Table("rows", "created", "updated", "unchanged", "skipped", "not taken", "seconds", title=title)
    counts = (report.rows, report.created, report.updated, report.unchanged, report.skipped, report.failed)
    table.add_row(*map(str, counts), f"{report.duration_ms / 1000:.1f}")
    console.print(table)
    known = ", ".join(f"{column} → {field}" for column, field in report.columns.items())
    console.print(Text(f"columns: {known}"))
    if report.encoding_examples:
        words = ", ".join(report.encoding_examples)
        console.print(Text(f"letters: guessed to be {report.encoding} ({words}); if they are wrong, name --encoding"))
    if report.custom_columns:
        console.print(Text(f"kept in custom: {', '.join(report.custom_columns)}"))
