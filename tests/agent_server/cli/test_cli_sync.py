"""``sales-agent sync``: started, watched and tidied up from a terminal."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from close_server import CloseServer, serving_close
from program_process import Result, invoke, run

from crm.contact import ContactFields
from crm.sync.edits import ContactEdits
from crm.sync.store import SyncStore, sync_store
from storage.crm.conflicts import ConflictRow, add_conflicts
from storage.crm.dead_letters import bury
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query

HINTS = Query(
    "hints", "SELECT args ->> 'platform' AS platform FROM procrastinate_jobs WHERE task_name = 'crm_sync_changes'"
)


@pytest.fixture
async def close() -> AsyncIterator[CloseServer]:
    async with serving_close() as running:
        yield running


class Shell:
    """The program beside a database, with Close's key or without."""

    def __init__(self, directory: Path, dsn: str, close: CloseServer) -> None:
        self.directory = directory
        self.dsn = dsn
        self.close = close

    async def __call__(self, *arguments: str, own_process: bool = False, **environment: str) -> Result:
        """``own_process``: for a sync that begins, which takes signals."""
        settings = {**self.close.settings, "DATABASE_URL": self.dsn, **environment}
        way = run if own_process else invoke
        return await way("sync", *arguments, cwd=self.directory, **settings)


@pytest.fixture
def shell(tmp_path: Path, dsn: str, close: CloseServer) -> Shell:
    return Shell(tmp_path, dsn, close)


@pytest.fixture
def store(database: Database) -> SyncStore:
    return sync_store(database)


async def test_a_sync_is_done_here_where_there_is_no_worker(shell: Shell, close: CloseServer, store: SyncStore) -> None:
    for number in range(3):
        close.make(f"Ada Number{number}", f"ada{number}@example.com", "Acme")
    result = await shell("run", "close", own_process=True)
    assert result.code == 0, result.err
    assert "completed" in result.out
    assert "3 new" in result.out
    assert "close: queued" in result.err
    assert {row.email for row in (await store.contacts.list()).items} == close.emails()
    listed = await shell("history", "--json")
    (entry,) = msgspec.json.decode(listed.out)
    assert (entry["status"], entry["contacts_created"], entry["trigger"]) == ("completed", 3, "manual")


async def test_how_it_stands(shell: Shell) -> None:
    listed = await shell("status")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == [
        "platform",
        "close",
        "apollo",
        "linkedin",
        "degraded",
        "no",
    ]
    assert "no worker runs" in listed.out
    told = msgspec.json.decode((await shell("status", "--json")).out)
    assert [row["connected"] for row in told["platforms"]] == [True, False, False]
    assert told["health"]["configured_platforms"] == ["close"]


async def test_what_cannot_be_asked_for_is_one_clear_line(shell: Shell) -> None:
    unknown = await shell("run", "apollo")
    assert (unknown.code, unknown.err.strip()) == (1, "error: There is no key for apollo: set APOLLO_API_KEY.")
    wrong = await shell("run", "close", "--query", "Ada", "--email", "ada@example.com")
    assert (wrong.code, wrong.err.strip()) == (1, "error: one kind of filter at a time")


async def test_a_wrong_key_ends_with_1_and_its_code(shell: Shell) -> None:
    result = await shell("run", "close", own_process=True, CLOSE_API_KEY="wrong-key-of-close")
    assert result.code == 1
    assert "credentials_refused" in result.out
    assert "or set CLOSE_API_KEY" in result.err
    assert "wrong-key-of-close" not in result.out + result.err


async def test_dead_letters_are_listed_replayed_and_discarded(shell: Shell, store: SyncStore) -> None:
    keys = []
    async with store.database.transaction() as transaction:
        for number in range(3):
            payload = {"inbox": "contact", "external_id": f"cont_{number}"}
            about = {"reason": "unexpected_answer", "payload": payload, "attempts": 10}
            keys.append(await bury(transaction, "close", **about, now=utc_now()))  # type: ignore[arg-type]
    listed = await shell("dead-letters", "list")
    assert all(key in listed.out for key in keys)
    assert "unexpected_answer" in listed.out
    assert (await shell("dead-letters", "replay", keys[0])).out.strip() == "1 replayed"
    told = await store.database.fetch_all(HINTS)
    assert [row["platform"] for row in told] == ["close"], "no other platform has anything to do"
    assert [entry.external_id for entry in await store.inbox.due("close", now=utc_now(), rows=9)] == ["cont_0"]
    again = await shell("dead-letters", "replay", keys[0])
    assert again.code == 1
    assert keys[0] in again.err
    assert (await shell("dead-letters", "discard", "--all")).out.strip() == "2 discarded"
    assert (await store.dead_letters.list(state="dead")).items == ()
    assert (await shell("dead-letters", "discard")).code == 2


async def test_conflicts_are_listed_and_resolved(shell: Shell, store: SyncStore) -> None:
    contact = await ContactEdits(store, utc_now).create(ContactFields(email="theirs@example.com"))
    conflict = ConflictRow(
        id="conflict_1",
        platform="close",
        contact_id=contact.id,
        field="email",
        kind="both_changed",
        local_value="ours@example.com",
        remote_value="theirs@example.com",
        winner="remote",
        critical=True,
        state="open",
        created_at=utc_now(),
    )
    async with store.database.transaction() as transaction:
        await add_conflicts(transaction, [conflict])
    listed = await shell("conflicts", "list")
    assert "ours@example.com" in listed.out
    assert "theirs@example.com" in listed.out
    assert (await shell("conflicts", "resolve", "conflict_1", "value")).code == 2
    assert (await shell("conflicts", "resolve", "conflict_1", "local")).code == 0
    assert (await shell("conflicts", "resolve", "conflict_1", "local")).code == 1
    changed = await store.contacts.get(contact.id)
    assert changed is not None
    assert changed.email == "ours@example.com"
    assert (await store.backlogs.of(["close"]))["close"].waiting_out == 1
