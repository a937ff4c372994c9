"""Heavy work waits for a quiet moment, and not for ever."""

import asyncio

from agent_server.capacity.quiet import quiet


async def waited_s(*, busy_s: float, after_s: float = 0.02, at_latest_s: float = 5.0) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await quiet(lambda: loop.time() - began < busy_s, after_s=after_s, at_latest_s=at_latest_s)
    return loop.time() - began


async def test_a_quiet_server_is_given_its_first_moments() -> None:
    assert await waited_s(busy_s=0.0, after_s=0.1) >= 0.1


async def test_a_busy_one_is_waited_for() -> None:
    assert 0.3 <= await waited_s(busy_s=0.3) < 2.0


async def test_one_that_is_always_busy_is_not() -> None:
    assert 0.3 <= await waited_s(busy_s=1e9, at_latest_s=0.3) < 2.0
