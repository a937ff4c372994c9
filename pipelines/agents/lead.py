"""A lead as the agents read it: facts of any origin, bounded, none of them trusted."""

from typing import Annotated, Any

from msgspec import Meta, Struct

Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]


class LeadFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a lead; None: unknown.

    ``company_size``: a number of people, or the words it was given in ("11-50"). ``authority``: ``self``, ``shared``,
    ``other``, or words.
    """

    company_name: Line | None = None
    company_website: Line | None = None
    company_size: Line | Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    industry: Line | None = None
    contact_name: Line | None = None
    contact_email: Line | None = None
    contact_title: Line | None = None
    contact_phone: Line | None = None
    linkedin_url: Line | None = None
    notes: Text | None = None
    need: Text | None = None
    team_size: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    budget: Line | None = None
    authority: Line | None = None
    timing: Line | None = None
    time_zone: Line | None = None

    def known(self) -> dict[str, Any]:
        """The facts that say something, as JSON values."""
        facts = {name: getattr(self, name) for name in LeadFacts.__struct_fields__}
        return {name: value for name, value in facts.items() if value not in (None, "")}


class GivenLead(LeadFacts, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A lead as somebody sends it: its facts. What `/api/leads` tells of a lead beside them is taken and not read, so
    that a lead can be sent back as it came; anything else is refused."""

    id: Any = None
    status: Any = None
    source: Any = None
    custom: Any = None
    conversation_id: Any = None
    opted_out_at: Any = None
    answers: Any = None
    answer_notes: Any = None
    qualification_score: Any = None
    qualification_tier: Any = None
    qualification_reasoning: Any = None
    qualification_latency_ms: Any = None
    qualified_at: Any = None
    created_at: Any = None
    updated_at: Any = None
