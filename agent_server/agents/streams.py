"""Runs of agents that somebody watches: each goes on by itself, its events in a buffer, whoever listens or leaves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec import Struct

from agent_server.agents.waiting_events import WaitingEvents
from pipelines.agents.errors import AgentError
from pipelines.agents.events import AgentEvent
from pipelines.agents.requests import Asked
from pipelines.agents.service import Agents
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.shared.event_buffer import BufferedEvent, EventBuffer

log = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
LAST = "done"
STOP_TIMEOUT_S = 5.0


class Watched(Struct, frozen=True):
    """``stream``: where its events are; ``task``: the run, None when it is another process's."""

    stream: str
    task: asyncio.Task[None] | None


class AgentStreams:
    """The watched runs of this process."""

    def __init__(self, agents: Callable[[], Agents], buffer: Callable[[], EventBuffer]) -> None:
        self._agents = agents
        self._open_buffer = buffer
        self._buffer: EventBuffer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def buffer(self) -> EventBuffer:
        if self._buffer is None:
            self._buffer = self._open_buffer()
        return self._buffer

    async def start(self, asked: Asked, *, stream: str | None = None) -> Watched:
        """Returns once the run has begun; ``stream``: the name of its events. Raises what keeps it from beginning:
        AgentError, StorageError."""
        stream = stream or new_id("stream")
        begun = asyncio.Event()
        events = WaitingEvents()

        def emit(event: AgentEvent) -> None:
            begun.set()
            events.put(event)

        running = asyncio.create_task(self._agents().run(asked, emit), name=f"agent {asked.agent}")
        task = asyncio.create_task(self._keep(stream, events, running), name=f"events of agent {asked.agent}")
        self._own(task)
        waiting = asyncio.create_task(begun.wait(), name="agent begun")
        try:
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if running.done() and not begun.is_set():
            running.result()
        return Watched(stream, task)

    async def attach(self, stream: str) -> Watched:
        """To a run that may be anybody's. Raises AgentError ``stream_not_found``, StorageError."""
        if not await self.buffer.exists(stream):
            raise AgentError("stream_not_found", "There are no such events, or they are too old; ask for the state.")
        return Watched(stream, None)

    async def events(self, watched: Watched, after: int) -> AsyncIterator[BufferedEvent | None]:
        """What happens after the event of that number, to the end; None for a moment in which nothing did."""
        async for event in self.buffer.follow(watched.stream, after, idle_s=HEARTBEAT_S):
            yield event
            if event is None and watched.task is not None and watched.task.done():
                return
            if event is None and not await self.buffer.exists(watched.stream):
                return
            if event is not None and event.kind == LAST:
                return

    async def aclose(self) -> None:
        """Runs under way are cancelled; their threads can be resumed."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)

    async def _keep(self, stream: str, events: WaitingEvents, running: "asyncio.Task[object]") -> None:
        """Write events as they come, those that came together in one go; cancelled, the run is cancelled too."""
        written = 0
        try:
            while events or not running.done():
                waiting = asyncio.create_task(events.wait(), name="next event")
                try:
                    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    waiting.cancel()
                if batch := events.take():
                    await self.buffer.append(stream, written, [(e.kind, msgspec.json.encode(e.data)) for e in batch])
                    written += len(batch)
        except StorageError as error:
            log.warning("the events of a run are lost: %s", error.code)
        finally:
            if events.dropped:
                log.warning("a run told more than could be written: %d events are lost", events.dropped)
            if not running.done():
                running.cancel()
            await asyncio.wait([running])
            _look_at(running)

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _look_at(running: "asyncio.Task[object]") -> None:
    """Whoever asked was told of a failure at the beginning; one after it is for the log."""
    if running.cancelled():
        return
    error = running.exception()
    if error is not None and not isinstance(error, AgentError | StorageError):
        log.error("a run of an agent broke", exc_info=error)
