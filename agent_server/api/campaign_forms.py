"""What the API of campaigns takes and shows."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.agent_profile_forms import Slug
from agent_server.api.campaign_audience import MOST_LEADS, Audience
from agent_server.api.endpoint import Call
from agent_server.web.errors import Problem
from storage.campaigns.campaigns import CampaignRow, CampaignStatus, PauseReason
from storage.campaigns.mails import HeldCode, Sending
from storage.campaigns.messages import MessageRow, MessageStatus
from storage.postgres.cursor import MAX_LIMIT

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Budget = Annotated[float, Meta(gt=0, le=10_000)]
PerHour = Annotated[int, Meta(ge=1, le=3600)]
Days = Annotated[int, Meta(ge=1, le=90)]
MOST_FOLLOW_UPS = 3
_HELD: dict[HeldCode, str] = {
    "sender_refused": (
        "Close does not send as CAMPAIGN_SENDER. Connect that address at Close (Settings, Connected Accounts), or set"
        " CAMPAIGN_SENDER to one that is connected there and start the server anew; then let it go on."
    ),
}


class NewCampaign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`goal`: what the messages are to bring about. `budget_usd`: once so much is spent nothing more is written.
    `max_leads`: the newest of the audience. `send`: the CRM sends what is approved, by a key that may (`send`); else
    each message is a draft in the CRM, and a person sends it. `per_hour`: messages that go out, within what the server
    allows. `variants`: subjects tried beside each other. `follow_up_days`: when messages follow those that are not
    answered, in days after the first, such as `[3, 7]`. `agent`: the profile in whose name they are written, else the
    default one."""

    name: Name
    goal: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
    audience: Audience = Audience()
    channel: Literal["email"] = "email"
    budget_usd: Budget = 1.0
    max_leads: Annotated[int, Meta(ge=1, le=MOST_LEADS)] = 500
    send: bool = False
    per_hour: PerHour | None = None
    variants: Annotated[int, Meta(ge=1, le=3)] = 1
    follow_up_days: Annotated[tuple[Days, ...], Meta(max_length=MOST_FOLLOW_UPS)] = ()
    agent: Slug | None = None


class AudienceAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As of a new campaign."""

    audience: Audience = Audience()
    max_leads: Annotated[int, Meta(ge=1, le=MOST_LEADS)] = 500


class Reach(Struct, frozen=True, kw_only=True):
    """`messages`: leads that would be written to · `skipped`: those left out on the way, by reason."""

    messages: int
    skipped: dict[str, int]


class CampaignChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are; `null` takes `agent` away. What is written stays in the name it is in."""

    name: Name | None = None
    budget_usd: Budget | None = None
    per_hour: PerHour | None = None
    agent: Slug | UnsetType | None = UNSET


class MessageCounts(Struct, frozen=True, kw_only=True):
    """`waiting`: to be written · `skipped`, and why: not sent, or to people who are written none · `queued`: on its way
    into the CRM · `entered`: a draft there · `sent`: by the CRM, or by a person from there."""

    waiting: int = 0
    drafted: int = 0
    approved: int = 0
    rejected: int = 0
    skipped: int = 0
    failed: int = 0
    queued: int = 0
    entered: int = 0
    sent: int = 0


class Hold(Struct, frozen=True):
    """Why nothing goes out though nobody paused it, and what to do about it."""

    code: HeldCode
    message: str


class Writer(Struct, frozen=True):
    """In whose name the next message is written."""

    agent: str
    name: str
    company: str


class Campaign(Struct, frozen=True, kw_only=True):
    """`agent`: as it was chosen; null: the default one. `written_by`: who writes what is not written yet; where the one
    that was chosen is deleted, the default one takes its place. `paused` by the end of a `preview`, by the `budget`, or
    by a `person`. `ready`: all is written. `approvable`: drafts that `approve` approves. `sending`: whether what is
    approved goes out; `held`: why it paused by itself."""

    id: UUID
    name: str
    channel: str
    goal: str
    agent: str | None
    written_by: Writer
    audience: Audience
    status: CampaignStatus
    reason: PauseReason | None
    budget_usd: float
    spent_usd: float
    send: bool
    sending: Sending
    held: Hold | None
    per_hour: int | None
    variants: int
    follow_up_days: tuple[int, ...]
    messages: MessageCounts
    approvable: int
    skipped: dict[str, int]
    failed: dict[str, int]
    created_at: datetime
    updated_at: datetime


class CampaignQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class PreviewWanted(Struct, frozen=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1, le=20)] = 3


class CampaignMessage(Struct, frozen=True, kw_only=True):
    """`step`: 0 is the first message, 1 what follows it, and so on. `reason`: why it was skipped (`opted_out`,
    `no_consent`, `no_email`, `not_interested`, `replied`, `booked`, `unsubscribed`, `bounced` …), has failed, or
    is a draft again: `in_touch`, its lead answered another campaign within 30 days or has a meeting coming, and it goes
    out only when it is approved by itself.
    `agent`: whose name it is in. `engine`: `rules`, or the models that had a part. `variant`: which of the subjects."""

    lead_id: UUID
    step: int
    contact_name: str | None
    contact_email: str | None
    company_name: str | None
    status: MessageStatus
    reason: str | None
    variant: int
    subject: str | None
    body: str | None
    agent: str | None
    engine: str | None
    cost_usd: float
    sent_at: datetime | None
    updated_at: datetime


class MessageQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: MessageStatus | None = None


class StepQuery(Struct, frozen=True):
    step: Annotated[int, Meta(ge=0, le=MOST_FOLLOW_UPS)] = 0


class MessageChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are. A follow-up has the subject of the first message."""

    subject: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")] | UnsetType = UNSET
    body: Annotated[str, Meta(min_length=1, max_length=8000, pattern=r"\S")] | UnsetType = UNSET
    status: Literal["drafted", "approved", "rejected"] | UnsetType = UNSET


class Approved(Struct, frozen=True):
    approved: int


class ExportQuery(Struct, frozen=True):
    status: Literal["drafted", "approved"] = "approved"


def shown(call: Call, row: CampaignRow) -> Campaign:
    sender = call.services.profiles.sender(row.agent)
    return Campaign(
        id=row.id,
        name=row.name,
        channel=row.channel,
        goal=row.goal,
        agent=row.agent,
        written_by=Writer(sender.agent, sender.name, sender.company),
        audience=msgspec.convert(row.audience, Audience),
        status=row.status,
        reason=row.reason,
        budget_usd=row.budget_usd,
        spent_usd=round(row.spent_usd, 8),
        send=row.send,
        sending=row.sending,
        held=Hold(row.held_code, _HELD[row.held_code]) if row.held_code is not None else None,
        per_hour=row.per_hour,
        variants=row.variants,
        follow_up_days=tuple(row.follow_up_days),
        messages=MessageCounts(**row.counts),
        approvable=row.approvable,
        skipped=row.skipped,
        failed=row.failed,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def shown_message(row: MessageRow) -> CampaignMessage:
    return msgspec.convert(row, CampaignMessage, from_attributes=True)


async def campaign_of(call: Call, campaign_id: UUID) -> Campaign:
    """Raises Problem ``campaign_not_found``."""
    row = await call.services.campaigns.kept.get(campaign_id)
    if row is None:
        raise no_campaign()
    return shown(call, row)


def id_of(call: Call) -> UUID:
    """The parameter of the path. Raises Problem ``campaign_not_found``."""
    return call.path_id(no_campaign())


def no_campaign() -> Problem:
    return Problem(404, "campaign_not_found", "There is no such campaign.", param="id")
