"""What the database tells of is worked on; while it cannot be, that is one line."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from agent_server.background import working_when_told as module
from agent_server.background.working_when_told import working_when_told
from storage.errors import StorageError
from storage.postgres.notification_line import NotificationLine


async def test_a_database_that_takes_no_writes_is_told_once_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(NotificationLine):
        @asynccontextmanager
        async def listening(
            self, channel: str, *, heard: Callable[[str], object], lost: Callable[[], object]
        ) -> AsyncIterator[None]:
            yield

    monkeypatch.setattr(module, "_AGAIN_S", 0.0)
    takes_writes = iter([False, False, True, False, False])

    async def work() -> float:
        match next(takes_writes, None):
            case None:
                raise asyncio.CancelledError
            case False:
                raise StorageError("database_read_only", "The database takes no writes at the moment.")
        return 0.0

    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await working_when_told(Silent("nowhere"), "told", work, name="webhooks wait")
    assert caplog.messages == ["webhooks wait now (database_read_only), trying again"] * 2
