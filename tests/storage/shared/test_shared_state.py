"""Values that processes share: nothing is lost between rivals, and a lost Redis stops nobody."""

import asyncio
import logging

import fakeredis
import pytest
from msgspec import Struct

from storage.shared.state import SharedState


class Tally(Struct, frozen=True):
    count: int = 0


def one_more(tally: Tally) -> tuple[Tally, int]:
    return Tally(tally.count + 1), tally.count


async def test_rivals_count_every_change_once() -> None:
    server = fakeredis.FakeServer()
    processes = [SharedState(fakeredis.FakeAsyncRedis(server=server), deadline_s=10.0) for _ in range(4)]

    async def work(process: SharedState) -> list[int]:
        return [await process.update("tally", Tally(), one_more, ttl_s=60) for _ in range(10)]

    seen = await asyncio.gather(*(work(process) for process in processes))
    assert sorted(number for numbers in seen for number in numbers) == list(range(40))


async def test_a_value_lives_as_long_as_it_was_given() -> None:
    redis = fakeredis.FakeAsyncRedis()
    await SharedState(redis).update("tally", Tally(), one_more, ttl_s=30)
    assert 0 < await redis.pttl("tally") <= 30_000
    await redis.aclose()


async def test_an_unchanged_value_is_not_written() -> None:
    redis = fakeredis.FakeAsyncRedis()
    assert await SharedState(redis).update("tally", Tally(), lambda t: (t, "same"), ttl_s=30) == "same"
    assert not await redis.exists("tally")
    await redis.aclose()


async def test_without_redis_a_process_goes_on_from_what_it_last_knew(caplog: pytest.LogCaptureFixture) -> None:
    server = fakeredis.FakeServer()
    state = SharedState(fakeredis.FakeAsyncRedis(server=server), retry_s=0.0)
    await state.update("tally", Tally(), one_more, ttl_s=60)
    server.connected = False
    with caplog.at_level(logging.WARNING):
        assert [await state.update("tally", Tally(), one_more, ttl_s=60) for _ in range(3)] == [1, 2, 3]
    assert len(caplog.records) == 1
    server.connected = True
    assert await state.update("tally", Tally(), one_more, ttl_s=60) == 1
    server.connected = False
    assert await state.update("tally", Tally(), one_more, ttl_s=60) == 2
    assert len(caplog.records) == 2, "each outage is told of"


async def test_a_process_forgets_what_it_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.shared.state._MAX_LOCAL_KEYS", 2)
    server = fakeredis.FakeServer()
    state = SharedState(fakeredis.FakeAsyncRedis(server=server), retry_s=0.0)
    for key in ("a", "b", "a", "c"):
        await state.update(key, Tally(), one_more, ttl_s=60)
    server.connected = False
    assert [await state.update(key, Tally(), one_more, ttl_s=60) for key in ("a", "c", "b")] == [2, 1, 0]


async def test_rivals_without_end_stop_nobody() -> None:
    server = fakeredis.FakeServer()
    rival = fakeredis.FakeRedis(server=server)

    def decide(tally: Tally) -> tuple[Tally, int]:
        rival.set("tally", b'{"count": %d}' % (tally.count + 10))
        return one_more(tally)

    state = SharedState(fakeredis.FakeAsyncRedis(server=server), deadline_s=10.0)
    assert await state.update("tally", Tally(), decide, ttl_s=60) == 0


class SlowRedis(fakeredis.FakeAsyncRedis):
    """Never answers."""

    asked = 0

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "SlowRedis":  # type: ignore[override]
        self.asked += 1
        return self

    async def __aenter__(self) -> "SlowRedis":
        await asyncio.Event().wait()
        raise AssertionError

    async def __aexit__(self, *exc_info: object) -> None:
        return None


async def test_a_redis_that_hangs_costs_its_deadline_once() -> None:
    redis = SlowRedis()
    state = SharedState(redis, deadline_s=0.05, retry_s=60.0)
    assert [await state.update("tally", Tally(), one_more, ttl_s=60) for _ in range(20)] == list(range(20))
    assert redis.asked == 1


async def test_a_value_of_another_form_is_begun_anew() -> None:
    redis = fakeredis.FakeAsyncRedis()
    await redis.set("tally", b'{"count": "many"}')
    assert await SharedState(redis).update("tally", Tally(), one_more, ttl_s=60) == 0
    await redis.aclose()
