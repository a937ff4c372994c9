"""A lead as the agents read it: facts of any origin, bounded, none of them trusted."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=20_000)]
Answers = Annotated[dict[Line, Annotated[str, Meta(max_length=500)]], Meta(max_length=100)]

MOST_ANSWER_CHARS: Final = 160
MOST_ANSWERS_CHARS: Final = 900
"""Of all answers that an agent reads and their questions. About 220 tokens, of the thousand that a qualification may
have."""


class LeadFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a lead; None: unknown.

    ``company_size``: a number of people, or the words it was given in ("11-50"). ``authority``: ``self``, ``shared``,
    ``other``, or words. ``answers``: to the operator's own questions, by the question in its words or by its key, those
    first that are worth most.
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
    answers: Answers = {}

    def known(self) -> dict[str, Any]:
        """The facts that say something, as JSON values; answers as far as there is room."""
        facts = {name: getattr(self, name) for name in LeadFacts.__struct_fields__}
        facts["answers"] = _within(self.answers)
        return {name: value for name, value in facts.items() if value not in (None, "", {})}


class GivenLead(LeadFacts, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A lead as somebody sends it: its facts. What `/api/leads` tells of a lead beside them is taken and not read, so
    that a lead can be sent back as it came; anything else is refused."""

    id: Any = None
    status: Any = None
    source: Any = None
    custom: Any = None
    conversation_id: Any = None
    opted_out_at: Any = None
    further_emails: Any = None
    further_phones: Any = None
    claimed_phones: Any = None
    answer_notes: Any = None
    qualification_score: Any = None
    qualification_tier: Any = None
    qualification_reasoning: Any = None
    qualification_latency_ms: Any = None
    qualified_at: Any = None
    created_at: Any = None
    updated_at: Any = None


def _within(answers: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    left = MOST_ANSWERS_CHARS
    for question, words in answers.items():
        left -= len(question) + len(words[:MOST_ANSWER_CHARS])
        if left < 0:
            break
        kept[question] = words[:MOST_ANSWER_CHARS]
    return kept
