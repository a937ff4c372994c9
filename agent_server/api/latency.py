"""How fast replies came, over all conversations of some days."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from agent_server.api.conversations import ConversationTurn, turn_of
from agent_server.api.endpoint import Call, Resource
from agent_server.api.reports import days_of
from storage.conversations.records import Channel
from storage.ledger.turn_figures import CountedLatency, DayLatency, SlowTurn, StageLatency, TurnFigures

latency = Resource("reports", "What was done, and what it cost.")

MAX_DAYS = 92
"""What is answered within 50 ms with a million replies behind it."""


class LatencyQuery(Struct, frozen=True):
    """UTC days, both included; without them the last thirty."""

    first: date | None = None
    last: date | None = None
    spoken: Annotated[bool, Meta(description="Replies to speech; else to what was typed or asked for")] = True
    channel: Annotated[Channel | None, Meta(description="Of conversations that began there")] = None
    slowest: Annotated[int, Meta(ge=0, le=50, description="How many of the slowest replies")] = 10


class SlowReply(Struct, frozen=True, kw_only=True):
    """One of the slowest replies, with its conversation and its lead's names."""

    conversation_id: str
    channel: Channel
    company_name: str | None
    contact_name: str | None
    turn: ConversationTurn


class Latency(Struct, frozen=True, kw_only=True):
    """Response latency is from the end of the caller's speech, or their request, to the first audible or readable
    reply. Percentiles and `spread` are of all replies, within 2 %, those of `stages` within 4 %; `slowest` is exact.
    `p50_ms` and `p95_ms` are null without replies."""

    first: date
    last: date
    spoken: bool
    channel: Channel | None
    replies: int
    p50_ms: float | None
    p95_ms: float | None
    spread: tuple[CountedLatency, ...]
    days: tuple[DayLatency, ...]
    stages: tuple[StageLatency, ...]
    slowest: tuple[SlowReply, ...]


@latency.get("/api/reports/latency", scope="read", summary="Response latency by day, stage and provider")
async def latency_report(call: Call, query: LatencyQuery) -> Latency:
    """Every stage is told for each provider that did it."""
    first, last = days_of(query.first, query.last, call.services.utc_now().date(), most=MAX_DAYS)
    found, spoken = TurnFigures(call.services.database, channel=query.channel), query.spoken
    stages = await found.by_stage(first, last, spoken=spoken)
    whole = next((one for one in stages if one.stage == "reply"), None)
    return Latency(
        first=first,
        last=last,
        spoken=spoken,
        channel=query.channel,
        replies=whole.replies if whole else 0,
        p50_ms=whole.p50_ms if whole else None,
        p95_ms=whole.p95_ms if whole else None,
        spread=await found.spread(first, last, spoken=spoken),
        days=await found.by_day(first, last, spoken=spoken),
        stages=tuple(one for one in stages if one.stage != "reply"),
        slowest=tuple(_slow(turn) for turn in await found.slowest(first, last, spoken=spoken, limit=query.slowest)),
    )


def _slow(turn: SlowTurn) -> SlowReply:
    return SlowReply(
        conversation_id=turn.conversation_id,
        channel=turn.channel,
        company_name=turn.company_name,
        contact_name=turn.contact_name,
        turn=turn_of(turn),
    )
