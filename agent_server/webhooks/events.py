"""What other programs can hear of: each kind with its meaning, the form of its data, and an example.

The data is made by the triggers of migration 0023_webhooks; a test holds what they write against these forms.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from storage.calls.outbound import CallStatus
from storage.conversations.records import Channel
from storage.leads.after_outcomes import OutcomeKind
from storage.leads.records import LeadStatus
from storage.webhooks.deliveries import SaidItem

EventType = Literal[
    "conversation.ended",
    "call.ended",
    "meeting.booked",
    "meeting.moved",
    "meeting.cancelled",
    "handoff.requested",
    "caller.opted_out",
    "lead.created",
    "lead.updated",
    "lead.qualified",
    "campaign.replied",
    "campaign.unsubscribed",
    "campaign.bounced",
    "recording.ready",
    "erasure.completed",
]
"""``webhook.test`` beside these goes to whoever asks for it."""


class ToldLead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who it is, and where they stand. What they said of themselves is at `/api/leads/{id}`."""

    id: UUID
    company_name: str | None
    company_website: str | None
    company_size: str | None
    industry: str | None
    contact_name: str | None
    contact_email: str | None
    contact_title: str | None
    contact_phone: str | None
    further_emails: Sequence[str]
    further_phones: Sequence[str]
    linkedin_url: str | None
    status: LeadStatus
    time_zone: str | None
    source: str | None
    qualification_score: int | None
    qualification_tier: str | None
    opted_out_at: datetime | None
    created_at: datetime
    updated_at: datetime


class LeadCreated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lead: ToldLead


class LeadUpdated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lead` is as it is now; `changed` names its fields that are not as before."""

    lead: ToldLead
    changed: Sequence[str]


class LeadQualified(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lead: ToldLead
    score: int
    tier: str | None


class ConversationEnded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`dropped`: the line was lost; `failed`: a mistake of the server's broke it off. `outcomes`: kinds of what it
    led to. `items`, for endpoints that include words: what was said and heard, at most the last thousand."""

    conversation_id: str
    channel: Channel
    lead_id: UUID | None
    status: Literal["closed", "dropped", "failed"]
    started_at: datetime
    ended_at: datetime
    duration_ms: int
    turns: int
    outcomes: Sequence[OutcomeKind]
    items: Sequence[SaidItem] | UnsetType = UNSET


class CallEnded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`code`: why it failed or was refused. `conversation_id` and `duration_ms` are null where nobody answered."""

    call_id: str
    to: str
    lead_id: UUID | None
    conversation_id: str | None
    status: CallStatus
    code: str | None
    purpose: str | None
    answered_by: str | None
    left_message: bool
    created_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime
    duration_ms: int | None


class MeetingTold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`moved_from`: when it was to begin before, of one that is moved."""

    booking_id: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    name: str | None
    email: str | None
    company: str | None
    lead_id: UUID | None
    conversation_id: str | None
    moved_from: datetime | None


class CallerOptedOut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`conversation_id`: where they said so, if in one."""

    lead_id: UUID
    conversation_id: str | None
    phone: str | None
    email: str | None
    opted_out_at: datetime


class HandoffRequested(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reason` and `summary` for endpoints that include words."""

    conversation_id: str
    lead_id: UUID | None
    channel: Channel | None
    reason: str | UnsetType | None = UNSET
    summary: str | UnsetType | None = UNSET


class CampaignResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    campaign_id: UUID
    lead_id: UUID
    at: datetime


class RecordingReady(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`audio`: where it is, for a key that may read."""

    recording_id: str
    conversation_id: str
    lead_id: UUID | None
    started_at: datetime
    duration_ms: int | None
    bytes: int | None
    audio: str


