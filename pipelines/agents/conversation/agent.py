"""The conversation agent."""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from pipelines.agents.conversation.hearing import AudioFormat
from pipelines.agents.definition import AgentDefinition
from pipelines.agents.errors import AgentError
from pipelines.agents.lead import LeadFacts
from pipelines.agents.parts import AgentParts
from storage.keys.secret_tokens import new_id

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

MAX_AUDIO_BYTES = 6 * 1024 * 1024
"""A minute at 48 kHz."""


class ConversationInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person says, written or spoken. ``aloud``: answer with audio as well; unset: where audio came."""

    message: Annotated[str, Meta(min_length=1, max_length=8000)] | None = None
    audio: Annotated[bytes, Meta(min_length=2, max_length=MAX_AUDIO_BYTES)] | None = None
    format: AudioFormat = "wav"
    aloud: bool | None = None
    voice: Annotated[str, Meta(max_length=100)] | None = None


def _begin(given: ConversationInput, _lead: LeadFacts) -> dict[str, Any]:
    if (given.message is None) == (given.audio is None):
        raise AgentError("invalid_input", "Send either a message or audio.", param="input")
    return {
        "turn_id": new_id("turn").removeprefix("turn_"),
        "message": (given.message or "").strip(),
        "audio": given.audio,
        "format": given.format,
        "aloud": given.audio is not None if given.aloud is None else given.aloud,
        "voice": given.voice,
        "intent": {},
        "output": {},
    }


def _graph(parts: AgentParts) -> "StateGraph[Any, Any, Any, Any]":
    from pipelines.agents.conversation.graph import conversation_graph  # noqa: PLC0415 - slow to import

    return conversation_graph(parts)


CONVERSATION = AgentDefinition(
    name="conversation",
    input=ConversationInput,
    target_s=1.0,
    grace_s=20.0,
    is_conversation=True,
    graph=_graph,
    begin=_begin,
)
"""The core has deadlines of its own and a playbook that always answers; the grace is for long tools."""
