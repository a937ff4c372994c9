"""What a conversation starts from, whichever door it comes in by."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from agent_server.realtime.session_object import SessionConfig
from pipelines.conversation.items import Item
from pipelines.conversation.left_unanswered import left_unanswered
from storage.agents.profiles import DEFAULT_SLUG
from storage.conversations.operator_acts import OperatorAct
from storage.conversations.records import Channel, ConversationHistory


class Opening(Struct, frozen=True):
    """``visitor``: came through the widget's open door: may talk, but not give the agent other instructions or
    tools. ``fence``: the number the conversation is held with. ``lead_id``: who is talking, where that is known
    before a word is said. ``metadata``: kept with the conversation. ``may_record``: the client did not refuse.
    ``agent``: the slug of the profile that talks. ``items``, ``history``, ``whispers`` (what operators told the
    agent) and ``unsaid`` (what they wanted said, and the line broke before): of one that is continued.
    ``unreached``: a colleague was to take the call and did not come."""

    conversation_id: str
    channel: Channel
    config: SessionConfig
    visitor: bool = False
    items: list[tuple[Item, float]] = []
    history: ConversationHistory | None = None
    whispers: tuple[str, ...] = ()
    unsaid: tuple[OperatorAct, ...] = ()
    fence: int = 0
    lead_id: UUID | None = None
    metadata: dict[str, Any] = {}
    may_record: bool = True
    unreached: bool = False
    agent: str = DEFAULT_SLUG

    @property
    def older_from(self) -> float | None:
        """The first position of all, where there are older items than ``items``."""
        return self.history.older_from if self.history is not None else None

    @property
    def is_owed_answer(self) -> bool:
        """The line broke before the caller heard one."""
        return left_unanswered([item for item, _ in self.items])
