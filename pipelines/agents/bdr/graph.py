"""qualify → calendar → propose → confirm (a person) → book, and back to the calendar for other times.

Everything with an effect comes after the person's answer: a node that asks runs again from its first line when it is
answered. The booking has a key of its own, so that it happens once whatever dies in between.
"""

from datetime import datetime, timedelta, tzinfo
from typing import Any, Final, Literal, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from pipelines.agents.bdr.answer import read_answer
from pipelines.agents.bdr.proposal import STEP, opening_by_rules, question
from pipelines.agents.lead import LeadFacts
from pipelines.agents.model_step import ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.qualification.chain import qualification_chain
from pipelines.agents.run import AgentRun
from pipelines.calendar.port import Booking, BookingRequest, Calendar, CalendarError, Slot
from pipelines.playbook.slots import spread

OFFERED: Final = 3
FREE_SLOTS: Final = 40
MOST_ROUNDS: Final = 6
"""Questions in all; after them a person takes over."""


class BdrState(TypedDict, total=False):
    """Times are RFC 3339 texts in UTC. ``why``: what became of the times offered last · ``seen``: all offered."""

    lead: dict[str, Any]
    lead_id: str | None
    time_zone: str
    duration_minutes: int
    days: int
    qualification: dict[str, Any]
    slots: list[str]
    seen: list[str]
    why: str | None
    rounds: int
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
        return {"qualification": msgspec.to_builtins(found)}

    async def calendar(self, state: BdrState) -> Command[Literal["propose", "__end__"]]:
        """Free times, first those not offered yet."""
        now = self._parts.now()
        try:
            free = await self._calendar.free_slots(
                earliest=now,
                latest=now + timedelta(days=state["days"]),
                duration_minutes=state["duration_minutes"],
                limit=FREE_SLOTS,
            )
        except CalendarError as error:
            return _end(state, "unavailable", code=error.code)
        if not free or state["rounds"] >= MOST_ROUNDS:
            return _end(state, "no_time_found", code="no_free_slot" if not free else "too_many_rounds")
        slots = _offer(free, state["seen"])
        return Command(goto="propose", update={"slots": slots, "seen": [*state["seen"], *slots]})

    async def propose(self, state: BdrState, runtime: Runtime[AgentRun]) -> BdrState:
        why = state.get("why")
        written = None
        if why is None:
            about = {"lead": state["lead"], "qualification": state["qualification"]["reasoning"]}
            written = await ask(runtime.context, STEP, about)
        opening = written.opening if written is not None else opening_by_rules(state["lead"], why=why)
        return {"proposal": question(opening, _local(state)), "rounds": state["rounds"] + 1}

    async def confirm(self, state: BdrState) -> Command[Literal["book", "calendar", "__end__"]]:
        """The person's turn. Nothing before the interrupt has an effect: this runs again with the answer."""
        slots = _local(state)
        answer = interrupt(
            {
                "question": state["proposal"],
                "slots": [slot.isoformat() for slot in slots],
                "duration_minutes": state["duration_minutes"],
                "lead": state["lead"],
                "qualification": {name: state["qualification"][name] for name in ("score", "tier", "reasoning")},
            }
        )
        decision = read_answer(answer, slots, self._parts.now().astimezone(_zone(state)))
        told = {"contact_email": decision.email, "contact_name": decision.name}
        lead = {**state["lead"], **{name: value for name, value in told.items() if value}}
        match decision.meaning:
            case "confirmed" if decision.start is not None:
                return Command(goto="book", update={"lead": lead, "start": decision.start.isoformat()})
            case "declined":
                return _end({**state, "lead": lead}, "declined")
            case "unclear":
                # The same times once more.
                seen = [slot for slot in state["seen"] if slot not in state["slots"]]
                return Command(goto="calendar", update={"lead": lead, "seen": seen, "why": "unclear"})
            case _:
                return Command(goto="calendar", update={"lead": lead, "why": "other_times"})

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
            lead_id=UUID(state["lead_id"]) if state["lead_id"] else None,
            conversation_id=runtime.context.whose.conversation_id,
        )
        try:
            # One meeting of a thread at a time: the same yes, twice or by two processes, is the same booking.
            key = f"bdr:{runtime.context.thread_id}:{int(start.timestamp())}"
            booking = await self._calendar.book(request, idempotency_key=key)
        except CalendarError as error:
            if error.code in ("slot_taken", "slot_in_the_past", "outside_working_hours"):
                return Command(goto="calendar", update={"why": "taken"})
            return _end(state, "unavailable", code=error.code)
        return _end(state, "booked", booking=_shown(booking))

    @property
    def _calendar(self) -> Calendar:
        if self._parts.calendar is None:
            raise CalendarError("calendar_unavailable", "There is no calendar.")
        return self._parts.calendar


def _end(state: BdrState, status: str, **more: Any) -> "Command[Any]":
    output = {"status": status, "qualification": state["qualification"], "booking": None, **more}
    return Command(goto=END, update={"output": output, "lead": state["lead"]})


def _offer(free: "list[Slot] | tuple[Slot, ...] | Any", seen: list[str]) -> list[str]:
    """Up to three times on different days and hours, those not offered before first."""
    starts = [slot.start for slot in free]
    fresh = [start for start in starts if start.isoformat() not in seen] or starts
    chosen: list[datetime] = []
    while fresh and len(chosen) < OFFERED:
        pair = spread(fresh)
        chosen += pair[: OFFERED - len(chosen)]
        last = max(pair)
        fresh = [start for start in fresh if start > last and start.date() != last.date()]
    return [start.isoformat() for start in sorted(dict.fromkeys(chosen))]


def _local(state: BdrState) -> list[datetime]:
    zone = _zone(state)
    return [datetime.fromisoformat(slot).astimezone(zone) for slot in state["slots"]]


def _zone(state: BdrState) -> tzinfo:
    try:
        return ZoneInfo(state["time_zone"])
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
