"""Hearing what the database tells, for as long as a process lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from postgres_line import PostgresLine

from storage.postgres import listening
from storage.postgres.listening import hearing

CHANNEL = "told"


class Heard:
    """What came, in order: ``began``, ``lost``, and what was told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()

    async def next(self) -> str:
        async with asyncio.timeout(10):
            return await self.told.get()

    @asynccontextmanager
    async def on(self, dsn: str) -> AsyncIterator[None]:
        task = asyncio.create_task(
            hearing(
                dsn,
                CHANNEL,
                heard=self.told.put_nowait,
                began=lambda: self.told.put_nowait("began"),
                lost=lambda: self.told.put_nowait("lost"),
                failing="nothing is heard",
            )
        )
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def tell(dsn: str, text: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, text)
    await connection.close()


async def test_a_line_that_stands_still_is_given_up_and_another_one_opened(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CHECK_S": 0.05, "CHECK_DEADLINE_S": 0.1, "AGAIN_S": 0.05}.items():
        monkeypatch.setattr(listening, name, value)
    heard = Heard()
    async with PostgresLine(dsn, tmp_path) as line, heard.on(line.dsn):
        assert await heard.next() == "began"
        await tell(dsn, "hello")
        assert await heard.next() == "hello"
        line.stall()
        assert await heard.next() == "lost"
        await line.cut()
        await line.mend()
        while (now := await heard.next()) == "lost":  # of attempts while it stood still
            pass
        assert now == "began"
        await tell(dsn, "again")
        assert await heard.next() == "again"
