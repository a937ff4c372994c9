"""Events of a run that are not written yet. Bounded: the run never waits for whoever listens."""

import asyncio
from collections import deque

from pipelines.agents.events import AgentEvent
from storage.shared.event_buffer import MAX_EVENTS


class WaitingEvents:
    """Filled by the run, emptied by who writes. At the bound the oldest go: the buffer they are on the way to keeps no
    more than these, so nobody could have read them there. The last event is never one of them."""

    def __init__(self, most: int = MAX_EVENTS) -> None:
        self._events: deque[AgentEvent] = deque(maxlen=most)
        self._news = asyncio.Event()
        self.dropped = 0

    def put(self, event: AgentEvent) -> None:
        self.dropped += len(self._events) == self._events.maxlen
        self._events.append(event)
        self._news.set()

    def take(self) -> list[AgentEvent]:
        """All there are, oldest first."""
        taken = list(self._events)
        self._events.clear()
        self._news.clear()
        return taken

    async def wait(self) -> None:
        """Until there is one."""
        await self._news.wait()

    def __bool__(self) -> bool:
        return bool(self._events)
