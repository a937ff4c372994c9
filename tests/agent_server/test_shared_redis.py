"""One client for all who share it, made by the first who wants it."""

import asyncio

from agent_server.shared_redis import SharedRedis


async def test_all_who_ask_at_once_get_the_same_client() -> None:
    shared = SharedRedis(None)
    clients = await asyncio.gather(*(shared() for _ in range(5)))
    assert len({id(client) for client in clients}) == 1
    await clients[0].set("key", "value")
    assert await (await shared()).get("key") == b"value"
    await shared.aclose()


async def test_one_that_nobody_wanted_has_nothing_to_close() -> None:
    await SharedRedis("redis://127.0.0.1:1").aclose()
