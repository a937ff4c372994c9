"""How fast replies came over all conversations: percentiles by day, stage and provider, and the slowest of them.

Percentiles come from counts in buckets: those of replies are right within 2 %, those of stages within 4 %. What is
called the slowest is exact.
"""

from datetime import date
from typing import Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Struct

from storage.conversations.records import Channel, TurnRecord
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "turn_figures.sql")

TurnStage = Literal["reply", "end_of_turn", "transcript", "first_token", "first_audio"]
"""``reply``: the whole of it. ``end_of_turn`` and ``transcript`` count from the end of speech, ``first_token`` from the
request to the model, ``first_audio`` from the first token."""

T = TypeVar("T", bound=Struct)


class CountedLatency(Struct, frozen=True, kw_only=True):
    """So many replies came after about ``ms``."""

    ms: float
    replies: int


class DayLatency(Struct, frozen=True, kw_only=True):
    """Of one day, in UTC."""

    day: date
    replies: int
    p50_ms: float
    p95_ms: float


class StageLatency(Struct, frozen=True, kw_only=True):
    """``provider`` did this stage of ``replies``; empty where it is not known, and for the whole reply."""

    stage: TurnStage
    provider: str
    replies: int
    p50_ms: float
    p95_ms: float


class SlowTurn(TurnRecord, frozen=True, kw_only=True):
    """One reply, with its conversation and whose it was."""

    conversation_id: str
    channel: Channel
    company_name: str | None
    contact_name: str | None


class TurnFigures:
    """Every method raises StorageError. Days are UTC days; ranges include both ends. ``spoken``: replies to speech,
    else to what was typed or asked for. ``channel``: of conversations that began there; None: of all."""

    def __init__(self, database: Database, *, channel: Channel | None = None) -> None:
        self._database = database
        self._channels = list(get_args(Channel)) if channel is None else [channel]

    async def spread(self, first: date, last: date, *, spoken: bool) -> tuple[CountedLatency, ...]:
        """How often which latency occurred, the shortest first."""
        return await self._fetch("turn_spread", CountedLatency, first=first, last=last, spoken=spoken)

    async def by_day(self, first: date, last: date, *, spoken: bool) -> tuple[DayLatency, ...]:
        """Days with replies, oldest first."""
        return await self._fetch("turns_by_day", DayLatency, first=first, last=last, spoken=spoken)

    async def by_stage(self, first: date, last: date, *, spoken: bool) -> tuple[StageLatency, ...]:
        """Each stage by who did it; the provider of most replies first."""
        return await self._fetch("turns_by_stage", StageLatency, first=first, last=last, spoken=spoken)

    async def slowest(self, first: date, last: date, *, spoken: bool, limit: int) -> tuple[SlowTurn, ...]:
        """The slowest first."""
        return await self._fetch("slowest_turns", SlowTurn, first=first, last=last, spoken=spoken, rows=limit)

    async def _fetch(self, query: str, kind: type[T], **values: Any) -> tuple[T, ...]:
        rows = await self._database.fetch_all(_SQL[query], channels=self._channels, **values)
        return tuple(msgspec.convert(dict(row), kind, strict=False) for row in rows)
