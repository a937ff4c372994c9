"""A lead as the agents read it: facts of any origin, bounded, none of them trusted."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]


class LeadFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a lead; None: unknown. Further members of a lead (its id, its status) are not read.

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
        facts: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in facts.items() if value not in (None, "")}
