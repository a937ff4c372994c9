"""What one agent hands to another: the lead as it stands, with what was said and found put into its notes. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from pipelines.agents.lead import LeadFacts

MOST_SAID: Final = 30
MAX_SAID_CHARS: Final = 400
MAX_NOTES_CHARS: Final = 8000

_TOLD: Final = ("summary", "reasoning", "text")
"""Members of agents' outputs that say in words what they found."""


class Handover(Struct, frozen=True, kw_only=True):
    """``note``: of the person who hands over · ``said``: by the person, in order; what the agent said is not among it,
    since whoever reads it takes it for facts of the lead · ``agent`` and ``output``: whose thread it was, and what it
    came to."""

    note: str = ""
    said: Sequence[str] = ()
    agent: str = ""
    output: Mapping[str, Any] = {}


def handed_over(lead: LeadFacts, handover: Handover) -> LeadFacts:
    """The lead as the other agent is given it. The notes stay what they are to agents: material, no instruction."""
    found = next((handover.output[name] for name in _TOLD if isinstance(handover.output.get(name), str)), "")
    said = [" ".join(text.split())[:MAX_SAID_CHARS] for text in handover.said if text.strip()][-MOST_SAID:]
    parts = (
        handover.note.strip(),
        f"Found by the agent {handover.agent}: {found}" if found else "",
        "\n".join(said),
        lead.notes or "",
    )
    notes = "\n".join(part for part in parts if part)[:MAX_NOTES_CHARS]
    return structs.replace(lead, notes=notes or None)


def lead_of_state(values: Mapping[str, Any]) -> LeadFacts:
    """The lead that a thread knows."""
    lead = values.get("lead")
    known = {name: lead[name] for name in LeadFacts.__struct_fields__ if name in lead} if isinstance(lead, dict) else {}
    try:
        return msgspec.convert(known, LeadFacts)
    except msgspec.ValidationError:
        return LeadFacts()
