"""One client for all who share it, made by the first who wants it."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from agent_server.stores.shared_redis import DEADLINES, SharedRedis


async def test_all_who_ask_at_once_get_the_same_client() -> None:
    shared = SharedRedis(None)
    clients = await asyncio.gather(*(shared() for _ in range(5)))
    assert len({id(client) for client in clients}) == 1
    await clients[0].set("key", "value")
    assert await (await shared()).get("key") == b"value"
    await shared.aclose()


@pytest.mark.parametrize("steps", range(12))
async def test_who_is_cancelled_while_it_asks_is_cancelled_whatever_the_moment(steps: int) -> None:
    shared = SharedRedis(None)
    redis = await shared()
    await redis.set("key", "value")

    async def ask_and_wait() -> None:
        await redis.get("key")
        await asyncio.Event().wait()

    asking = asyncio.create_task(ask_and_wait())
    for _ in range(steps):
        await asyncio.sleep(0)
    asking.cancel()
    done, _ = await asyncio.wait([asking], timeout=1)
    assert asking in done
    await shared.aclose()


async def test_one_that_nobody_wanted_has_nothing_to_close() -> None:
    await SharedRedis("redis://127.0.0.1:1").aclose()


async def test_one_that_takes_the_line_and_says_nothing_is_waited_for_no_longer_than_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        await reader.read()
        writer.close()

    monkeypatch.setitem(DEADLINES, "socket_timeout", 0.1)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    shared = SharedRedis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server, asyncio.timeout(2):
        with pytest.raises(RedisTimeoutError):
            await (await shared()).get("key")
        await shared.aclose()
    assert lines == 1, "silence is not tried again"


async def test_a_line_that_is_cut_is_made_anew_once() -> None:
    lines = 0

    async def cutting(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        writer.close()

    server = await asyncio.start_server(cutting, "127.0.0.1", 0)
    shared = SharedRedis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server, asyncio.timeout(2):
        with pytest.raises(RedisConnectionError):
            await (await shared()).get("key")
        await shared.aclose()
    assert 2 <= lines <= 4, "once for the line and once for what is asked on it"
