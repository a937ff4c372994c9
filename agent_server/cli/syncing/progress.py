"""A sync's progress on the terminal: a bar where there is one, a line for each phase where there is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from storage.crm.sync_runs import SyncRun


class Show(Protocol):
    def __call__(self, run: "SyncRun") -> None: ...


@contextmanager
def progress(console: Console) -> Iterator[Show]:
    """What to call with each state of the run."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("queued", total=None, figures="")

        def show(run: "SyncRun") -> None:
            bar.update(
                task,
                description=f"{run.platform}: {run.phase or run.status}",
                completed=run.contacts_processed,
                total=run.total,
                figures=figures(run),
            )

        yield show


def figures(run: "SyncRun") -> str:
    """What the run did so far, in a few words."""
    failed = f", {run.contacts_failed} failed" if run.contacts_failed else ""
    return f"{run.contacts_created} new, {run.contacts_updated} changed{failed}"


def _lines(console: Console) -> Show:
    shown: tuple[str, str] | None = None

    def show(run: "SyncRun") -> None:
        nonlocal shown
        if shown != (run.status, run.phase):
            shown = (run.status, run.phase)
            console.print(f"{run.platform}: {run.phase or run.status}, {run.contacts_processed} read", highlight=False)

    return show
