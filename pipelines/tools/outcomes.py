"""The tools by which a conversation leaves something behind: book, opt out, hand over, note what was learned."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from pipelines.knowledge.port import Knowledge
from pipelines.playbook.tools import (
    BOOK_MEETING,
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
from storage.errors import InvalidData, StorageError
from storage.lead_outcomes import OutcomeKind
from storage.outcomes import Outcomes

MAX_PASSAGES = 5

_NOTING = ToolPolicy(deadline_s=5.0, has_effect=True)
_BOOKING = ToolPolicy(deadline_s=10.0, filler="Let me put that in the calendar.", has_effect=True)
_HANDING_OVER = ToolPolicy(deadline_s=10.0, filler="One moment, please.", has_effect=True)


def conversation_tools(
    outcomes: Outcomes, knowledge: Knowledge, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Mapping[str, Tool]:
    """The server's own tools by name."""
    recorder = _Recorder(outcomes, now)
    tools = (
        Tool(BOOK_MEETING, recorder.book_meeting, _BOOKING),
        checking(OPT_OUT, OptOut, recorder.opt_out, _NOTING),
        checking(HANDOFF_TO_PERSON, HandoffToPerson, recorder.hand_off, _HANDING_OVER),
        checking(UPDATE_LEAD, UpdateLead, recorder.update_lead, _NOTING),
        checking(SEARCH_KNOWLEDGE, SearchKnowledge, _Search(knowledge).run, ToolPolicy(deadline_s=3.0)),
    )
    return {tool.spec.name: tool for tool in tools}


class _Recorder:
    def __init__(self, outcomes: Outcomes, now: Callable[[], datetime]) -> None:
        self._outcomes = outcomes
        self._now = now

    async def book_meeting(self, arguments: dict[str, Any], context: ToolContext) -> dict[str, Any]:
        """Raises ToolError ``invalid_arguments``, ``slot_in_the_past`` or ``slot_taken``."""
        start = _moment(arguments.get("start"))
        if start <= self._now():
            raise ToolError("slot_in_the_past", "That time has passed; offer another.")
        data = {**arguments, "start": start.astimezone(UTC).isoformat()}
        try:
            await self._record(context, "meeting", data)
        except InvalidData as error:
            raise ToolError("slot_taken", "Somebody has just taken that time; offer another.") from error
        return {"booked": True, "start": data["start"]}

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
        try:
            await self._outcomes.record(context.idempotency_key, context.conversation_id, kind, data)
        except InvalidData:
            raise
        except StorageError as error:
            raise ToolError(error.code, "It could not be written down just now.", retryable=error.retryable) from error


class _Search:
    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def run(self, asked: SearchKnowledge, _context: ToolContext) -> dict[str, Any]:
        limit = 1 if asked.limit is UNSET else asked.limit
        passages = self._knowledge.search(asked.query, min(limit, MAX_PASSAGES))
        return {"passages": [{"title": passage.title, "text": passage.text} for passage in passages]}


def _told(arguments: Struct) -> dict[str, Any]:
    """What was given."""
    told: dict[str, Any] = msgspec.to_builtins(arguments)
    return told


def _moment(text: object) -> datetime:
    if isinstance(text, str):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment
    raise ToolError("invalid_arguments", "The start of a meeting is an RFC 3339 time with its zone.")
