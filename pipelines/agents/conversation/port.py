"""What the conversation agent needs of the server: conversations that are kept, and how the live ones are held."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from pipelines.conversation.items import Item
from pipelines.conversation.rim.ports import Engines, Memory
from pipelines.conversation.settings import ConversationSettings
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.stt.port import SttOptions


class OpenConversation(Struct, frozen=True):
    """A conversation as it stands, and everything a live one has: the same settings, engines, tools and memory.
    ``older_from``: the first position of all, where there are older items than these."""

    items: Sequence[tuple[Item, float]]
    settings: ConversationSettings
    engines: Engines
    memory: Memory
    older_from: float | None = None


class Conversations(Protocol):
    @property
    def engines(self) -> Engines: ...

    @property
    def hearing(self) -> SttOptions:
        """What the recognisers are told."""

    @property
    def speech(self) -> SpeechLedger:
        """Where what was heard and spoken of a turn is entered."""

    def turn(self, conversation_id: str) -> AbstractAsyncContextManager[OpenConversation]:
        """The conversation for one turn, begun when there is none yet; what the turn leaves is durable after the block.

        Raises StorageError.
        """
