"""What to ask next: need, team size, budget, who decides, by when; then a time, a name, an address."""

from datetime import datetime
from typing import Final

from pipelines.playbook.acknowledging import read_back
from pipelines.playbook.asked import MAX_ASKED, TO_QUALIFY
from pipelines.playbook.moves import Move
from pipelines.playbook.own_questions import worded
from pipelines.playbook.slots import spoken_hour, spoken_slot, spread
from pipelines.playbook.state import State

MAX_DECLINED_TIMES: Final = 2
"""Offers of times turned down before the agent stops offering."""


def next_question(state: State) -> Move | None:
    """The next thing to ask; None when there is nothing left, and the talk can end."""
    facts = state.facts
    if state.opted_out:
        return None
    if facts.email is not None and not state.address.confirmed and (state.address.wanted or state.meeting.is_talked_of):
        return Move("ask_confirmation", {"email": read_back(state)})
    if state.handed_off or state.speaker.front_desk or facts.referral is not None:
        return None
    if state.meeting.booked or (state.meeting.cancelled and not state.meeting.wanted):
        last = Move("ask_anything_else") if state.asked.times["anything_else"] < MAX_ASKED else None
        return (own_question(state) if state.meeting.booked else None) or last
    if state.address.wanted and state.meeting.slot is None:
        return _sending_question(state)
    if not state.meeting.is_talked_of:
        if state.asked.spared:
            return Move("ask_anything_else") if state.asked.times["anything_else"] < MAX_ASKED else None
        for slot in TO_QUALIFY:
            if slot != "need" and (own := own_question(state)) is not None:
                return own
            if slot != "need" and state.own.are_all:
                break
            if getattr(facts, slot) is None and not state.asked.gave_up(slot):
                return Move(f"ask_{slot}")
    return _booking_question(state)


def own_question(state: State) -> Move | None:
    """The operator's next question; None: there is none, or nothing is asked any more."""
    one = state.own.next if not (state.asked.spared or state.opted_out) else None
    return Move("own_question", {"text": worded(one)}) if one is not None else None


def after_answer(state: State) -> Move | None:
    """What to ask once the caller was answered: who asks one thing after the other is answered alone every second time,
    as long as it is only the seller who would like to know something."""
    question = next_question(state)
    seller_only = question is not None and (
        question.kind == "own_question" or question.kind.removeprefix("ask_") in TO_QUALIFY
    )
    return None if seller_only and state.course.asking and state.course.asking % 2 == 0 else question


def _sending_question(state: State) -> Move | None:
    """They want it in writing: an address, and then nothing more than whether that is all."""
    if state.facts.email is None:
        return None if state.asked.gave_up("email") else Move("ask_email_info")
    return Move("ask_anything_else") if state.asked.times["anything_else"] == 0 else None


def _booking_question(state: State) -> Move | None:
    if state.meeting.slot is None:
        question = time_question(state)
        if question is None and state.facts.email is None and "email" not in state.asked.left:
            return Move("ask_email_instead")
        return question
    if state.facts.name is None and not state.asked.gave_up("name"):
        return Move("ask_name")
    if state.facts.email is None and not state.asked.gave_up("email"):
        return Move("ask_email" if state.asked.times["email"] == 0 else "ask_email_again")
    if state.facts.email is None and not (state.has_number or state.asked.gave_up("phone")):
        return Move("ask_phone")
    return None


def time_question(state: State) -> Move | None:
    """Two free times, others than those just declined; None when offering has not helped."""
    times = state.meeting.choice.alternatives  # they asked for these
    if not times and (state.asked.gave_up("time_slot") or state.meeting.declined_times >= MAX_DECLINED_TIMES):
        return None
    times = times or _fresh_times(state)
    if not times:
        return Move("ask_time_open")
    if len(times) == 1:
        return Move("ask_time_slot_one", {"a": state.meeting.said(times[0])})
    same_day = times[0].date() == times[1].date()
    other = (spoken_hour if same_day else spoken_slot)(times[1])
    return Move("ask_time_slot", {"a": spoken_slot(times[0]), "b": other + state.meeting.clock_name})


def _fresh_times(state: State) -> tuple[datetime, ...]:
    """The times offered before while they are still open; after a refusal, others."""
    offered = [slot for slot in state.meeting.offered if slot != state.meeting.existing]
    if offered and not state.meeting.declined_times:
        return tuple(offered[:2])
    return spread([slot for slot in state.meeting.free if slot not in (*offered, state.meeting.existing)])


def anything_else(state: State) -> Move | None:
    """Whether that is all; who is off the list is asked nothing."""
    return None if state.opted_out else Move("ask_anything_else")


def contact_question(state: State, kind: str = "ask_email_contact") -> Move | None:
    """Where a colleague can write to, when that is not known."""
    return Move(kind) if state.facts.email is None and state.asked.times["email"] == 0 else None
