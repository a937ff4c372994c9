"""Leads scored by the qualification agent, one or many at once."""

import asyncio
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from agent_server.agents.lead_facts import facts_of
from agent_server.api.endpoint import Call, Resource
from agent_server.api.leads import existing_lead
from agent_server.web.errors import Problem
from pipelines.agents.lead import GivenLead, LeadFacts
from pipelines.agents.qualification.result import Criterion, Finding, Tier

lead_qualification = Resource("leads", "People and companies that may buy.")

MAX_LEADS = 100
AT_ONCE = 8
"""Leads of one request that are scored side by side, so that conversations keep most of the model's room."""

LEDGER_TIMEOUT_S = 2.0


class QualificationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `lead_ids`, whose leads keep the result, or the facts of one `lead` that is kept nowhere."""

    lead_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_LEADS)] | None = None
    lead: GivenLead | None = None


class LeadQualification(Struct, frozen=True, kw_only=True):
    """`error` `lead_not_found` instead of the rest. `score` 0 to 100; `criteria` give up to 20 points each, with the
    lead's own words they rest on; `missing` is what to ask about first. `engine`: `rules` or the model's name."""

    lead_id: UUID | None
    error: str | None = None
    score: int | None = None
    tier: Tier | None = None
    reasoning: str | None = None
    criteria: dict[Criterion, Finding] = {}
    missing: tuple[Criterion, ...] = ()
    engine: str | None = None
    latency_ms: float | None = None
    cost_usd: float | None = None
    execution_id: str | None = None


class LeadQualifications(Struct, frozen=True):
    """In the order asked for."""

    items: list[LeadQualification]


@lead_qualification.post("/api/leads/qualify", scope="write", summary="Score leads", errors=(422,))
async def qualify_leads(call: Call, body: QualificationRequest) -> LeadQualifications:
    """By the model where one is configured and answers in time, else by rules."""
    if (body.lead_ids is None) == (body.lead is None):
        raise Problem(422, "lead_ambiguous", "Give either 'lead_ids' or 'lead'.", param="lead_ids")
    if body.lead is not None:
        return LeadQualifications([await _qualified(call, None, body.lead)])
    wanted = body.lead_ids or []
    found = await call.services.leads.of_ids(wanted)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(lead_id: UUID) -> LeadQualification:
        if lead_id not in found:
            return LeadQualification(lead_id=lead_id, error="lead_not_found")
        async with places:
            return await _qualified(call, lead_id, facts_of(found[lead_id]))

    scored = {lead_id: one(lead_id) for lead_id in dict.fromkeys(wanted)}
    results = dict(zip(scored, await asyncio.gather(*scored.values()), strict=True))
    # The leads show the result once the ledger is written; who reads them next shall find it.
    await call.services.tracker.flush(LEDGER_TIMEOUT_S)
    return LeadQualifications([results[lead_id] for lead_id in wanted])


@lead_qualification.post("/api/leads/{id}/qualify", scope="write", summary="Score a lead", errors=(404,))
async def qualify_lead(call: Call) -> LeadQualification:
    """The same for one, which keeps the result."""
    lead = await existing_lead(call)
    result = await _qualified(call, lead.id, facts_of(lead))
    await call.services.tracker.flush(LEDGER_TIMEOUT_S)
    return result


async def _qualified(call: Call, lead_id: UUID | None, lead: LeadFacts) -> LeadQualification:
    result = await call.services.agents.qualify(lead, lead_id=lead_id)
    found = result.qualification
    return LeadQualification(
        lead_id=lead_id,
        score=found.score,
        tier=found.tier,
        reasoning=found.reasoning,
        criteria=found.criteria,
        missing=found.missing,
        engine=result.engine,
        latency_ms=round(result.latency_ms, 1),
        cost_usd=result.cost_usd,
        execution_id=result.execution_id,
    )
