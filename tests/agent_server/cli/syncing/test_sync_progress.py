"""A running sync on the terminal: a bar where there is one, lines where there is not."""

import io
from datetime import UTC, datetime

import msgspec
from rich.console import Console

from agent_server.cli.syncing.progress import progress
from storage.crm.sync_runs import SyncRun

RUN = SyncRun(
    id="sync_1",
    platform="close",
    operation="bidirectional",
    mode="incremental",
    trigger="manual",
    filters={},
    status="running",
    phase="listing",
    total=200,
    contacts_processed=50,
    contacts_created=40,
    contacts_updated=3,
    contacts_failed=2,
    errors=[],
    created_at=datetime(2030, 1, 1, tzinfo=UTC),
    started_at=None,
    heartbeat_at=None,
    completed_at=None,
    duration_seconds=None,
)


def test_a_bar_moves_with_what_is_done() -> None:
    said = io.StringIO()
    console = Console(file=said, force_terminal=True, width=120)
    with progress(console) as show:
        show(RUN)
        show(msgspec.structs.replace(RUN, contacts_processed=150))
    text = said.getvalue()
    assert "close: listing" in text
    assert "150/200" in text
    assert "━" in text
    assert "40 new, 3 changed, 2 failed" in text


def test_without_a_terminal_each_phase_is_a_line() -> None:
    said = io.StringIO()
    with progress(Console(file=said, width=120)) as show:
        for run in (RUN, RUN, msgspec.structs.replace(RUN, phase="inbox", contacts_processed=200)):
            show(run)
    assert said.getvalue() == "close: listing, 50 read\nclose: inbox, 200 read\n"
