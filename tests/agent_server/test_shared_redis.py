"""One client for all who share it, made by the first who wants it."""

import asyncio

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from agent_server.shared_redis import DEADLINES, SharedRedis


async def test_all_who_ask_at_once_get_the_same_client() -> None:
    shared = SharedRedis(None)
    clients = await asyncio.gather(*(shared() for _ in range(5)))
    assert len({id(client) for client in clients}) == 1
    await clients[0].set("key", "value")
    assert await (await shared()).get("key") == b"value"
    await shared.aclose()


async def test_one_that_nobody_wanted_has_nothing_to_close() -> None:
    await SharedRedis("redis://127.0.0.1:1").aclose()


async def test_one_that_takes_the_line_and_says_nothing_is_waited_for_no_longer_than_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setitem(DEADLINES, "socket_timeout", 0.1)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    shared = SharedRedis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server, asyncio.timeout(2):
        with pytest.raises(RedisTimeoutError):
            await (await shared()).get("key")
        await shared.aclose()
