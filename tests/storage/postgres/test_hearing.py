"""Hearing what the database tells, for as long as a process lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from postgres_line import PostgresLine

from storage.postgres import listening, notification_line
from storage.postgres.database import Database
from storage.postgres.listening import hearing
from storage.postgres.named_query import Query
from storage.postgres.notification_line import NotificationLine

CHANNEL = "told"
LINES = Query("lines", "SELECT count(*) FROM pg_stat_activity WHERE application_name = %(name)s")
BREAK = Query("break", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %(name)s")


class Heard:
    """What came, in order: ``began``, ``lost``, and what was told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()

    async def next(self) -> str:
        async with asyncio.timeout(10):
            return await self.told.get()

    @asynccontextmanager
    async def on(self, line: NotificationLine, channel: str = CHANNEL) -> AsyncIterator[None]:
        task = asyncio.create_task(
            hearing(
                line,
                channel,
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


async def tell(dsn: str, text: str, channel: str = CHANNEL) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("SELECT pg_notify($1, $2)", channel, text)
    await connection.close()


async def test_a_line_that_stands_still_is_given_up_and_another_one_opened(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_line, "CHECK_S", 0.05)
    monkeypatch.setattr(notification_line, "CHECK_DEADLINE_S", 0.1)
    monkeypatch.setattr(listening, "AGAIN_S", 0.05)
    heard = Heard()
    async with PostgresLine(dsn, tmp_path) as line, heard.on(NotificationLine(line.dsn)):
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


async def test_all_of_a_process_hear_over_one_line(
    dsn: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.05)
    line, name = NotificationLine(dsn, "line-of-a-test"), "line-of-a-test"
    one, same, other = Heard(), Heard(), Heard()
    async with one.on(line), same.on(line), other.on(line, "else"):
        assert [await heard.next() for heard in (one, same, other)] == ["began"] * 3
        assert await database.fetch_value(LINES, name=name) == 1
        await tell(dsn, "hello")
        await tell(dsn, "you", "else")
        assert [await heard.next() for heard in (one, same, other)] == ["hello", "hello", "you"]
        await database.fetch_value(BREAK, name=name)
        for heard in (one, same, other):
            assert [await heard.next(), await heard.next()] == ["lost", "began"]
        assert await database.fetch_value(LINES, name=name) == 1
    async with one.on(line):
        assert await one.next() == "lost"  # of the end before
        assert await one.next() == "began"
        await tell(dsn, "you", "else")
        await tell(dsn, "again")
        assert await one.next() == "again"
    async with asyncio.timeout(10):
        while await database.fetch_value(LINES, name=name):
            await asyncio.sleep(0.05)
