"""Leads as plain values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from storage import email_address, phone_number

LeadStatus = Literal[
    "pending", "contacted", "qualified", "unqualified", "meeting_booked", "not_interested", "customer", "lost"
]
LeadSort = Literal["created_at", "score"]

TEXT_FIELDS = (
    "company_name",
    "company_website",
    "company_size",
    "industry",
    "contact_name",
    "contact_email",
    "contact_title",
    "contact_phone",
    "linkedin_url",
    "notes",
    "time_zone",
    "need",
    "budget",
    "authority",
    "timing",
    "source",
)
"""What is known of a lead in words."""

FURTHER = {"contact_email": "further_emails", "contact_phone": "further_phones"}
"""Where those beside the first are."""

_NORMALISED = {"further_emails": email_address.normalised, "further_phones": phone_number.normalised}

FACTS = (*TEXT_FIELDS, "team_size")
"""What somebody may know of a lead, whoever it is."""


class AnswerNote(Struct, frozen=True, kw_only=True):
    """Of an answer, or of one that was taken away. ``at``: when it was told, written or taken · ``question``: what was
    asked, in its words then · ``key_id`` and ``key_name``: the API key of the person who did so; None: it was told the
    agent."""

    at: datetime
    question: str | None = None
    key_id: str | None = None
    key_name: str | None = None


class LeadRecord(Struct, frozen=True, kw_only=True):
    """One lead; None: not known. ``contact_email`` is in lower case and no other lead has it; ``contact_phone`` is
    E.164 where it could be read as a number. ``further_emails`` and ``further_phones`` are those beside these first
    ones, in order; no other lead has one of the addresses, and the numbers are E.164. ``conversation_id``: the
    conversation that brought the lead. ``opted_out_at``: nobody may contact this person again. ``answers``: what was
    said to the agent's own questions, by their keys, and ``answer_notes`` what is known of how."""

    id: UUID
    company_name: str | None = None
    company_website: str | None = None
    company_size: str | None = None
    industry: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_title: str | None = None
    contact_phone: str | None = None
    linkedin_url: str | None = None
    notes: str | None = None
    qualification_score: int | None = None
    qualification_tier: str | None = None
    qualification_reasoning: str | None = None
    qualification_latency_ms: float | None = None
    qualified_at: datetime | None = None
    status: LeadStatus = "pending"
    time_zone: str | None = None
    need: str | None = None
    team_size: int | None = None
    budget: str | None = None
    authority: str | None = None
    timing: str | None = None
    source: str | None = None
    conversation_id: str | None = None
    opted_out_at: datetime | None = None
    custom: dict[str, Any] = {}
    answers: dict[str, str] = {}
    answer_notes: dict[str, AnswerNote] = {}
    further_emails: tuple[str, ...] = ()
    further_phones: tuple[str, ...] = ()
    created_at: datetime
    updated_at: datetime


class LeadFilter(Struct, frozen=True, kw_only=True):
    """Everything given applies. The created range includes its start and not its end."""

    status: LeadStatus | None = None
    tier: str | None = None
    industry: str | None = None
    min_score: int | None = None
    max_score: int | None = None
    email: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None

    @property
    def has_score_range(self) -> bool:
        return self.min_score is not None or self.max_score is not None

    def has_index(self, sort: LeadSort) -> bool:
        """Whether an index has exactly these leads in the order of the list."""
        if self.has_score_range or self.email is not None:
            return False
        kinds = [kind for kind in (self.status, self.tier, self.industry) if kind is not None]
        if sort == "score":
            return len(kinds) <= 1 and self.created_from is None and self.created_to is None
        return len(kinds) <= 2

    def leading(self) -> dict[str, str | None]:
        """The one filter among whose leads to look for what the others leave; the one that few have comes first."""
        name = next((name for name in ("tier", "industry", "status") if getattr(self, name) is not None), None)
        kinds = dict.fromkeys(("leading_tier", "leading_industry", "leading_status"))
        return kinds | ({f"leading_{name}": getattr(self, name)} if name is not None else {})


def spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept: texts trimmed, empty ones None, address and number in their one spelling.

    An e-mail address that is none becomes None; of the further ones, what is no address or number is left out.
    """
    kept: dict[str, Any] = {
        name: (value.strip() or None) if isinstance(value, str) else value for name, value in values.items()
    }
    if kept.get("contact_email"):
        kept["contact_email"] = email_address.normalised(kept["contact_email"])
    if kept.get("contact_phone"):
        kept["contact_phone"] = phone_number.normalised_or_text(kept["contact_phone"])
    for name, normalised in _NORMALISED.items():
        if name in kept:
            kept[name] = tuple(sorted({one for each in kept[name] if (one := normalised(each)) is not None}))
    return kept
