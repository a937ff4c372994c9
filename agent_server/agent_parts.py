"""The agents of this process, made from the settings. Nothing of them is loaded until one is wanted or the server has
been ready for a moment: LangGraph takes seconds to import."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from agent_server.agent_streams import AgentStreams
from agent_server.settings import ProcessSettings
from agent_server.shared_redis import open_redis
from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.parts import AgentParts
from pipelines.agents.service import Agents
from storage.agent_runs import AgentRuns
from storage.database import Database
from storage.errors import StorageError
from storage.event_buffer import EventBuffer

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

WARM_AFTER_S = 1.0


class AgentService:
    """The agents, those who watch them, and what both are closed with."""

    def __init__(self, process: ProcessSettings, database: Database, parts: AgentParts) -> None:
        self._redis_url = process.redis_url
        self._redis: Redis | None = None
        self._checkpoints = PostgresCheckpoints(database.dsn)
        self.agents = Agents(parts, AgentRuns(database), self._checkpoints.open)
        self.streams = AgentStreams(lambda: self.agents, self._event_buffer)

    def start(self) -> None:
        self.agents.start()

    async def aclose(self) -> None:
        await self.streams.aclose()
        await self.agents.aclose()
        await self._checkpoints.aclose()
        if self._redis is not None:
            await self._redis.aclose()

    @asynccontextmanager
    async def warming(self) -> AsyncIterator[None]:
        """Have the agents loaded beside the block, once the server has answered its first callers."""
        task = asyncio.create_task(self._warm(), name="warm agents")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _warm(self) -> None:
        await asyncio.sleep(WARM_AFTER_S)
        try:
            await self.agents.warm()
        except StorageError as error:
            log.warning("the agents are not ready yet: %s", error.code)

    def _event_buffer(self) -> EventBuffer:
        return EventBuffer(self._shared_redis(), "agents:events")

    def _shared_redis(self) -> "Redis":
        if self._redis is None:
            self._redis = open_redis(self._redis_url)
        return self._redis
