"""A database of before the first release is taken as it is, or refused with what to do; never made a second time."""

import hashlib
import logging

import asyncpg
import pytest

import storage.postgres.folded
from storage.errors import MigrationError
from storage.postgres.folded import FOLDED
from storage.postgres.migrate import load_migrations, make_migration, migrate, migration_status

NOTES = [(1, "conversations", "a1"), (2, "api_keys", "b2"), (682, "client_secrets_begin_so_many", "c3")]
NEXT = make_migration(FOLDED + 1, "next", "CREATE TABLE next (id int)")


async def note_as_before(dsn: str, notes: list[tuple[int, str, str]]) -> None:
    """The schema is there, and is said to be made by other files."""
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute("DELETE FROM schema_migrations")
    await connection.executemany("INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", notes)
    await connection.execute(
        "INSERT INTO leads (id, company_name, created_at, updated_at) VALUES (gen_random_uuid(), 'Acme', now(), now())"
    )
    await connection.close()


async def companies(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row["company_name"] for row in await connection.fetch("SELECT company_name FROM leads")]
    finally:
        await connection.close()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256("".join(f"{number}:{checksum}\n" for number, _, checksum in NOTES).encode()).hexdigest()
    monkeypatch.setattr(storage.postgres.folded, "_DIGEST", digest)


async def test_it_is_noted_as_up_to_date_once_and_keeps_its_rows(
    empty_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    await note_as_before(empty_dsn, NOTES)
    wanted = [*load_migrations(), NEXT]
    states = [(status.number, status.state) for status in await migration_status(empty_dsn, wanted)]
    assert states == [*((number, "applied") for number in range(1, FOLDED + 1)), (NEXT.number, "pending")]
    with caplog.at_level(logging.INFO):
        assert await migrate(empty_dsn, wanted) == [NEXT]
        assert await migrate(empty_dsn, wanted) == []
    assert caplog.text.count("made before the first release") == 1
    assert {status.state for status in await migration_status(empty_dsn, wanted)} == {"applied"}
    assert await companies(empty_dsn) == ["Acme"]


@pytest.mark.parametrize(
    "notes",
    [NOTES[:2], [*NOTES[:2], (682, "client_secrets_begin_so_many", "other")], [*NOTES, (700, "of_a_branch", "d4")]],
    ids=["a step behind", "another text", "more than is known"],
)
async def test_one_that_is_not_just_that_is_refused_and_left_alone(
    empty_dsn: str, notes: list[tuple[int, str, str]]
) -> None:
    await note_as_before(empty_dsn, notes)
    for look in (migrate, migration_status):
        with pytest.raises(MigrationError) as caught:
            await look(empty_dsn)
        assert caught.value.code == "migration_too_old"
        assert "DATA_DIR" in str(caught.value)
    assert await companies(empty_dsn) == ["Acme"]
