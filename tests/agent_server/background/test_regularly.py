"""Work that is done again, whatever is away meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from agent_server.background import regularly as module
from agent_server.background.regularly import nightly, regularly, until_night
from storage.errors import StorageError

AWAY = StorageError("database_unavailable", "It restarts.")
NOW = datetime(2026, 3, 1, 2, 59, 59, 990_000, tzinfo=UTC)


class Work:
    """Of which the first rounds fail."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.rounds = 0

    async def __call__(self) -> None:
        self.rounds += 1
        if self._errors:
            raise self._errors.pop(0)


async def until(task: asyncio.Task[None], done: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not done() and not task.done():
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled(), task


async def test_a_database_that_is_away_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(AWAY, AWAY)
    await until(asyncio.create_task(regularly(0.001, work, what="nothing is counted")), lambda: work.rounds > 2)
    assert [record.getMessage() for record in caplog.records] == ["nothing is counted: database_unavailable"]


async def test_a_mistake_of_ours_is_for_whoever_keeps_it_going() -> None:
    with pytest.raises(ZeroDivisionError):
        await regularly(0.0, Work(ZeroDivisionError()), what="nothing is counted")


@pytest.mark.parametrize(("error", "why"), [(AWAY, "database_unavailable"), (OSError(28, "full"), "full")])
async def test_what_fails_in_a_night_is_tried_again_before_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, why: str
) -> None:
    monkeypatch.setattr(module, "NIGHT_AGAIN_S", 0.001)
    work = Work(error)
    await until(asyncio.create_task(nightly(work, lambda: NOW, what="old words stay")), lambda: work.rounds > 2)
    assert [record.getMessage() for record in caplog.records] == [f"old words stay for now: {why}"]


def test_the_night_is_tonight_or_tomorrow() -> None:
    assert until_night(datetime(2026, 3, 1, 2, 0, tzinfo=UTC)) == timedelta(hours=1)
    assert until_night(datetime(2026, 3, 1, 3, 0, tzinfo=UTC)) == timedelta(days=1)
