"""Leads as the agents read them."""

from typing import Any
from uuid import UUID

import msgspec

from pipelines.agents.lead import LeadFacts
from storage.leads.leads import Leads
from storage.leads.records import LeadRecord

_MAX_LINE_CHARS = 300
_MAX_TEXT_CHARS = 20_000
_TEXTS = frozenset({"notes", "need"})


class KeptLeads:
    """Implements ``pipelines.agents.parts.Leads``."""

    def __init__(self, leads: Leads) -> None:
        self._leads = leads

    async def facts_of(self, lead_id: UUID) -> LeadFacts | None:
        lead = await self._leads.get(lead_id)
        return facts_of(lead) if lead is not None else None


def facts_of(lead: LeadRecord) -> LeadFacts:
    """Cut to what an agent takes."""
    known: dict[str, Any] = {name: getattr(lead, name) for name in LeadFacts.__struct_fields__}
    for name, value in known.items():
        if isinstance(value, str):
            known[name] = value[: _MAX_TEXT_CHARS if name in _TEXTS else _MAX_LINE_CHARS]
    known["answers"] = _answers(lead)
    return msgspec.convert(known, LeadFacts)


def _answers(lead: LeadRecord) -> dict[str, str]:
    """By the questions in their words, the newest first."""
    notes = lead.answer_notes
    newest = sorted(lead.answers, key=lambda key: notes[key].at if key in notes else lead.created_at, reverse=True)
    answers: dict[str, str] = {}
    for key in newest:
        question = (notes[key].question if key in notes else None) or key
        answers.setdefault(question[:_MAX_LINE_CHARS], lead.answers[key])
    return answers
