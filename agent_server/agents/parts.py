"""The agents of this process, made from the settings. Nothing of them is loaded until one is wanted or the server has
been ready for a moment: LangGraph takes seconds to import."""

import asyncio
import functools
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from agent_server.agents.conversations import KeptConversations
from agent_server.agents.lead_facts import KeptLeads
from agent_server.agents.own_tools import RunningParts
from agent_server.agents.streams import AgentStreams
from agent_server.background.kept_going import kept_going
from agent_server.capacity.quiet import quiet
from agent_server.settings import Settings, SettingsError
from agent_server.stores.opening import OpenStorage
from agent_server.stores.shared_redis import SharedRedis
from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.enrichment.crm_sources import ApolloSource, LinkedInSource
from pipelines.agents.enrichment.sources import Source
from pipelines.agents.graphs import OpenCheckpointer
from pipelines.agents.parts import AgentParts
from pipelines.agents.service import Agents
from pipelines.agents.thread_expiry import expire_threads
from pipelines.calendar.port import Calendar
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.settings import ConversationSettings
from pipelines.knowledge.port import Knowledge
from pipelines.loading import loaded
from storage.agents.runs import AgentRuns
from storage.agents.threads import AgentThreads
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.leads.enrichment_cache import EnrichmentCache
from storage.leads.leads import Leads
from storage.shared.event_buffer import EventBuffer

if TYPE_CHECKING:
    from pipelines.agents.graphs import Saver

log = logging.getLogger(__name__)

WARM_AFTER_S = 1.0
WARM_AT_LATEST_S = 60.0
"""Loading takes two seconds of processor time beside the event loop: the first callers would hear them."""

PURGE_EVERY_S = 3600.0


class AgentService:
    """The agents, those who watch them, and what both are closed with."""

    def __init__(
        self,
        settings: Settings,
        stored: OpenStorage,
        engines: Engines,
        conversations: KeptConversations,
        *,
        knowledge: Knowledge,
        calendar: Calendar,
        zone: ZoneInfo,
        running: RunningParts,
    ) -> None:
        """``zone``: the office's · ``running``: where the tools find the agents and the CRM."""
        process, database = settings.process, stored.database
        self._cache = EnrichmentCache(database)
        parts = AgentParts(
            gateway=engines.gateway,
            tracker=stored.tracker,
            leads=KeptLeads(Leads(database)),
            knowledge=knowledge,
            calendar=calendar,
            zone=zone,
            tools=engines.tools,
            sources=self._sources,
            enrichment_cache=self._cache,
            conversations=conversations,
            social=running.social,
            sender=conversations.profiles.sender,
        )
        self._running = running
        self.redis = SharedRedis(process.redis_url, cluster=process.redis_cluster)
        self._keep = timedelta(days=settings.agents.checkpoint_days)
        self._threads = AgentThreads(database) if settings.agents.checkpoints == "postgres" else None
        self._expiry: asyncio.Task[None] | None = None
        self._checkpoints = PostgresCheckpoints(database.dsn)
        open_checkpoints: OpenCheckpointer = self._checkpoints.open
        if settings.agents.checkpoints == "redis":
            if process.redis_url is None:
                raise SettingsError(["CHECKPOINTS=redis needs REDIS_URL: threads have to outlive this process."])
            open_checkpoints = self._redis_checkpoints
        self.agents = running.agents = Agents(parts, AgentRuns(database), open_checkpoints)
        self.streams = AgentStreams(lambda: self.agents, self._event_buffer)

    def start(self) -> None:
        self.agents.start()
        if self._threads is not None:
            expiring = functools.partial(expire_threads, self._threads, self._keep, utc_now)
            self._expiry = asyncio.create_task(kept_going("expiry of threads", expiring), name="expiry of threads")

    async def aclose(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            await asyncio.wait([self._expiry])
        await self.streams.aclose()
        await self.agents.aclose()
        await self._checkpoints.aclose()
        await self._running.aclose()
        await self.redis.aclose()

    async def usable(self, settings: ConversationSettings) -> ConversationSettings:
        """As a conversation that begins now has them."""
        return await self._running.usable(settings)

    async def has_sources(self) -> bool:
        """Whether anybody can be looked up."""
        return bool(await self._sources())

    async def _sources(self) -> Sequence[Source]:
        """As far as they are connected."""
        crm = self._running.crm
        sources: list[Source] = []
        if await crm.is_connected("apollo"):
            sources.append(ApolloSource(crm.providers["apollo"]))
        if crm.scraper is not None:
            sources.append(LinkedInSource(crm.scraper))
        return sources

    @asynccontextmanager
    async def warming(self, *, is_busy: Callable[[], bool]) -> AsyncIterator[None]:
        """Beside the block: have the agents loaded, when nobody is talking; then tidy up."""
        task = asyncio.create_task(self._warm(is_busy), name="agents beside")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _warm(self, is_busy: Callable[[], bool]) -> None:
        await quiet(is_busy, after_s=WARM_AFTER_S, at_latest_s=WARM_AT_LATEST_S)
        await self.redis()
        try:
            await self.agents.warm()
        except StorageError as error:
            log.warning("the agents are not ready yet: %s", error.code)
        gc.freeze()  # as in ``server``: what was loaded stays, and a full collection must not look at it
        while True:
            try:
                await self._cache.purge()
            except StorageError as error:
                log.warning("expired enrichments stay for now: %s", error.code)
            await asyncio.sleep(PURGE_EVERY_S)

    def _event_buffer(self) -> EventBuffer:
        return EventBuffer(self.redis, "agents:events")

    async def _redis_checkpoints(self) -> "Saver":
        def load() -> Any:
            from pipelines.agents.checkpoints.redis import RedisCheckpoints  # noqa: PLC0415 - brings LangGraph with it

            return RedisCheckpoints

        saver: Saver = (await loaded(load))(await self.redis(), ttl_s=self._keep.total_seconds())
        return saver
