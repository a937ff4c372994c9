"""Whom a campaign or a call list is for: leads by what they are, and why some of them are left out."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from agent_server.api.leads import Line, Moment, Score
from storage.leads.leads import Leads
from storage.leads.records import LeadFilter, LeadRecord, LeadStatus
from storage.leads.search import search_of

R = TypeVar("R", bound=str | None)

MOST_LEADS: Final = 5000
_PAGE: Final = 500


class Audience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Leads as `/api/leads` lists them; everything given applies."""

    status: LeadStatus | None = None
    tier: Annotated[str, Meta(max_length=50)] | None = None
    industry: Line | None = None
    min_score: Score | None = None
    max_score: Score | None = None
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


async def find_audience(
    leads: Leads, of: Audience, max_leads: int, why_left_out: Callable[[Sequence[LeadRecord]], Awaitable[Sequence[R]]]
) -> list[tuple[UUID, R]]:
    """Up to ``max_leads`` for whom ``why_left_out`` has no reason (None), the newest, with those on the way that are
    left out. Raises StorageError."""
    where = LeadFilter(
        status=of.status,
        tier=of.tier,
        industry=of.industry,
        min_score=of.min_score,
        max_score=of.max_score,
        created_from=of.created_from,
        created_to=of.created_to,
    )
    search = search_of(of.search) if of.search is not None else None
    found: list[tuple[UUID, R]] = []
    wanted = max_leads
    cursor: str | None = None
    while wanted > 0 and len(found) < MOST_LEADS:
        page = await leads.list(limit=_PAGE, cursor=cursor, where=where, search=search)
        for lead, reason in zip(page.items, await why_left_out(page.items), strict=True):
            wanted -= reason is None
            found.append((lead.id, reason))
            if wanted == 0:
                break
        cursor = page.next_cursor
        if cursor is None:
            break
    return found[:MOST_LEADS]
