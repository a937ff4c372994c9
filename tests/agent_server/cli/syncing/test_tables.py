"""What is listed is whole wherever it is read: in a wide terminal, in a narrow one, and in a file."""

from datetime import UTC, datetime

import pytest

from agent_server.cli.syncing.tables import show_conflicts
from storage.crm.conflicts import ConflictRow

CONFLICT = ConflictRow(
    id="conflict_34102b957912057d4e3df6b521ea3c85",
    platform="close",
    contact_id="contact_f7486bdf4e1f8178a5d33be831deaddd",
    field="email",
    kind="both_changed",
    local_value="ada@acme.example",
    remote_value="byron@acme.example",
    winner="local",
    critical=True,
    state="open",
    created_at=datetime(2030, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("FORCE_COLOR", "1")  # which rich takes for a terminal
    return monkeypatch


def test_in_a_file_a_row_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_conflicts([CONFLICT, CONFLICT])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "field", "kind", "here", "there", "holds", "contact"]
    assert [row.split() for row in rows] == 2 * [
        [CONFLICT.id, "email", "both_changed", "ada@acme.example", "byron@acme.example", "local", CONFLICT.contact_id]
    ]


@pytest.mark.parametrize(("columns", "lines"), [(80, 8), (200, 2)])
def test_in_a_terminal_a_row_is_a_line_where_it_fits(
    columns: int, lines: int, terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.setenv("COLUMNS", str(columns))
    show_conflicts([CONFLICT])
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == lines
    assert CONFLICT.id in shown
    assert CONFLICT.contact_id in shown


def test_nothing_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_conflicts([])
    assert capsys.readouterr().out == "none\n"
