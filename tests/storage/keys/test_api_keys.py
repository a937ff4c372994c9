import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import StorageError
from storage.keys.api_keys import KEY_PREFIX, ApiKeys, shown_prefix
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(database, clock) -> ApiKeys:
    return ApiKeys(database, cache_ttl_s=10, now=clock.now, monotonic_s=clock.monotonic_s)


@pytest.fixture
def elsewhere(database, clock) -> ApiKeys:
    """The same keys as another process sees them."""
    return ApiKeys(database, cache_ttl_s=10, now=clock.now, monotonic_s=clock.monotonic_s)


async def test_a_key_is_shown_once_and_verified_by_its_hash(keys, database):
    issued = await keys.create("website", scopes=["conversations", "leads"])
    assert issued.key.startswith(KEY_PREFIX)
    assert len(issued.key) > 45
    record = await keys.verify(issued.key)
    assert (record.id, record.name, record.scopes) == (issued.record.id, "website", ("conversations", "leads"))
    assert (record.allows("leads"), record.allows("keys")) == (True, False)
    stored = await database.fetch_all(Query("all", "SELECT api_keys::text AS row FROM api_keys"))
    assert len(stored) == 1
    assert issued.key not in stored[0]["row"]
    assert issued.key.startswith(record.prefix)
    assert len(record.prefix) < 16


async def test_the_default_is_every_right(keys):
    assert (await keys.create("all")).record.allows("anything")


@pytest.mark.parametrize("key", ["", "sk_sales_nope", "x" * 100_000, "\ud800", "nul\0"])
async def test_unknown_keys(keys, key):
    assert await keys.verify(key) is None


async def test_a_known_key_costs_no_query_while_its_answer_is_recent(keys, database, clock):
    key = (await keys.create("k")).key
    assert await keys.verify(key)
    await database.aclose()
    clock.passed_s = 9.9
    assert await keys.verify(key)
    clock.passed_s = 10
    with pytest.raises(StorageError):
        await keys.verify(key)


async def test_an_unknown_key_costs_one_query_in_a_while(keys, database):
    assert await keys.verify("sk_sales_guess") is None
    await database.aclose()
    assert await keys.verify("sk_sales_guess") is None


async def test_revoking_counts_at_once_here_and_within_the_ttl_elsewhere(keys, elsewhere, clock):
    issued = await keys.create("k")
    assert await keys.verify(issued.key)
    assert await elsewhere.verify(issued.key)
    assert await keys.revoke(issued.record.id)
    assert await keys.verify(issued.key) is None
    clock.passed_s = 10
    assert await elsewhere.verify(issued.key) is None
    assert not await keys.revoke(issued.record.id)
    assert not await keys.revoke("key_unknown")


async def test_an_answer_asked_for_before_a_revocation_is_not_kept(keys, monkeypatch):
    issued = await keys.create("k")
    fetch_one = keys._database.fetch_one

    async def slow(*args, **params):
        row = await fetch_one(*args, **params)
        await keys.revoke(issued.record.id)
        return row

    monkeypatch.setattr(keys._database, "fetch_one", slow)
    assert await keys.verify(issued.key)  # it was good when it was read
    monkeypatch.undo()
    assert await keys.verify(issued.key) is None


async def test_the_last_use_is_noted_once_a_minute(keys, clock):
    issued = await keys.create("k")
    seen = []
    for passed_s in (0, 30, 70):
        clock.passed_s = passed_s
        await keys.verify(issued.key)
        seen.append((await keys.list()).items[0].last_used_at)
    assert seen == [NOW, NOW, NOW + timedelta(seconds=70)]


async def test_a_revoked_key_is_not_used(keys):
    issued = await keys.create("k")
    await keys.revoke(issued.record.id)
    await keys.verify(issued.key)
    record = (await keys.list()).items[0]
    assert (record.last_used_at, record.revoked_at) == (None, NOW)


async def test_the_list_is_newest_first_and_paged(keys, clock):
    for number in range(5):
        clock.passed_s = number // 2  # some at the same time
        await keys.create(f"k{number}")
    first = await keys.list(limit=3)
    second = await keys.list(limit=3, cursor=first.next_cursor)
    assert second.next_cursor is None
    names = [record.name for record in first.items + second.items]
    assert sorted(names) == [f"k{number}" for number in range(5)]
    times = [record.created_at for record in first.items + second.items]
    assert times == sorted(times, reverse=True)


async def test_the_operators_own_key(keys, elsewhere):
    assert await keys.verify("my-own-secret-key") is None
    record = await keys.ensure_first_key("my-own-secret-key")
    assert record.allows("anything")
    assert (await keys.verify("my-own-secret-key")).id == record.id
    again = await asyncio.gather(*(elsewhere.ensure_first_key("my-own-secret-key") for _ in range(4)))
    assert {each.id for each in again} == {record.id}


async def test_the_operators_own_key_stays_revoked(keys):
    record = await keys.ensure_first_key("my-own-secret-key")
    await keys.revoke(record.id)
    assert (await keys.ensure_first_key("my-own-secret-key")).revoked_at == NOW
    assert await keys.verify("my-own-secret-key") is None


@pytest.mark.parametrize(
    ("key", "shown"),
    [("sk_sales_abcdefghijklmnopqrstuvwxyz", "sk_sales_abcde"), ("secret", "s"), ("x" * 40, "xxxx"), ("a", "")],
)
def test_what_lists_show(key, shown):
    assert shown_prefix(key) == shown
