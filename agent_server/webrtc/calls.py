"""The calls by WebRTC that this process holds: each is a task that somebody waits for."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

END_TIMEOUT_S = 5.0


_ID = re.compile(r"rtc_(\d{1,18})_(\S{1,200})")


def call_id(conversation_id: str, fence: int) -> str:
    """As hard to guess as the conversation's own: who holds it may end the call, at any process."""
    return f"rtc_{fence}_{conversation_id}"


def call_of(call_id: str) -> tuple[str, int] | None:
    """The conversation, and the number it is held with. None: no id of ours."""
    found = _ID.fullmatch(call_id)
    return (found[2], int(found[1])) if found else None


class Calls:
    """Each has the id that ``call_id`` makes."""

    def __init__(self) -> None:
        self._calls: dict[str, tuple[asyncio.Task[None], Callable[[], None]]] = {}

    def begin(self, call_id: str, work: Coroutine[Any, Any, None], *, hang_up: Callable[[], None]) -> None:
        """Let a call go on by itself; ``hang_up`` ends it properly."""
        task = asyncio.create_task(work, name=call_id)
        self._calls[call_id] = (task, hang_up)
        task.add_done_callback(lambda done: self._ended(call_id, done))

    def hang_up(self, call_id: str) -> bool:
        """False: there is no such call."""
        call = self._calls.get(call_id)
        if call is not None:
            call[1]()
        return call is not None

    async def ended(self) -> None:
        """Wait for the calls, which have been told to end, within a deadline."""
        tasks = [task for task, _ in self._calls.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=END_TIMEOUT_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=END_TIMEOUT_S)

    def _ended(self, call_id: str, task: asyncio.Task[None]) -> None:
        del self._calls[call_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a call ended in an unexpected %s", type(error).__name__)
            log.debug("unexpected error in full", exc_info=error)
