"""An answer that came while the process stood still is heard; one that did not come is not waited for for ever."""

import asyncio
import gc
import time
import weakref

import pytest

from pipelines.deadline import GRAIN_S, MOST_GRANTS, Deadline, after, granted_until, timeout


def block(seconds: float) -> None:
    time.sleep(seconds)


async def test_in_time_it_expires_as_any_other() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        async with timeout(0.05):
            await asyncio.sleep(5.0)
    assert 0.05 <= loop.time() - began < 1.0


async def test_an_answer_that_came_while_nothing_ran_is_heard() -> None:
    reader, writer = await _pair()
    async with timeout(0.1):
        writer.write(b"answer\n")
        await writer.drain()
        block(0.3)
        assert await reader.readline() == b"answer\n"
    writer.close()


async def test_a_timer_that_is_late_gives_as_much_more() -> None:
    loop = asyncio.get_running_loop()
    expired: list[float] = []
    after(0.05, lambda: expired.append(loop.time()))
    began = loop.time()
    block(0.25)
    await asyncio.sleep(0.1)
    assert not expired, "it was due 0.2 s ago, and so much longer is waited"
    await asyncio.sleep(0.2)
    assert len(expired) == 1
    assert expired[0] - began >= 0.4


async def test_a_cancelled_one_stays_silent() -> None:
    expired: list[bool] = []
    deadline = after(0.01, expired.append, True)
    block(0.1)
    await asyncio.sleep(0)
    deadline.cancel()
    await asyncio.sleep(0.2)
    assert not expired


async def test_a_loop_that_is_always_late_ends_it_all_the_same() -> None:
    loop = asyncio.get_running_loop()
    expired: list[float] = []
    began = loop.time()
    Deadline(began + 0.01, lambda: expired.append(loop.time()))
    while not expired:
        block(GRAIN_S * 2)
        await asyncio.sleep(0)
    assert expired[0] - began < 0.01 + (MOST_GRANTS + 1) * GRAIN_S * 8


def test_the_grace_is_the_lateness() -> None:
    assert granted_until(10.0, 10.01) == 10.0
    assert granted_until(10.0, 10.5) == 11.0


async def _pair() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    echoes: list[asyncio.StreamWriter] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        echoes.append(writer)
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    pair = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    server.close()
    return pair


class _Owner:
    """Waits, and holds the deadline of its wait."""

    def __init__(self, delay_s: float) -> None:
        self.deadline = after(delay_s, self.expire)

    def expire(self) -> None:
        pass


@pytest.mark.parametrize("expires", [False, True], ids=["cancelled", "expired"])
async def test_one_that_is_over_leaves_its_owner_to_nobody(expires: bool) -> None:
    owner = _Owner(0.0 if expires else 60.0)
    if expires:
        await asyncio.sleep(0.01)
    else:
        owner.deadline.cancel()
    left = weakref.ref(owner)
    gc.disable()
    try:
        del owner
        assert left() is None
    finally:
        gc.enable()
