"""What people do beside the conversations of this process, and what is kept of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from prometheus_client import Counter

from agent_server.supervising.attendance import Attendance
from agent_server.supervising.switchboard import Switchboard
from agent_server.supervising.tap import KEPT_EVENTS, KEPT_S
from agent_server.web.errors import Problem
from storage.conversations.operator_acts import OperatorActs
from storage.errors import StorageError
from storage.postgres.database import Database
from storage.shared.event_buffer import EventBuffer
from storage.shared.redis_opening import OpenRedis

log = logging.getLogger(__name__)

ACTS = Counter(
    "sales_agent_operator_acts",
    "What people did beside live conversations: takeover, release, lapse (one who had taken over was not heard of any"
    " more), say, whisper, listen, end.",
    ["kind"],
)
FOLLOWERS = 200
"""Of a process; each is a connection that is written to."""

STOP_S = 2.0


class Supervision:
    """``switchboard`` reaches the conversations; ``events`` and ``sound`` are what is told of them; ``acts`` are kept;
    ``following`` counts who is told here; ``attendance``: whether anybody is at a console."""

    def __init__(self, database: Database, redis: OpenRedis, utc_now: Callable[[], datetime]) -> None:
        self.acts = OperatorActs(database)
        self.attendance = Attendance(redis)
        self.following = asyncio.Semaphore(FOLLOWERS)
        self.events = EventBuffer(redis, "live:events")
        self.sound = EventBuffer(redis, "live:sound", max_events=KEPT_EVENTS, ttl_s=KEPT_S)
        self.switchboard = Switchboard(database, self.events, self.sound, self._lapsed)
        self._utc_now = utc_now
        self._noting: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """For one who follows or listens here. Raises Problem ``too_many_followers``."""
        if self.following.locked():
            message = "Too many follow conversations here; close one."
            raise Problem(429, "too_many_followers", message, retry_after_s=5.0)
        async with self.following:
            yield

    async def aclose(self) -> None:
        """What is being kept may be kept to its end."""
        await self.switchboard.aclose()
        if self._noting:
            await asyncio.wait(self._noting, timeout=STOP_S)

    def _lapsed(self, conversation_id: str, name: str) -> None:
        task = asyncio.create_task(self._note_lapse(conversation_id, name), name="lapse of a person")
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _note_lapse(self, conversation_id: str, name: str) -> None:
        ACTS.labels("lapse").inc()
        try:
            await self.acts.add(conversation_id, "lapse", name=name, now=self._utc_now())
        except StorageError as error:
            log.warning("it is not kept that a person was gone: %s", error.code)
