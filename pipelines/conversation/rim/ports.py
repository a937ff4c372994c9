"""What a conversation's runner needs from outside: engines to work with, a client to tell, a store to remember in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from pipelines.calendar.offered import OfferedTimes
from pipelines.conversation.actions import Action, TurnTimings
from pipelines.conversation.facts import Fact
from pipelines.conversation.items import Item
from pipelines.conversation.rim.speech_breakers import SpeechBreakers
from pipelines.intent.classifier import Intent
from pipelines.knowledge.taught import TaughtKnowledge
from pipelines.llm.gateway.no_models import NoModels
from pipelines.llm.gateway.port import Gateway
from pipelines.llm.port import LanguageModel
from pipelines.stt.port import SpeechToText
from pipelines.tools.port import Tool
from pipelines.tts.port import TextToSpeech
from pipelines.vad.port import VoiceActivity


class Engines(Struct, frozen=True):
    """The providers of a process. ``recognisers``, ``models`` and ``voices`` are ladders: the first is tried first, the
    last always works."""

    vad: VoiceActivity
    recognisers: tuple[SpeechToText, ...]
    models: tuple[LanguageModel, ...]
    voices: tuple[TextToSpeech, ...]
    tools: Mapping[str, Tool] = {}
    gateway: Gateway = NoModels()
    """Behind all of ``models`` but the last; for work beside the conversation."""
    meeting_times: OfferedTimes | None = None
    """The free times the playbook offers; to be kept true by who has the calendar."""
    knowledge: TaughtKnowledge | None = None
    """What the playbook knows; to be taught by who has the topics."""
    hearing: SpeechBreakers = field(default_factory=SpeechBreakers)
    speaking: SpeechBreakers = field(default_factory=SpeechBreakers)
    """Which recognisers and which voices fail callers, in this process."""


class Client(Protocol):
    """The transport of one conversation. Called on the event loop, in order; must not block."""

    def tell(self, action: Action, now_ms: float) -> None:
        """News for the client; actions it has no use for are ignored."""

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        """What the caller wanted with an item."""


class Memory(Protocol):
    """Where a conversation is recorded. Called on the event loop; never blocks, never raises."""

    async def kept(self, timeout_s: float) -> object:
        """Wait until what was remembered so far outlives this process; no longer where that cannot be had."""

    def remember(self, item: Item, position: float, *, intent: Intent | None, progress: bool) -> None: ...

    def forget(self, item_id: str) -> None: ...

    def let_go(self, item_ids: Iterable[str]) -> None:
        """They need not be at hand any more."""

    async def recall(self, item_ids: Sequence[str]) -> Sequence[tuple[Item, float]] | None:
        """Of these items that are on record those there are, with their positions; None: that cannot be known now."""

    def turn(self, timings: TurnTimings) -> None: ...


class Observer(Protocol):
    """Watches one conversation, for figures and traces. Called on the event loop once the actions are on their way;
    never blocks, never raises."""

    def saw(self, fact: Fact, actions: Sequence[Action], now_ms: float) -> None: ...
