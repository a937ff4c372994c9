"""A conversation's items on their way to memory, and what the caller wanted with each of theirs.

Nobody waits for an intent, and finding one takes as long as asking the model: the reply goes first.
"""

import asyncio
from collections.abc import Callable

from pipelines.conversation import actions as act
from pipelines.conversation.rim.ports import Client, Memory
from pipelines.intent.classifier import Intent, classify

INTENT_AFTER_S = 0.005
"""From the caller's words to what they wanted: the model has been asked by then."""


class Remembering:
    """Each item of the caller's is classified once, soon after its words are known, and remembered again with it."""

    def __init__(self, client: Client, memory: Memory, language: Callable[[], str]) -> None:
        """``language``: what is talked now."""
        self._language = language
        self._client = client
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._intents: dict[str, Intent] = {}
        self._unclassified: dict[str, act.Remember] = {}
        """The newest state of each."""
        self._timer: asyncio.TimerHandle | None = None

    def remember(self, action: act.Remember) -> None:
        item = action.item
        intent = self._intents.get(item.id)
        self._memory.remember(item, action.position, intent=intent, progress=action.progress)
        if intent is None and item.role == "user" and item.words:
            self._unclassified[item.id] = action
            if self._timer is None:
                self._timer = self._loop.call_later(INTENT_AFTER_S, self._classify)

    def forget(self, item_id: str) -> None:
        self._unclassified.pop(item_id, None)
        self._memory.forget(item_id)

    def let_go(self, item_ids: tuple[str, ...]) -> None:
        for item_id in item_ids:
            self._intents.pop(item_id, None)
        self._memory.let_go(item_ids)

    def close(self) -> None:
        """Classify now what waits for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._classify()

    def _classify(self) -> None:
        self._timer = None
        waiting, self._unclassified = self._unclassified, {}
        for item_id, action in waiting.items():
            intent = self._intents[item_id] = classify(action.item.words, language=self._language())
            self._client.tell_intent(item_id, intent)
            self._memory.remember(action.item, action.position, intent=intent, progress=action.progress)
