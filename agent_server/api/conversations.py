"""Conversations: what was said, what the caller heard of it, and how fast the answers came."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from agent_server.api.agent_profile_forms import Slug
from agent_server.api.endpoint import Call, Resource
from agent_server.supervising.unsaid import said_of
from agent_server.web.errors import Problem
from storage.calls.recordings import CallRecording
from storage.conversations.operator_acts import OperatorAct
from storage.conversations.outcomes import OutcomeRecord, Outcomes
from storage.conversations.records import (
    Channel,
    ConversationHistory,
    ConversationStatus,
    ItemRecord,
    ItemStatus,
    ItemType,
    ListedConversation,
    Modality,
    Role,
    SaidBy,
    TurnRecord,
)
from storage.leads.after_outcomes import OutcomeKind
from storage.leads.records import LeadRecord
from storage.postgres.cursor import MAX_LIMIT, Page

conversations = Resource("conversations", "Conversations on every channel, live and past.")

DURABLE_TIMEOUT_S = 1.0
"""How long to wait for what was said a moment ago."""


Moment = Annotated[datetime, Meta(tz=True)]


class ConversationQuery(Struct, frozen=True):
    """All filters given apply. `agent`: the slug of the profile that talks."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT, description="Rows of a page")] = 50
    cursor: Annotated[str | None, Meta(description="`next_cursor` of the page before")] = None
    status: ConversationStatus | None = None
    channel: Channel | None = None
    lead_id: UUID | None = None
    agent: Slug | None = None
    until: Annotated[Moment | None, Meta(description="Those that began before this moment, with its zone")] = None


class ConversationItem(Struct, frozen=True, kw_only=True):
    """One item, in the order of the conversation.

    An assistant's message keeps four texts: what the model generated, what the voice spoke, what was sent, and what
    the caller heard. For what the caller said or typed, `heard_text` is what the agent understood. `said_by: operator`:
    a person's words in the agent's voice.
    """

    id: str
    type: ItemType
    role: Role | None
    status: ItemStatus
    channel: Channel | None
    modality: Modality | None
    content: list[Any]
    generated_text: str
    synthesised_text: str
    sent_text: str
    heard_text: str
    audio_ms: float | None
    heard_ms: float | None
    call_id: str | None
    name: str | None
    arguments: str | None
    output: str | None
    intent: str | None
    intent_confidence: float | None
    said_by: SaidBy | None
    created_at: datetime
    updated_at: datetime


class ConversationTurn(Struct, frozen=True, kw_only=True):
    """The figures of one reply, as in the event `sales_agent.turn.timings`.

    Times are milliseconds on the session's clock; `response_latency_ms` is from the end of the caller's speech to the
    first audible reply. null: that stage did not occur.
    """

    item_id: str
    response_latency_ms: float | None = None
    speech_end_ms: float | None = None
    turn_end_ms: float | None = None
    transcript_ms: float | None = None
    model_start_ms: float | None = None
    first_token_ms: float | None = None
    first_audio_ms: float | None = None
    sent_ms: float | None = None
    speculated: bool | None = None
    interrupted: bool | None = None
    model_rung: int | None = None
    voice_rung: int | None = None
    recognizer_rung: int | None = None
    model: str | None = None
    voice: str | None = None
    recognizer: str | None = None
    created_at: datetime


class ConversationOutcome(Struct, frozen=True, kw_only=True):
    """What the conversation led to; `data` are the arguments of the tool that did it."""

    kind: OutcomeKind
    data: dict[str, Any]
    created_at: datetime


class ConversationRecording(Struct, frozen=True, kw_only=True):
    """The sound of one connection of the conversation: see `/api/conversations/{id}/audio`.

    `started_at`: when the session's clock began; the recording begins `offset_ms` later. The lengths are null until it
    is ready. `error_code`: why there is none.
    """

    id: str
    state: Literal["recording", "processing", "ready", "failed"]
    error_code: str | None
    started_at: datetime
    offset_ms: int | None
    duration_ms: int | None
    bytes: int | None


