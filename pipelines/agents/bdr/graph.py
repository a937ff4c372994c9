"""qualify → calendar → propose → confirm (a person) → book, and back to the calendar for other times.

Everything with an effect comes after the person's answer: a node that asks runs again from its first line when it is
answered. The booking has a key of its own, so that it happens once whatever dies in between.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from pipelines.agents.bdr.answer import read_answer, zone_told
from pipelines.agents.bdr.coming import told as told_of
from pipelines.agents.bdr.coming import wish_of
from pipelines.agents.bdr.offering import beginning, instead, various
from pipelines.agents.bdr.proposal import STEP, opening_by_rules, question
from pipelines.agents.claims import is_supported
from pipelines.agents.lead import LeadFacts
from pipelines.agents.lead_zone import zone_of
from pipelines.agents.marketing.facts import facts_of_lead
from pipelines.agents.model_step import ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.qualification.chain import qualification_chain
from pipelines.agents.run import RULES, AgentRun
from pipelines.calendar.port import Booking, BookingRequest, Calendar, CalendarError, IfBooked, Slot
from pipelines.playbook.extract.times import Moment
from storage.meetings.records import Claimant

FREE_SLOTS: Final = 40
MOST_ROUNDS: Final = 6
"""Questions in all; after them a person takes over."""

_NOT_THEN: Final = {
    "slot_taken": "taken",
    "slot_in_the_past": "passed",
    "slot_too_soon": "too_soon",
    "outside_working_hours": "not_free",
    "already_booked": "already_booked",
}
"""Refusals of what was agreed to, after which there is another question."""


class BdrState(TypedDict, total=False):
    """Times are RFC 3339 texts in UTC. ``request_id`` names the wish for a meeting for good · ``why``: what became of
    the times offered last · ``wanted``: when they would rather, a Moment · ``seen``: all offered ·
    ``coming``: the meeting the lead has already, as it is shown · ``if_booked``: what is to become of it ·
    ``time_zone``: the lead's, once it was looked for; the office's where ``zone_is_known`` is not so."""

    lead: dict[str, Any]
    lead_id: str | None
    request_id: str
    time_zone: str | None
    zone_is_known: bool
    duration_minutes: int
    days: int
    qualification: dict[str, Any]
    slots: list[str]
    seen: list[str]
    why: str | None
    wanted: dict[str, Any] | None
    rounds: int
    coming: dict[str, Any] | None
    if_booked: IfBooked
    proposal: str
    start: str
    output: dict[str, Any]


def bdr_graph(parts: AgentParts) -> "StateGraph[BdrState, AgentRun, Any, Any]":
    nodes = _Nodes(parts)
    graph = StateGraph(BdrState, context_schema=AgentRun)
    graph.add_node("qualify", nodes.qualify)
    graph.add_node("calendar", nodes.calendar, destinations=("propose", END))
    graph.add_node("propose", nodes.propose)
    graph.add_node("confirm", nodes.confirm, destinations=("book", "calendar", END))
    graph.add_node("book", nodes.book, destinations=("calendar", END))
    graph.add_edge(START, "qualify")
    graph.add_edge("qualify", "calendar")
    graph.add_edge("propose", "confirm")
    return graph


class _Nodes:
    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._chain = qualification_chain()

    async def qualify(self, state: BdrState, runtime: Runtime[AgentRun]) -> BdrState:
        lead = msgspec.convert(state["lead"], LeadFacts)
        found = await self._chain.ainvoke(lead, {"configurable": {"run": runtime.context}})
        told: BdrState = {"qualification": msgspec.to_builtins(found)}
        if state["time_zone"] is None:
            zone = await zone_of(lead, self._parts.now())
            told |= {"time_zone": (zone or self._parts.zone).key, "zone_is_known": zone is not None}
        return told

    async def calendar(self, state: BdrState, runtime: Runtime[AgentRun]) -> Command[Literal["propose", "__end__"]]:
        """Free times: those nearest to what they would rather have, else first those not offered yet; after an answer
        that was not understood the same once more."""
        now, zone = self._parts.now(), _zone(state)
        if state["rounds"] >= MOST_ROUNDS:
            return _end(state, "no_time_found", code="too_many_rounds")
        ahead = [slot for slot in state["slots"] if datetime.fromisoformat(slot) > now]
        adds = state.get("if_booked") == "add"
        if state["why"] in ("unclear", "second", "other_zone") and ahead:
            coming = None if adds else state.get("coming")
            return Command(goto="propose", update={"slots": ahead, "coming": coming})
        wanted = msgspec.convert(state.get("wanted") or {}, Moment)
        earliest = max(now, beginning(wanted, zone) or now)
        try:
            coming = await self._coming(state, runtime.context)
            free = await self._free(state, earliest)
            if not free and earliest > now:
                free = await self._free(state, now)
        except CalendarError as error:
            return _end(state, "unavailable", code=error.code)
        if not free:
            return _end(state, "no_time_found", code="no_free_slot")
        starts, why = [slot.start.astimezone(zone) for slot in free], state["why"]
        if wanted:
            slots, fitting = instead(starts, wanted)
            why = why if fitting else "not_free"
        else:
            slots = various(starts, [datetime.fromisoformat(slot) for slot in state["seen"]])
        texts = [slot.astimezone(UTC).isoformat() for slot in slots]
        update = {"slots": texts, "seen": [*state["seen"], *texts], "why": why, "wanted": None, "coming": coming}
        return Command(goto="propose", update={**update, "if_booked": "add" if adds else "refuse"})

    async def propose(self, state: BdrState, runtime: Runtime[AgentRun]) -> BdrState:
        why, coming = state.get("why"), state.get("coming")
        written = None
        if why is None and coming is None:
            about = {"lead": state["lead"], "qualification": state["qualification"]["reasoning"]}
            written = await ask(runtime.context, STEP, about)
        has = told_of(coming, _zone(state)) if coming is not None else None
        if written is not None and is_supported(written.opening, facts_of_lead(state["lead"])):
            opening = written.opening
        else:
            runtime.context.engines[STEP.name] = RULES
            opening = opening_by_rules(state["lead"], why=why, has=has)
        is_known = state.get("zone_is_known", True)
        asked = question(opening, _local(state), _zone(state), is_known=is_known, moves=coming is not None)
        return {"proposal": asked, "rounds": state["rounds"] + 1}

    async def confirm(self, state: BdrState) -> Command[Literal["book", "calendar", "__end__"]]:
        """The person's turn. Nothing before the interrupt has an effect: this runs again with the answer."""
        slots, coming = _local(state), state.get("coming")
        answer = interrupt(
            {
                "question": state["proposal"],
                "already_booked": coming,
                "slots": [slot.isoformat() for slot in slots],
                "time_zone": str(_zone(state)),
                "duration_minutes": state["duration_minutes"],
                "lead": state["lead"],
                "qualification": {name: state["qualification"][name] for name in ("score", "tier", "reasoning")},
            }
        )
        zone = zone_told(answer) or _zone(state)
        slots = [slot.astimezone(zone) for slot in slots]
        decision = read_answer(answer, slots, self._parts.now().astimezone(zone))
        told = {"contact_email": decision.email, "contact_name": decision.name}
        lead = {**state["lead"], **{name: value for name, value in told.items() if value}}
        update: dict[str, Any] = {"lead": lead}
        if zone != _zone(state):
            update |= {"time_zone": zone.key, "zone_is_known": True}
        wish = wish_of(answer) if coming is not None else None
        if wish == "keep" or (coming is not None and decision.meaning == "declined"):
            return _end({**state, "lead": lead}, "kept", booking=coming)
        if wish == "add":
            update["if_booked"] = "add"
            if isinstance(answer, str):  # which time it means, "a second one", is for another question
                return Command(goto="calendar", update={**update, "why": "second"})
        match decision.meaning:
            case "confirmed" if decision.start is not None:
                if coming is not None and wish != "add":
                    update["if_booked"] = "move"
                return Command(goto="book", update={**update, "start": decision.start.isoformat()})
            case "declined":
                return _end({**state, "lead": lead}, "declined")
            case "unclear":
                why = "other_zone" if "time_zone" in update else "unclear"
                return Command(goto="calendar", update={**update, "why": why})
            case _:
                wanted = msgspec.to_builtins(decision.wanted) if decision.wanted else None
                return Command(goto="calendar", update={**update, "why": "other_times", "wanted": wanted})

    async def book(self, state: BdrState, runtime: Runtime[AgentRun]) -> Command[Literal["calendar", "__end__"]]:
        lead, start = state["lead"], datetime.fromisoformat(state["start"])
        request = BookingRequest(
            start=start,
            duration_minutes=state["duration_minutes"],
            time_zone=str(_zone(state)),
            email=lead.get("contact_email"),
            name=lead.get("contact_name"),
            company=lead.get("company_name"),
            notes=state["qualification"]["reasoning"],
            lead_id=await self._lead_id(state),
            conversation_id=runtime.context.whose.conversation_id,
        )
        try:
            # The same yes, twice or by two processes, is the same booking.
            request_id = state.get("request_id") or f"bdr:{runtime.context.thread_id}"
            key = f"{request_id}:{int(start.timestamp())}"
            if_booked = state.get("if_booked") or "refuse"
            booking = await self._calendar.book(request, idempotency_key=key, if_booked=if_booked)
        except CalendarError as error:
            if error.code in _NOT_THEN:
                return Command(goto="calendar", update={"why": _NOT_THEN[error.code]})
            return _end(state, "unavailable", code=error.code)
        return _end(state, booking.status, booking=_shown(booking))

    async def _lead_id(self, state: BdrState) -> UUID | None:
        """Days may have passed: a lead that became part of another is gone, and the e-mail address finds the other."""
        lead_id = UUID(state["lead_id"]) if state["lead_id"] else None
        leads = self._parts.leads
        return lead_id if lead_id is None or leads is None or await leads.facts_of(lead_id) is not None else None

    async def _coming(self, state: BdrState, run: AgentRun) -> dict[str, Any] | None:
        """The meeting there is to move; None where a second one was asked for plainly."""
        if state.get("if_booked") == "add":
            return None
        whose = Claimant(
            lead_id=await self._lead_id(state),
            email=state["lead"].get("contact_email"),
            conversation_id=run.whose.conversation_id,
        )
        coming = await self._calendar.coming(whose)
        return _shown(coming) if coming is not None else None

    async def _free(self, state: BdrState, earliest: datetime) -> Sequence[Slot]:
        latest = earliest + timedelta(days=state["days"])
        minutes = state["duration_minutes"]
        return await self._calendar.free_slots(
            earliest=earliest, latest=latest, duration_minutes=minutes, limit=FREE_SLOTS
        )

    @property
    def _calendar(self) -> Calendar:
        if self._parts.calendar is None:
            raise CalendarError("calendar_unavailable", "There is no calendar.")
        return self._parts.calendar


def _end(state: BdrState, status: str, **more: Any) -> "Command[Any]":
    output = {"status": status, "qualification": state["qualification"], "booking": None, **more}
    return Command(goto=END, update={"output": output, "lead": state["lead"]})


def _local(state: BdrState) -> list[datetime]:
    zone = _zone(state)
    return [datetime.fromisoformat(slot).astimezone(zone) for slot in state["slots"]]


def _zone(state: BdrState) -> ZoneInfo:
    try:
        return ZoneInfo(state["time_zone"] or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _shown(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id,
        "uid": booking.uid,
        "start": booking.slot.start.isoformat(),
        "end": booking.slot.end.isoformat(),
        "status": booking.status,
        "email": booking.request.email,
    }
