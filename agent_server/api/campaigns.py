"""Campaigns: a message for each lead of an audience, written in the background, approved by a person, exported."""

import asyncio
import csv
import io
from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.campaign_audience import MOST_LEADS, Audience, find_audience
from agent_server.api.endpoint import Call, Resource
from agent_server.errors import Problem
from storage.campaigns import CampaignRow, CampaignStatus, MessageRow, MessageStatus, PauseReason
from storage.cursor import MAX_LIMIT, Page

campaigns = Resource("campaigns", "Messages to many leads: written by an agent, approved by a person.")

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Budget = Annotated[float, Meta(gt=0, le=10_000)]


class NewCampaign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`goal`: what the messages are to bring about, as a model is told; by rules, without models, messages go by the
    lead alone. `budget_usd`: once so much is spent nothing more is written. `max_leads`: the newest of the audience."""

    name: Name
    goal: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
    audience: Audience = Audience()
    channel: Literal["email"] = "email"
    budget_usd: Budget = 1.0
    max_leads: Annotated[int, Meta(ge=1, le=MOST_LEADS)] = 500


class AudienceAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As of a new campaign."""

    audience: Audience = Audience()
    max_leads: Annotated[int, Meta(ge=1, le=MOST_LEADS)] = 500


class Reach(Struct, frozen=True, kw_only=True):
    """`messages`: leads that would be written to · `skipped`: those left out on the way, by reason."""

    messages: int
    skipped: dict[str, int]


class CampaignChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | None = None
    budget_usd: Budget | None = None


class MessageCounts(Struct, frozen=True, kw_only=True):
    """`waiting`: to be written · `skipped`, and why: people who are written none."""

    waiting: int = 0
    drafted: int = 0
    approved: int = 0
    rejected: int = 0
    skipped: int = 0
    failed: int = 0


class Campaign(Struct, frozen=True, kw_only=True):
    """`paused` by the end of a `preview`, by the `budget`, or by a `person`. `ready`: all is written."""

    id: UUID
    name: str
    channel: str
    goal: str
    audience: Audience
    status: CampaignStatus
    reason: PauseReason | None
    budget_usd: float
    spent_usd: float
    messages: MessageCounts
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
    """`reason`: why it was skipped (`opted_out`, `no_consent`, `no_email`, `not_interested`) or has failed. `engine`:
    `rules`, or the models that had a part."""

    lead_id: UUID
    contact_name: str | None
    contact_email: str | None
    company_name: str | None
    status: MessageStatus
    reason: str | None
    subject: str | None
    body: str | None
    engine: str | None
    cost_usd: float
    updated_at: datetime


class MessageQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    status: MessageStatus | None = None


class MessageChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are."""

    subject: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")] | UnsetType = UNSET
    body: Annotated[str, Meta(min_length=1, max_length=8000, pattern=r"\S")] | UnsetType = UNSET
    status: Literal["drafted", "approved", "rejected"] | UnsetType = UNSET


class Approved(Struct, frozen=True):
    approved: int


class ExportQuery(Struct, frozen=True):
    status: Literal["drafted", "approved"] = "approved"


@campaigns.post("/api/campaigns", scope="write", summary="Plan a campaign", status=201)
async def plan_campaign(call: Call, body: NewCampaign) -> Campaign:
    """Nothing is written before `preview` or `start`. Who opted out, has not consented (`custom.consent` is no), is not
    interested or has no e-mail address is left out, and counted."""
    now = call.services.utc_now()
    campaign_id = await call.services.campaigns.kept.create(
        name=body.name.strip(),
        channel=body.channel,
        goal=body.goal.strip(),
        audience=msgspec.to_builtins(body.audience),
        budget_usd=body.budget_usd,
        leads=await find_audience(call.services.leads, body.audience, body.max_leads),
        now=now,
    )
    return await _campaign(call, campaign_id)


@campaigns.get("/api/campaigns", scope="read", summary="List campaigns, newest first")
async def list_campaigns(call: Call, query: CampaignQuery) -> Page[Campaign]:
    page = await call.services.campaigns.kept.list(limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(map(_shown, page.items)), next_cursor=page.next_cursor)


@campaigns.post("/api/campaigns/audience", scope="read", summary="Whom a campaign would reach")
async def reach_of_audience(call: Call, body: AudienceAsked) -> Reach:
    """Counted as a new campaign would; nothing is planned or written."""
    found = await find_audience(call.services.leads, body.audience, body.max_leads)
    reasons = Counter(reason for _, reason in found)
    return Reach(messages=reasons.pop(None, 0), skipped={str(reason): count for reason, count in reasons.items()})


@campaigns.get("/api/campaigns/{id}", scope="read", summary="One campaign", errors=(404,))
async def get_campaign(call: Call) -> Campaign:
    return await _campaign(call, _id(call))


@campaigns.patch("/api/campaigns/{id}", scope="write", summary="Change a campaign", errors=(404,))
async def change_campaign(call: Call, body: CampaignChanges) -> Campaign:
    """A larger budget lets one that is paused be started again."""
    campaign_id = _id(call)
    name = body.name.strip() if body.name is not None else None
    kept, now = call.services.campaigns.kept, call.services.utc_now()
    if not await kept.change(campaign_id, name=name, budget_usd=body.budget_usd, now=now):
        raise _missing()
    return await _campaign(call, campaign_id)


@campaigns.post("/api/campaigns/{id}/preview", scope="write", summary="Write a few messages", errors=(404, 409))
async def preview_campaign(call: Call, body: PreviewWanted) -> Campaign:
    """So many more, then it pauses. They are the campaign's own: `start` does not write them again."""
    return await _moved(call, "generating", more=body.count)


