"""``migrate`` and ``keys`` on a real database, and on one that cannot be reached."""

from pathlib import Path

import msgspec
import pytest
from program_process import invoke

from storage.keys.api_keys import ApiKeys
from storage.postgres.database import open_database


async def test_migrate_brings_the_schema_up_to_date_once(tmp_path: Path, empty_dsn: str) -> None:
    pending = await invoke("migrate", "--status", cwd=tmp_path, DATABASE_URL=empty_dsn)
    assert pending.code == 1
    assert "0001 pending  access" in pending.out
    first = await invoke("migrate", cwd=tmp_path, DATABASE_URL=empty_dsn)
    assert first.code == 0
    assert "applied 0001_access" in first.out
    again = await invoke("migrate", cwd=tmp_path, DATABASE_URL=empty_dsn)
    assert (again.code, again.out) == (0, "the schema is up to date\n")
    status = await invoke("migrate", "--status", cwd=tmp_path, DATABASE_URL=empty_dsn)
    assert status.code == 0
    assert "pending" not in status.out


async def test_a_key_is_made_listed_and_taken_back(tmp_path: Path, dsn: str) -> None:
    made = await invoke("keys", "create", "the widget", "--scope", "realtime", cwd=tmp_path, DATABASE_URL=dsn)
    assert made.code == 0
    key = made.out.strip()
    async with await open_database(dsn) as database:
        record = await ApiKeys(database).verify(key)
        assert record is not None
        assert (record.name, record.scopes) == ("the widget", ("realtime",))
        listed = await invoke("keys", "list", "--json", cwd=tmp_path, DATABASE_URL=dsn)
        assert [entry["id"] for entry in msgspec.json.decode(listed.out)] == [record.id]
        shown = await invoke("keys", "list", cwd=tmp_path, DATABASE_URL=dsn)
        assert record.id in shown.out
        assert key not in shown.out + listed.out
        revoked = await invoke("keys", "revoke", record.id, cwd=tmp_path, DATABASE_URL=dsn)
        assert (revoked.code, revoked.out) == (0, f"{record.id} is revoked\n")
        assert await ApiKeys(database).verify(key) is None
    again = await invoke("keys", "revoke", record.id, cwd=tmp_path, DATABASE_URL=dsn)
    assert again.code == 1
    assert again.err.startswith(f"error: There is no key {record.id}")


async def test_an_unknown_scope_is_wrong_usage(tmp_path: Path, dsn: str) -> None:
    result = await invoke("keys", "create", "x", "--scope", "everything", cwd=tmp_path, DATABASE_URL=dsn)
    assert result.code == 2
    assert "realtime, read, write, supervise, send, admin" in result.err


async def test_a_key_without_a_name_is_wrong_usage(tmp_path: Path, dsn: str) -> None:
    result = await invoke("keys", "create", " ", cwd=tmp_path, DATABASE_URL=dsn)
    assert result.code == 2
    assert "A key needs a name" in result.err


@pytest.mark.parametrize("arguments", [("migrate",), ("migrate", "--status"), ("keys", "list")])
async def test_a_database_out_of_reach_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    url = "postgresql://user:very-secret@127.0.0.1:1/name"
    result = await invoke(*arguments, cwd=tmp_path, DATABASE_URL=url)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("error: ")
    assert "very-secret" not in result.err
