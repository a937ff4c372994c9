"""A file is taken as fast as it is sent, and read as it was."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agent_server.lead_import.spool import spooled
from agent_server.web.errors import Problem


async def sent(*pieces: bytes | Exception) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


async def test_all_is_taken_while_nothing_is_read() -> None:
    taken = asyncio.Event()

    async def file() -> AsyncIterator[bytes]:
        for number in range(50):
            yield b"%d;" % number * 20_000
        taken.set()

    async with asyncio.timeout(10), spooled(file()) as pieces:
        await taken.wait()
        read = b"".join([piece async for piece in pieces])
    assert read == b"".join(b"%d;" % number * 20_000 for number in range(50))


async def test_the_beginning_is_read_before_the_end_is_sent() -> None:
    goes_on = asyncio.Event()

    async def file() -> AsyncIterator[bytes]:
        yield b"first"
        await goes_on.wait()
        yield b"last"

    async with asyncio.timeout(10), spooled(file()) as pieces:
        assert await anext(pieces) == b"first"
        goes_on.set()
        assert [piece async for piece in pieces] == [b"last"]


async def test_what_breaks_is_raised_where_it_broke() -> None:
    async with spooled(sent(b"a", ConnectionResetError("gone"))) as pieces:
        assert await anext(pieces) == b"a"
        with pytest.raises(ConnectionResetError):
            await anext(pieces)


async def test_a_file_that_is_too_large_is_refused() -> None:
    async with spooled(sent(b"1234", b"5"), max_bytes=4) as pieces:
        assert await anext(pieces) == b"1234"
        with pytest.raises(Problem) as refused:
            await anext(pieces)
    assert (refused.value.status, refused.value.code) == (413, "file_too_large")


async def test_who_stops_reading_leaves_nothing_behind() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0)

    async with asyncio.timeout(10):
        async with spooled(endless()) as pieces:
            await anext(pieces)
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "import: take the file"]