@campaigns.post("/api/campaigns/{id}/start", scope="write", summary="Write all messages", errors=(404, 409))
async def start_campaign(call: Call) -> Campaign:
    """In the background, a few at a time; also after a pause. A process that dies loses nothing, and no lead has two
    messages."""
    return await _moved(call, "generating")


@campaigns.post("/api/campaigns/{id}/pause", scope="write", summary="Pause a campaign", errors=(404, 409))
async def pause_campaign(call: Call) -> Campaign:
    """Messages under way are finished."""
    return await _moved(call, "paused", reason="person")


@campaigns.post("/api/campaigns/{id}/cancel", scope="write", summary="Cancel a campaign", errors=(404, 409))
async def cancel_campaign(call: Call) -> Campaign:
    """For good. What is written stays."""
    return await _moved(call, "cancelled")


@campaigns.get("/api/campaigns/{id}/messages", scope="read", summary="A campaign's messages", errors=(404,))
async def list_messages(call: Call, query: MessageQuery) -> Page[CampaignMessage]:
    campaign = await _campaign(call, _id(call))
    page = await call.services.campaigns.kept.messages(
        campaign.id, status=query.status, limit=query.limit, cursor=query.cursor
    )
    return Page(items=tuple(map(_shown_message, page.items)), next_cursor=page.next_cursor)


@campaigns.patch(
    "/api/campaigns/{id}/messages/{lead_id}", scope="write", summary="Change or approve a message", errors=(404, 409)
)
async def change_message(call: Call, body: MessageChanges) -> CampaignMessage:
    """One whose lead has opted out since is skipped, and is not approved."""
    campaign_id, lead_id = _id(call), _id(call, "lead_id")
    kept = call.services.campaigns.kept
    changed = await kept.change_message(
        campaign_id,
        lead_id,
        subject=None if body.subject is UNSET else body.subject.strip(),
        body=None if body.body is UNSET else body.body.strip(),
        status=None if body.status is UNSET else body.status,
        now=call.services.utc_now(),
    )
    message = await kept.message(campaign_id, lead_id)
    if message is None:
        raise Problem(404, "message_not_found", "There is no such message.", param="lead_id")
    if not changed:
        raise Problem(409, "message_not_written", f"The message is {message.status}: there is nothing to change.")
    return _shown_message(message)


@campaigns.post("/api/campaigns/{id}/approve", scope="write", summary="Approve all drafts", errors=(404,))
async def approve_messages(call: Call) -> Approved:
    """But those that were rejected, and those whose lead has opted out since."""
    campaign = await _campaign(call, _id(call))
    return Approved(await call.services.campaigns.kept.approve(campaign.id, now=call.services.utc_now()))


@campaigns.get(
    "/api/campaigns/{id}/export.csv",
    scope="read",
    summary="The approved messages as a CSV file",
    produces="text/csv",
    errors=(404,),
)
async def export_messages(call: Call, query: ExportQuery) -> web.Response:
    """For the mail program that sends them: this server sends no campaign by itself. Nobody is in it who has opted out
    by now."""
    campaign = await _campaign(call, _id(call))
    kept = call.services.campaigns.kept
    await kept.skip_opted_out(campaign.id, now=call.services.utc_now())
    messages: list[MessageRow] = []
    cursor: str | None = None
    while True:
        page = await kept.messages(campaign.id, status=query.status, limit=MAX_LIMIT, cursor=cursor)
        messages += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return web.Response(
        body=await asyncio.to_thread(_csv, messages),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="campaign.csv"',
            "Cache-Control": "no-store",
        },
    )


async def _moved(
    call: Call, status: CampaignStatus, *, more: int | None = None, reason: PauseReason | None = None
) -> Campaign:
    campaign_id = _id(call)
    work = call.services.campaigns
    if not await work.kept.move(campaign_id, status, more=more, reason=reason, now=call.services.utc_now()):
        raise _missing()
    work.wake()
    return await _campaign(call, campaign_id)


async def _campaign(call: Call, campaign_id: UUID) -> Campaign:
    row = await call.services.campaigns.kept.get(campaign_id)
    if row is None:
        raise _missing()
    return _shown(row)


def _shown(row: CampaignRow) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        channel=row.channel,
        goal=row.goal,
        audience=msgspec.convert(row.audience, Audience),
        status=row.status,
        reason=row.reason,
        budget_usd=row.budget_usd,
        spent_usd=round(row.spent_usd, 8),
        messages=MessageCounts(**row.counts),
        skipped=row.skipped,
        failed=row.failed,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _shown_message(row: MessageRow) -> CampaignMessage:
    return msgspec.convert(row, CampaignMessage, from_attributes=True)


_COLUMNS: Final = ("email", "name", "company", "subject", "body", "lead_id")


def _csv(messages: list[MessageRow]) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(_COLUMNS)
    for row in messages:
        cells: tuple[Any, ...] = (row.contact_email, row.contact_name, row.company_name, row.subject, row.body)
        rows.writerow([*(_cell(cell or "") for cell in cells), row.lead_id])
    return file.getvalue().encode()


def _cell(text: str) -> str:
    """One that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _id(call: Call, name: str = "id") -> UUID:
    try:
        return UUID(call.path(name))
    except ValueError:
        raise _missing() from None


def _missing() -> Problem:
    return Problem(404, "campaign_not_found", "There is no such campaign.", param="id")
