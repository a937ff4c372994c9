"""A conversation at work without a server: the real runner, and a client that keeps what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pipelines.conversation import actions as act
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.conversation.rim.ports import Engines
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings
from pipelines.intent.classifier import Intent

FRAME_MS = 20
BYTES_PER_MS = 48


class Caller:
    """Client and memory of one conversation: keeps actions with their times, and the items as they are."""

    def __init__(self) -> None:
        self.told: list[tuple[float, act.Action]] = []
        self.items: dict[str, Item] = {}
        self.runner: ConversationRunner | None = None

    def tell(self, action: act.Action, now_ms: float) -> None:
        self.told.append((now_ms, action))

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        pass

    async def kept(self, timeout_s: float) -> None:
        pass

    def remember(self, item: Item, position: float, *, intent: Intent | None, progress: bool) -> None:
        self.items[item.id] = item

    def forget(self, item_id: str) -> None:
        self.items.pop(item_id, None)

    def turn(self, timings: act.TurnTimings) -> None:
        pass

    def all(self, kind: type[act.Action]) -> list[act.Action]:
        return [action for _, action in self.told if isinstance(action, kind)]

    def when(self, kind: type[act.Action], number: int = 0) -> float:
        return [at for at, action in self.told if isinstance(action, kind)][number]

    def said(self) -> list[str]:
        """What the caller was understood to say."""
        return [item.words for item in self.items.values() if item.role == "user"]

    def heard(self) -> list[str]:
        """What the caller heard of each reply."""
        return [item.heard for item in self.items.values() if item.role == "assistant"]

    async def say(self, pcm: bytes, *, silence_ms: int = 0) -> None:
        """In real time."""
        assert self.runner is not None
        loop = asyncio.get_running_loop()
        began, frame = loop.time(), FRAME_MS * BYTES_PER_MS
        pcm += bytes(silence_ms * BYTES_PER_MS)
        for at in range(0, len(pcm), frame):
            self.runner.receive_audio(pcm[at : at + frame])
            await asyncio.sleep(max(0.0, began + (at + frame) / BYTES_PER_MS / 1000 - loop.time()))

    async def until(self, done: Callable[[], bool], timeout_s: float) -> None:
        """The line stays open and silent meanwhile."""
        async with asyncio.timeout(timeout_s):
            while not done():
                await self.say(bytes(FRAME_MS * BYTES_PER_MS))


@asynccontextmanager
async def on_the_line(engines: Engines, settings: ConversationSettings) -> AsyncIterator[Caller]:
    caller = Caller()
    core = ConversationCore(settings, id_prefix="h")
    async with ConversationRunner("conv_hazard", core, engines, client=caller, memory=caller) as runner:
        caller.runner = runner
        yield caller
