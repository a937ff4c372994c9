"""Somebody in a conversation wants a person, and no telephone can be rung for them: whoever is at the console may take
the conversation over. When nobody does, the agent says so, and does not leave them waiting."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import Counter

from agent_server.supervising.attendance import Attendance
from agent_server.supervising.nobody_came import nobody_came
from pipelines.conversation import actions as act
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.facts import Fact
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.playbook.history import is_failure
from pipelines.playbook.tools import HANDOFF_TO_PERSON

log = logging.getLogger(__name__)

UNATTENDED_S: Final = 8.0
"""Where nobody is at a console: so long looking for somebody takes, as the visitor was told."""

WANTED = Counter(
    "sales_agent_persons_wanted",
    "Wishes for a person in conversations that no telephone can be rung for, by what became of them: came, nobody,"
    " left (the visitor did not wait).",
    ["outcome"],
)

_NOBODY: Final = "No colleague has come. Say that nobody is free right now, and offer a time for a call."


def is_waiting(items: Iterable[Item]) -> bool:
    """Whether they were promised a person who has not spoken yet, in a conversation that goes on."""
    waiting, calls = False, set[str | None]()
    for item in items:
        if item.type == "function_call" and item.name == HANDOFF_TO_PERSON.name:
            calls.add(item.call_id)
        elif item.type == "function_call_output" and item.call_id in calls:
            waiting = not is_failure(item.output)
        elif item.said_by == "operator":
            waiting = False
    return waiting


class PersonWanted:
    """Of one conversation. An Observer; the waiting is done inside ``following``."""

    def __init__(
        self, core: ConversationCore, attendance: Attendance, patience_s: float, items: Iterable[Item] = ()
    ) -> None:
        """``patience_s``: how long whoever wants a person waits for one; 0: for good. ``items``: of a conversation that
        is continued."""
        self._core = core
        self._attendance = attendance
        self._patience_s = patience_s
        self._wanted = asyncio.Event()
        self._came = asyncio.Event()
        if is_waiting(items):
            self._wanted.set()

    def saw(self, _fact: Fact, actions: Sequence[act.Action], _now_ms: float) -> None:
        for action in actions:
            if isinstance(action, act.ToolEnded):
                if action.name == HANDOFF_TO_PERSON.name and not action.failed:
                    self._wanted.set()
            elif isinstance(action, act.OperatorChanged) and action.name is not None:
                self._came.set()

    @asynccontextmanager
    async def following(self, runner: ConversationRunner) -> AsyncIterator[None]:
        if not self._patience_s:
            yield
            return
        task = asyncio.create_task(self._follow(runner), name="person wanted")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self, runner: ConversationRunner) -> None:
        while True:
            await self._wanted.wait()
            outcome = "left"
            try:
                outcome = await self._wait(runner)
            finally:
                WANTED.labels(outcome).inc()
            self._wanted.clear()

    async def _wait(self, runner: ConversationRunner) -> str:
        self._came.clear()
        if self._core.operator.holder is not None:
            return "came"
        patience_s = self._patience_s
        if not await self._attendance.is_attended():
            patience_s = min(patience_s, UNATTENDED_S)
        try:
            async with asyncio.timeout(patience_s):
                await self._came.wait()
        except TimeoutError:
            log.info("nobody came for somebody who wanted a person")
            runner.post(nobody_came(_NOBODY))
            return "nobody"
        return "came"
