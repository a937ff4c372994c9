"""Syncs, conflicts and dead letters as tables."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent_server.cli.syncing.progress import figures
from crm.advice import told
from crm.sync.standing import PlatformStatus, SyncHealth
from storage.crm.conflicts import ConflictRow
from storage.crm.dead_letters import DeadLetter
from storage.crm.sync_runs import SyncRun

_ANY_WIDTH = 10_000


def show_json(rows: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(rows)).decode())


def show_runs(runs: Iterable[SyncRun]) -> None:
    _show(
        ("started", "platform", "what", "status", "seconds", "contacts", "errors"),
        (
            (
                _at(run.started_at or run.created_at),
                run.platform,
                f"{run.operation}, {run.mode}, {run.trigger}",
                run.status,
                "" if run.duration_seconds is None else f"{run.duration_seconds:.1f}",
                f"{run.contacts_processed} read, {figures(run)}",
                ", ".join(f"{error['code']} ({error['count']})" for error in run.errors),
            )
            for run in runs
        ),
    )


def show_advice(run: SyncRun) -> None:
    """What to do about what went wrong, beside the table."""
    for error in run.errors:
        print(told(run.platform, error["code"]), file=sys.stderr)


def show_standing(platforms: Iterable[PlatformStatus], health: SyncHealth) -> None:
    _show(
        ("platform", "state", "last sync", "read", "waiting in/out", "conflicts", "dead letters", "webhook"),
        (
            (
                row.platform,
                row.status if row.connected else "not connected",
                _at(row.last_sync_at) if row.last_sync_at else "",
                str(row.contacts_processed),
                f"{row.waiting_in}/{row.waiting_out}",
                str(row.open_conflicts),
                str(row.dead_letters),
                row.webhook or "",
            )
            for row in platforms
        ),
    )
    for line in (health.health_status, *health.problems):
        print(line)


def show_conflicts(conflicts: Iterable[ConflictRow]) -> None:
    _show(
        ("id", "field", "kind", "here", "there", "holds", "contact"),
        (
            (
                row.id,
                row.field,
                row.kind,
                _value(row.local_value),
                _value(row.remote_value),
                row.winner,
                row.contact_id,
            )
            for row in conflicts
        ),
    )


def show_dead_letters(letters: Iterable[DeadLetter]) -> None:
    _show(
        ("key", "reason", "attempts", "state", "what"),
        ((letter.key, letter.reason, str(letter.attempts), letter.state, _value(letter.payload)) for letter in letters),
    )


def _show(names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A line each; where the terminal is too narrow for that a block each, with a line for each value, so that nothing
    is cut or broken and ids can be copied."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=True)
    listed = [tuple(row) for row in rows]
    for row in listed:
        table.add_row(*map(Text, row))
    console = Console()
    needed = console.measure(table, options=console.options.update(width=_ANY_WIDTH)).maximum
    if not listed:
        print("none")
    elif console.is_terminal and needed > console.width:
        _show_blocks(console, names, listed)
    else:
        Console(width=needed).print(table)


def _show_blocks(console: Console, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    label = max(map(len, names))
    for row in rows:
        for name, value in zip(names, row, strict=True):
            if value:
                console.print(Text(f"{name:>{label}}  {value}"), soft_wrap=True)
        console.print()


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={part}" for name, part in value.items())
    return "" if value is None else str(value)
