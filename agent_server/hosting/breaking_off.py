"""What a caller is told when a mistake of ours broke their conversation: one sentence, by a core that has seen nothing
of it. Whoever continues the conversation has it with another again, from what is on record."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Final

from msgspec import structs

from agent_server.hosting.line import Line
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.intent.classifier import Intent
from pipelines.language import words

log = logging.getLogger(__name__)

SORRY: Final = "I am sorry, something went wrong on our side. One moment, please."
WITHIN_S: Final = 10.0


async def break_off(
    line: Line, conversation_id: str, engines: Engines, broken: ConversationCore, over: Iterable[asyncio.Event]
) -> None:
    """Say it, unless the caller or one of ``over`` does not wait for that. Never raises: what broke may break again."""
    try:
        reply = structs.replace(line.settings.reply, modality=broken.modality)
        core = ConversationCore(structs.replace(line.settings, reply=reply), id_prefix=secrets.token_hex(5))
        for item_id in broken.heard.being_heard:
            line.tell(act.StopPlayback(item_id), 0.0)
        said = _Said()
        async with ConversationRunner(
            conversation_id, core, engines, client=line, memory=_Nothing(), observers=(said,)
        ) as runner:
            runner.post(facts.OperatorEnded(words.said(SORRY, line.settings.language), ""))
            await _until_any(line.serve(runner), said.wait(), runner.broke.wait(), *(event.wait() for event in over))
    except Exception:
        log.exception("a caller could not be told that their conversation broke")


async def _until_any(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = {asyncio.create_task(wait, name="breaking off") for wait in waits}
    try:
        await asyncio.wait(tasks, timeout=WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Said(asyncio.Event):
    """An Observer: set once it has been said, and heard."""

    def saw(self, _fact: facts.Fact, actions: Sequence[act.Action], _now_ms: float) -> None:
        if any(isinstance(action, act.HangUp) for action in actions):
            self.set()


class _Nothing:
    """A Memory: it is no part of the conversation."""

    async def kept(self, timeout_s: float) -> None: ...

    def remember(self, item: Item, position: float, *, intent: Intent | None, progress: bool) -> None: ...

    def forget(self, item_id: str) -> None: ...

    def let_go(self, item_ids: Iterable[str]) -> None: ...

    async def recall(self, item_ids: Sequence[str]) -> Sequence[tuple[Item, float]]:
        return ()

    def turn(self, timings: act.TurnTimings) -> None: ...
