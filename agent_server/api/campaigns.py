"""Campaigns: a message for each lead of an audience, written in the background, approved by a person, and sent."""

from collections import Counter
from uuid import UUID

import msgspec

from agent_server.api.campaign_audience import find_audience
from agent_server.api.campaign_forms import (
    AudienceAsked,
    Campaign,
    CampaignChanges,
    CampaignQuery,
    NewCampaign,
    PreviewWanted,
    Reach,
    campaign_of,
    id_of,
    no_campaign,
    shown,
)
from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from storage.campaigns.campaigns import CampaignStatus, PauseReason
from storage.campaigns.messages import SkipReason
from storage.postgres.cursor import Page

campaigns = Resource("campaigns", "Messages to many leads: written by an agent, approved by a person, sent by the CRM.")


@campaigns.post("/api/campaigns", scope="write", summary="Plan a campaign", status=201, errors=(404,))
async def plan_campaign(call: Call, body: NewCampaign) -> Campaign:
    """Nothing is written before `preview` or `start`. Who opted out, has not consented (`custom.consent` is no), is not
    interested, has no e-mail address, or one that unsubscribed or bounced, is left out, and counted."""
    if list(body.follow_up_days) != sorted(set(body.follow_up_days)):
        raise Problem(400, "invalid_value", "Each follow-up comes later than the one before.", param="follow_up_days")
    now = call.services.utc_now()
    campaign_id = await call.services.campaigns.kept.create(
        name=body.name.strip(),
        channel=body.channel,
        goal=body.goal.strip(),
        audience=msgspec.to_builtins(body.audience),
        budget_usd=body.budget_usd,
        leads=await _audience(call, body),
        send=body.send,
        per_hour=body.per_hour,
        variants=body.variants,
        follow_up_days=body.follow_up_days,
        agent=call.services.profiles.check(body.agent),
        now=now,
    )
    return await campaign_of(call, campaign_id)


async def _audience(call: Call, asked: NewCampaign | AudienceAsked) -> list[tuple[UUID, SkipReason | None]]:
    services = call.services
    return await find_audience(services.leads, asked.audience, asked.max_leads, services.campaigns.why_left_out)


@campaigns.get("/api/campaigns", scope="read", summary="List campaigns, newest first")
async def list_campaigns(call: Call, query: CampaignQuery) -> Page[Campaign]:
    page = await call.services.campaigns.kept.list(limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(shown(call, row) for row in page.items), next_cursor=page.next_cursor)


@campaigns.post("/api/campaigns/audience", scope="read", summary="Whom a campaign would reach")
async def reach_of_audience(call: Call, body: AudienceAsked) -> Reach:
    """Counted as a new campaign would; nothing is planned or written."""
    found = await _audience(call, body)
    reasons = Counter(reason for _, reason in found)
    return Reach(messages=reasons.pop(None, 0), skipped={str(reason): count for reason, count in reasons.items()})


@campaigns.get("/api/campaigns/{id}", scope="read", summary="One campaign", errors=(404,))
async def get_campaign(call: Call) -> Campaign:
    return await campaign_of(call, id_of(call))


@campaigns.patch("/api/campaigns/{id}", scope="write", summary="Change a campaign", errors=(404,))
async def change_campaign(call: Call, body: CampaignChanges) -> Campaign:
    """A larger budget lets one that is paused be started again."""
    campaign_id = id_of(call)
    name = body.name.strip() if body.name is not None else None
    kept, now = call.services.campaigns.kept, call.services.utc_now()
    call.services.profiles.check(body.agent or None)
    if not await kept.change(
        campaign_id, name=name, budget_usd=body.budget_usd, per_hour=body.per_hour, agent=body.agent, now=now
    ):
        raise no_campaign()
    return await campaign_of(call, campaign_id)


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
    """For good, and nothing more is sent. What is written stays."""
    return await _moved(call, "cancelled")


async def _moved(
    call: Call, status: CampaignStatus, *, more: int | None = None, reason: PauseReason | None = None
) -> Campaign:
    campaign_id = id_of(call)
    work = call.services.campaigns
    if not await work.kept.move(campaign_id, status, more=more, reason=reason, now=call.services.utc_now()):
        raise no_campaign()
    work.wake()
    return await campaign_of(call, campaign_id)
