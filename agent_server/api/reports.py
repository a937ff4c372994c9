"""What the agents did and what everything cost."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from storage.ledger.records import AgentType, ExecutionRecord, ExecutionStatus
from storage.ledger.reports import AgentCost, ConversationCost, DayCost, LeadCost, ProviderCost, Reports
from storage.postgres.cursor import MAX_LIMIT, Page

reports = Resource("reports", "What was done, and what it cost.")

DEFAULT_DAYS = 30
MAX_DAYS = 3660

Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]


class CostQuery(Struct, frozen=True):
    """UTC days, both included; without them the last thirty. `lead_id`: what one lead cost, by day."""

    first: date | None = None
    last: date | None = None
    lead_id: UUID | None = None


class LeadCostQuery(Struct, frozen=True):
    limit: Limit = 50
    cursor: str | None = None


class ExecutionQuery(Struct, frozen=True):
    limit: Limit = 50
    cursor: str | None = None
    agent_type: AgentType | None = None
    status: ExecutionStatus | None = None
    lead_id: UUID | None = None
    conversation_id: Annotated[str, Meta(max_length=100)] | None = None


class Costs(Struct, frozen=True, kw_only=True):
    """`cost_usd` is what is known: `unpriced` calls have no known price and are not in it. `agents` are runs of agents;
    `conversations` is what live conversations asked models and speech for themselves; the rest is what keeps providers
    of models warm, and texts spoken on their own. With `lead_id` only `days` are told."""

    first: date
    last: date
    calls: int
    failed: int
    unpriced: int
    cost_usd: float
    days: tuple[DayCost, ...]
    providers: tuple[ProviderCost, ...] = ()
    agents: tuple[AgentCost, ...] = ()
    conversations: tuple[ConversationCost, ...] = ()


@reports.get("/api/reports/costs", scope="read", summary="Costs by day, provider and agent")
async def costs(call: Call, query: CostQuery) -> Costs:
    first, last = days_of(query.first, query.last, call.services.utc_now().date())
    found = Reports(call.services.database)
    if query.lead_id is not None:
        return _summed(first, last, await found.of_lead(query.lead_id, first, last))
    return msgspec.structs.replace(
        _summed(first, last, await found.by_day(first, last)),
        providers=await found.by_provider(first, last),
        agents=await found.by_agent(first, last),
        conversations=await found.of_conversations(first, last),
    )


@reports.get("/api/reports/costs/leads", scope="read", summary="Costs by lead, the dearest first")
async def costs_by_lead(call: Call, query: LeadCostQuery) -> Page[LeadCost]:
    """Over all time. A cost that grows between two pages moves its lead to an earlier one."""
    return await Reports(call.services.database).by_lead(limit=query.limit, cursor=query.cursor)


@reports.get("/api/reports/executions", scope="read", summary="Runs of agents, newest first")
async def executions(call: Call, query: ExecutionQuery) -> Page[ExecutionRecord]:
    return await Reports(call.services.database).executions(
        limit=query.limit,
        cursor=query.cursor,
        agent_type=query.agent_type,
        status=query.status,
        lead_id=query.lead_id,
        conversation_id=query.conversation_id,
    )


def days_of(first: date | None, last: date | None, today: date, *, most: int = MAX_DAYS) -> tuple[date, date]:
    """The range a report is asked for. Raises Problem (400)."""
    last = last or today
    first = first or max(date.min + timedelta(days=DEFAULT_DAYS), last) - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise Problem(400, "invalid_value", "'first' is after 'last'.", param="first")
    if (last - first).days >= most or first == date.min or last == date.max:
        raise Problem(400, "invalid_value", f"A report covers at most {most} days.", param="first")
    return first, last


def _summed(first: date, last: date, days: tuple[DayCost, ...]) -> Costs:
    return Costs(
        first=first,
        last=last,
        calls=sum(day.calls for day in days),
        failed=sum(day.failed for day in days),
        unpriced=sum(day.unpriced for day in days),
        cost_usd=sum(day.cost_usd for day in days),
        days=days,
    )
