"""What happens in a conversation, told to whoever follows it. While nobody does, nothing is looked at.

The conversation never waits for it: events wait in a bounded queue for the buffer they are read from, and where that
does not keep up the oldest are left out, and that is told.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from agent_server.supervising.commands import Speaker
from agent_server.supervising.live_stream import LiveStream
from pipelines.briefing import read as read_briefing
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.intent.classifier import classify
from storage.shared.event_buffer import EventBuffer

FOLLOWED_S = 30.0
"""So long one request to follow holds; who goes on following asks again."""

MOST_WAITING = 500
LASTS = frozenset({"ended", "moved"})
"""After these a stream has no more events."""


class LiveEvent(Struct, frozen=True):
    kind: str
    data: dict[str, Any]

    @property
    def supersedes(self) -> tuple[str, Any] | None:
        """Of two events with this in common the later one says it all."""
        if self.kind in ("item", "interim"):
            return self.kind, self.data["id"]
        return (self.kind, None) if self.kind == "speaking" else None


class Feed(LiveStream):
    """Of one conversation."""

    holds_s = FOLLOWED_S
    gather_s = 0.08
    lasts = LASTS
    failing = "a conversation cannot be followed"

    def __init__(
        self,
        conversation_id: str,
        core: ConversationCore,
        buffer: EventBuffer,
        own: Callable[[asyncio.Task[None]], None],
    ) -> None:
        super().__init__(conversation_id, buffer, own)
        self._core = core
        self._waiting: deque[LiveEvent] = deque()
        self._left_out = 0
        self._speaking: Speaker = "nobody"
        self._intents: set[str] = set()

    def end(self, kind: str, data: dict[str, Any]) -> None:
        """Tell the last of it."""
        if self.is_written:
            self._put(kind, data)

    def recording(self, state: str) -> None:
        """What becomes of the recording of the call's sound."""
        if self.is_written:
            self._put("recording", {"state": state})

    def speaking(self, now_ms: float) -> Speaker:
        """Who has the floor."""
        core = self._core
        if core.caller.turns.caller_has_floor:
            return "caller"
        if (item := core.heard.audible(now_ms)) is not None:
            return "operator" if item.said_by is not None else "agent"
        if core.active is not None:
            return "operator" if core.active.said_by is not None else "thinking"
        return "thinking" if core.caller.awaited and not core.operator.has_floor else "nobody"

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], now_ms: float) -> None:
        """Called for every step while it is followed."""
        if type(fact) is facts.Heard and (speaking := self._core.caller.speaking) is not None:
            self._put("interim", {"id": speaking[0], "text": speaking[1]})
        elif type(fact) is facts.Briefed and (briefing := read_briefing(fact.text)) is not None:
            score = {"score": briefing.score, "tier": briefing.tier, "missing": briefing.missing}
            self._put("score", score)
        for action in actions:
            if (tell := self._ON.get(type(action))) is not None:
                tell(self, action)
        if (speaking_now := self.speaking(now_ms)) != self._speaking:
            self._speaking = speaking_now
            self._put("speaking", {"who": speaking_now})

    # What is told

    def _item(self, action: act.Remember) -> None:
        item = action.item
        self._put("item", shown_item(item))
        if item.role == "user" and item.words and item.id not in self._intents:
            self._intents.add(item.id)
            intent = classify(item.words, language=self._core.settings.language)
            told = {"id": item.id, "intent": intent.label, "confidence": round(intent.confidence, 3)}
            self._put("intent", told)

    def _interrupted(self, action: act.OutputItemDone) -> None:
        if action.item.status == "incomplete" and not action.out_of_band:
            self._put("interrupted", {"id": action.item.id})

    def _timings(self, action: act.TurnTimings) -> None:
        latency_ms = action.response_latency_ms
        told = {"id": action.item_id, "response_latency_ms": None if latency_ms is None else round(latency_ms, 1)}
        self._put("turn", told)

    _ON: ClassVar[Mapping[type[act.Action], Callable[["Feed", Any], None]]] = {
        act.Remember: _item,
        act.Forget: lambda self, a: self._put("deleted", {"id": a.item_id}),
        act.OutputItemDone: _interrupted,
        act.TurnTimings: _timings,
        act.ToolStarted: lambda self, a: self._put("tool", {"id": a.call_id, "name": a.name, "status": "running"}),
        act.ToolEnded: lambda self, a: self._put(
            "tool", {"id": a.call_id, "name": a.name, "status": "failed" if a.failed else "done"}
        ),
        act.OperatorChanged: lambda self, a: self._put("operator", {"name": a.name, "lapsed": a.lapsed}),
    }

    # Writing

    def _put(self, kind: str, data: dict[str, Any]) -> None:
        if len(self._waiting) == MOST_WAITING:
            self._waiting.popleft()
            self._left_out += 1
        self._waiting.append(LiveEvent(kind, data))
        self.is_news()

    def take(self) -> list[tuple[str, bytes]]:
        """Without what a later event says too."""
        last = {event.supersedes: event for event in self._waiting}
        batch = [event for event in self._waiting if event.supersedes is None or last[event.supersedes] is event]
        if self._left_out:
            batch.insert(0, LiveEvent("left_out", {"events": self._left_out}))
        self._waiting.clear()
        self._left_out = 0
        return [(event.kind, msgspec.json.encode(event.data)) for event in batch]


def shown_item(item: Item) -> dict[str, Any]:
    """An item as those who follow are told of it."""
    return {
        "id": item.id,
        "type": item.type,
        "role": item.role,
        "status": item.status,
        "said_by": item.said_by,
        "text": item.sent or item.words if item.role == "assistant" else item.words,
        "heard": item.words,
        "name": item.name,
        "arguments": item.arguments or None,
        "output": item.output or None,
    }
