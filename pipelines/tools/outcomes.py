"""The tools by which a conversation leaves something behind: opt out, hand over, note what was learned."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from pipelines.knowledge.port import Knowledge
from pipelines.language.tags import name_of
from pipelines.playbook.tools import (
    HANDOFF_TO_PERSON,
    OPT_OUT,
    SEARCH_KNOWLEDGE,
    UPDATE_LEAD,
    HandoffToPerson,
    OptOut,
    SearchKnowledge,
    UpdateLead,
)
from pipelines.tools.arguments import checking
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from storage.conversations.outcomes import Outcomes
from storage.errors import StorageError
from storage.leads.after_outcomes import OutcomeKind

MAX_PASSAGES = 5

_NOTING = ToolPolicy(deadline_s=5.0, has_effect=True)
_LOOKING_UP = ToolPolicy(deadline_s=3.0, retrieves=True)
"""What stands in a document is an operator's word on the product, and nobody's on what to do in a conversation."""

_HANDING_OVER = ToolPolicy(deadline_s=10.0, filler="One moment, please.", has_effect=True)


def conversation_tools(outcomes: Outcomes, knowledge: Knowledge) -> Mapping[str, Tool]:
    """By name."""
    recorder = _Recorder(outcomes)
    tools = (
        checking(OPT_OUT, OptOut, recorder.opt_out, _NOTING),
        checking(HANDOFF_TO_PERSON, HandoffToPerson, recorder.hand_off, _HANDING_OVER),
        checking(UPDATE_LEAD, UpdateLead, recorder.update_lead, _NOTING),
        checking(SEARCH_KNOWLEDGE, SearchKnowledge, _Search(knowledge).run, _LOOKING_UP),
    )
    return {tool.spec.name: tool for tool in tools}


class _Recorder:
    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    async def opt_out(self, arguments: OptOut, context: ToolContext) -> dict[str, Any]:
        await self._record(context, "opt_out", _told(arguments))
        return {"suppressed": True}

    async def hand_off(self, arguments: HandoffToPerson, context: ToolContext) -> dict[str, Any]:
        await self._record(context, "handoff", _told(arguments))
        return {"handed_over": True}

    async def update_lead(self, arguments: UpdateLead, context: ToolContext) -> dict[str, Any]:
        await self._record(context, "lead_update", _told(arguments))
        return {"noted": True}

    async def _record(self, context: ToolContext, kind: OutcomeKind, data: dict[str, Any]) -> None:
        if context.conversation_id is None:
            raise ToolError("no_conversation", "This is for a conversation alone.")
        try:
            await self._outcomes.record(context.idempotency_key, context.conversation_id, kind, data)
        except StorageError as error:
            raise ToolError(error.code, "It could not be written down just now.", retryable=error.retryable) from error


class _Search:
    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def run(self, asked: SearchKnowledge, _context: ToolContext) -> dict[str, Any]:
        limit = 1 if asked.limit is UNSET else asked.limit
        passages = self._knowledge.search(asked.query, min(limit, MAX_PASSAGES))
        found: dict[str, Any] = {"passages": [{"title": passage.title, "text": passage.text} for passage in passages]}
        if not passages:  # a model may have asked in the caller's language
            found["documents_are_in"] = [name_of(language) for language in self._knowledge.languages]
        return found


def _told(arguments: Struct) -> dict[str, Any]:
    """What was given."""
    told: dict[str, Any] = msgspec.to_builtins(arguments)
    return told