class ErasureCompleted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom it was about nobody knows any more; who asked for it has its id. `counts`: what went, by kind."""

    erasure_id: str
    source: Literal["operator", "caller"]
    counts: dict[str, int]
    finished_at: datetime


class WebhookTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    message: str


class EventKind(Struct, frozen=True, kw_only=True):
    """``form`` is that of its data."""

    name: str
    meaning: str
    form: type[Struct]
    example: Struct


_AT: Final = datetime(2026, 3, 3, 15, 4, 5, tzinfo=UTC)
_NOON: Final = datetime(2026, 3, 5, 12, tzinfo=UTC)
_LEAD: Final = UUID("7b0c5f0e-3a52-4e7e-9a5e-0d6f3f6f2b11")
_CONVERSATION: Final = "conv_5f0e7b0c3a524e7e9a5e0d6f3f6f2b11"
_TOLD: Final = ToldLead(
    id=_LEAD,
    company_name="Initech",
    company_website="initech.com",
    company_size="11-50",
    industry="software",
    contact_name="Bill Lumbergh",
    contact_email="bill@initech.com",
    contact_title="Vice President",
    contact_phone="+14155550132",
    further_emails=[],
    further_phones=[],
    linkedin_url=None,
    status="qualified",
    time_zone="America/Los_Angeles",
    source="conversation",
    qualification_score=82,
    qualification_tier="hot",
    opted_out_at=None,
    created_at=_AT,
    updated_at=_AT,
)
_MEETING: Final = MeetingTold(
    booking_id="bkg_3a524e7e9a5e0d6f3f6f2b117b0c5f0e",
    starts_at=_NOON,
    ends_at=_NOON.replace(minute=30),
    time_zone="America/Los_Angeles",
    name="Bill Lumbergh",
    email="bill@initech.com",
    company="Initech",
    lead_id=_LEAD,
    conversation_id=_CONVERSATION,
    moved_from=None,
)
_RESULT: Final = CampaignResult(campaign_id=UUID("0d6f3f6f-2b11-4b0c-8f0e-3a524e7e9a5e"), lead_id=_LEAD, at=_AT)

KINDS: Final[tuple[EventKind, ...]] = (
    EventKind(
        name="conversation.ended",
        meaning="A conversation is over, by whatever channel. One that is continued ends once more.",
        form=ConversationEnded,
        example=ConversationEnded(
            conversation_id=_CONVERSATION,
            channel="phone",
            lead_id=_LEAD,
            status="closed",
            started_at=_AT,
            ended_at=_AT.replace(minute=8),
            duration_ms=240_000,
            turns=9,
            outcomes=("lead_update", "meeting"),
        ),
    ),
    EventKind(
        name="call.ended",
        meaning="A call that the agent was to make is over, or was not permitted.",
        form=CallEnded,
        example=CallEnded(
            call_id="call_9a5e0d6f3f6f2b117b0c5f0e3a524e7e",
            to="+14155550132",
            lead_id=_LEAD,
            conversation_id=_CONVERSATION,
            status="completed",
            code=None,
            purpose="your trial",
            answered_by="human",
            left_message=False,
            created_at=_AT,
            dialled_at=_AT.replace(second=6),
            answered_at=_AT.replace(second=20),
            ended_at=_AT.replace(minute=8, second=20),
            duration_ms=240_000,
        ),
    ),
    EventKind(name="meeting.booked", meaning="A meeting is booked.", form=MeetingTold, example=_MEETING),
    EventKind(
        name="meeting.moved",
        meaning="A meeting is at another time now.",
        form=MeetingTold,
        example=structs.replace(_MEETING, moved_from=_NOON.replace(day=4)),
    ),
    EventKind(name="meeting.cancelled", meaning="A meeting does not take place.", form=MeetingTold, example=_MEETING),
    EventKind(
        name="handoff.requested",
        meaning="Somebody in a conversation wants a person, or needs one.",
        form=HandoffRequested,
        example=HandoffRequested(conversation_id=_CONVERSATION, lead_id=_LEAD, channel="widget"),
    ),
    EventKind(
        name="caller.opted_out",
        meaning="Somebody wants to hear nothing any more, from you or from the agent.",
        form=CallerOptedOut,
        example=CallerOptedOut(
            lead_id=_LEAD,
            conversation_id=_CONVERSATION,
            phone="+14155550132",
            email="bill@initech.com",
            opted_out_at=_AT,
        ),
    ),
    EventKind(
        name="lead.created",
        meaning="There is a new lead, from a conversation, an import or a program.",
        form=LeadCreated,
        example=LeadCreated(lead=_TOLD),
    ),
    EventKind(
        name="lead.updated",
        meaning="Something of a lead has changed; a new score alone is `lead.qualified`.",
        form=LeadUpdated,
        example=LeadUpdated(lead=_TOLD, changed=("need", "team_size")),
    ),
    EventKind(
        name="lead.qualified",
        meaning="A lead was judged, once more where it had been.",
        form=LeadQualified,
        example=LeadQualified(lead=_TOLD, score=82, tier="hot"),
    ),
    EventKind(
        name="campaign.replied",
        meaning="Somebody answered a message of a campaign.",
        form=CampaignResult,
        example=_RESULT,
    ),
    EventKind(
        name="campaign.unsubscribed",
        meaning="Somebody wants no more messages of campaigns.",
        form=CampaignResult,
        example=_RESULT,
    ),
    EventKind(
        name="campaign.bounced",
        meaning="A message of a campaign could not be delivered to its address.",
        form=CampaignResult,
        example=_RESULT,
    ),
    EventKind(
        name="recording.ready",
        meaning="What was recorded of a call can be heard.",
        form=RecordingReady,
        example=RecordingReady(
            recording_id="rec_0e3a524e7e9a5e0d6f3f6f2b117b0c5f",
            conversation_id=_CONVERSATION,
            lead_id=_LEAD,
            started_at=_AT,
            duration_ms=240_000,
            bytes=1_920_000,
            audio=f"/api/conversations/{_CONVERSATION}/audio",
        ),
    ),
    EventKind(
        name="erasure.completed",
        meaning="A person's data is erased.",
        form=ErasureCompleted,
        example=ErasureCompleted(
            erasure_id="erasure_2b117b0c5f0e3a524e7e9a5e0d6f3f6f",
            source="operator",
            counts={"leads": 1, "conversations": 2, "items": 41},
            finished_at=_AT,
        ),
    ),
    EventKind(
        name="webhook.test",
        meaning="Somebody asked for it, to see whether it arrives. It goes to that endpoint, whatever it wants.",
        form=WebhookTest,
        example=WebhookTest(message="This is a test. Nothing has happened."),
    ),
)


def example_of(kind: EventKind) -> dict[str, Any]:
    """The whole body."""
    return {"type": kind.name, "timestamp": _AT, "data": kind.example}