class ShownAct(OperatorAct, frozen=True, kw_only=True):
    """`said`: whether the caller has heard something of words that were to be said. They wait until both sides are
    quiet; where the line breaks before, they are said to a caller who is back within ten minutes. null: it is an act of
    another kind, or its words are kept no more."""

    said: bool | None


class Conversation(Struct, frozen=True, kw_only=True):
    """A conversation with its items, turns and outcomes. `company_name` and `contact_name` are its lead's.

    `session` is its last effective session of the realtime protocol, `agent` the slug of the profile that talked.
    `acts`: what people did beside it.
    """

    id: str
    channel: Channel
    status: ConversationStatus
    lead_id: UUID | None
    company_name: str | None
    contact_name: str | None
    metadata: dict[str, Any]
    agent: str | None
    session: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    items: list[ConversationItem]
    turns: list[ConversationTurn]
    outcomes: list[ConversationOutcome]
    recordings: list[ConversationRecording]
    acts: list[ShownAct]


@conversations.get("/api/conversations", scope="read", summary="List conversations, newest first")
async def list_conversations(call: Call, query: ConversationQuery) -> Page[ListedConversation]:
    return await call.services.conversations.list(
        limit=query.limit,
        cursor=query.cursor,
        status=query.status,
        channel=query.channel,
        lead_id=query.lead_id,
        agent=query.agent,
        until=query.until,
    )


@conversations.get(
    "/api/conversations/{id}", scope="read", summary="One conversation, with its items and turns", errors=(404,)
)
async def get_conversation(call: Call) -> Conversation:
    """Up to date to the moment for a conversation that is live in this process. Deleted items are left out."""
    conversation_id = call.path("id")
    await call.services.conversation_log.flush(conversation_id, DURABLE_TIMEOUT_S)
    history = await call.services.conversations.load(conversation_id)
    if history is None:
        raise Problem(404, "conversation_not_found", "There is no such conversation.", param="id")
    outcomes = await Outcomes(call.services.database).of_conversation(conversation_id)
    lead_id = history.conversation.lead_id
    lead = await call.services.leads.get(lead_id) if lead_id is not None else None
    recordings = await call.services.call_audio.keeping.records.of_conversation(conversation_id)
    acts = await call.services.supervision.acts.of_conversation(conversation_id)
    return _conversation(history, outcomes, lead, recordings, acts)


def _conversation(
    history: ConversationHistory,
    outcomes: Iterable[OutcomeRecord],
    lead: LeadRecord | None,
    recordings: Iterable[CallRecording],
    acts: list[OperatorAct],
) -> Conversation:
    return Conversation(
        **msgspec.structs.asdict(history.conversation),
        company_name=lead.company_name if lead else None,
        contact_name=lead.contact_name if lead else None,
        items=[_item(item) for item in history.items if not item.deleted],
        turns=[turn_of(turn) for turn in history.turns],
        outcomes=[msgspec.convert(one, ConversationOutcome, from_attributes=True) for one in outcomes],
        acts=[
            ShownAct(**msgspec.structs.asdict(act), said=said)
            for act, said in zip(acts, said_of(acts, history.items), strict=True)
        ],
        recordings=[
            msgspec.convert(one, ConversationRecording, from_attributes=True)
            for one in recordings
            if one.state != "deleted"
        ],
    )


def _item(record: ItemRecord) -> ConversationItem:
    return msgspec.convert(record, ConversationItem, from_attributes=True)


def turn_of(record: TurnRecord) -> ConversationTurn:
    told: dict[str, Any] = {
        **{key: value for key, value in record.timings.items() if key in ConversationTurn.__struct_fields__},
        "item_id": record.item_id,
        "response_latency_ms": record.response_latency_ms,
        "created_at": record.created_at,
    }
    rounded: dict[str, Any] = {k: round(value, 1) if isinstance(value, float) else value for k, value in told.items()}
    return ConversationTurn(**rounded)
