"""How a reply goes on to its end: the next question, the booking, or the good-bye."""

from typing import Final

from msgspec import structs

from pipelines.playbook.acknowledging import booked, first_name, read_back, stays
from pipelines.playbook.arguments import outcome
from pipelines.playbook.moves import Effect, Move, Plan, Surroundings
from pipelines.playbook.questions import next_question
from pipelines.playbook.slots import spoken_slot
from pipelines.playbook.state import State

_TELLING: Final = frozenset({"call_back", "not_interested"})
"""Outcomes that are noted of somebody who told nothing else: lists of people to call go by them."""

EMPTY: Final = frozenset({"hello", "hello_again", "here", "identity", "ack_name", "okay", "unclear"})
"""Moves that say nothing beside a greeting, or beside news."""


def go_on(state: State, moves: tuple[Move, ...], around: Surroundings) -> Plan:
    """The moves, and the next question; with none left, the booking or the good-bye."""
    question = next_question(state)
    if question is not None:
        return Plan(moves, question)
    if state.fetched and not state.booking_ready:
        told = (move for move in moves if move.kind not in (*EMPTY, "ack_slot"))
        return Plan((*told, Move("with_colleague")))
    return leave(state, around)


def book(state: State, around: Surroundings) -> Plan:
    """The meeting that only wants booking."""
    if "book_meeting" not in around.effects:
        return Plan((booked(state),), Move("ask_anything_else"))
    also: tuple[Effect, ...] = ("update_lead",) if "update_lead" in around.effects else ()
    return Plan((Move("booking"),), effects=("book_meeting", *also))


def leave(state: State, around: Surroundings) -> Plan:
    """Good-bye, with what has been agreed; a meeting that only wants booking is booked first, and so is one to which they
    can be called."""
    meeting = state.meeting
    is_agreed = meeting.slot is not None and not meeting.booked and state.facts.email is None and state.has_number
    if state.booking_ready or is_agreed:
        return book(state, around)
    if state.handed_off:
        return close(state, around, "close_contact" if state.facts.email is not None else "close")
    no_time_found = state.meeting.wanted and state.meeting.slot is None and state.address.confirmed
    if (state.email_ready or no_time_found) and not state.meeting.stands:
        return close(state, around, "close_email")
    plan = close(state, around, "close_referral" if state.facts.referral is not None else "close")
    if state.meeting.booked or state.meeting.existing is None or plan.effects:
        return plan
    return structs.replace(plan, moves=(stays(state), *plan.moves))


def close(state: State, around: Surroundings, kind: str) -> Plan:
    """Good-bye in the given words. What was learned is recorded first, when it can be and has not been."""
    tells = not state.all_recorded or (state.recorded is None and outcome(state) in _TELLING)
    if "update_lead" in around.effects and tells:
        return Plan(effects=("update_lead",))
    name = first_name(state)
    then = {"slot": spoken_slot(state.call_back_at)} if state.call_back_at is not None else {}
    return Plan((Move(kind, {"name": f", {name}" if name else "", "email": read_back(state)} | then),))
