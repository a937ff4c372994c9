"""Rules about the subject: the meeting, questions, objections, and what the caller tells; each answered first, then back
to the agent's own question."""

import re
from typing import Final

from pipelines.playbook.acknowledging import acknowledge
from pipelines.playbook.answering import from_knowledge, is_for_so_many
from pipelines.playbook.closing import book, close, go_on, leave
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.objections import Objection
from pipelines.playbook.questions import after_answer, anything_else, next_question, time_question
from pipelines.playbook.reacting import of_times, reaction
from pipelines.playbook.slots import Choice
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

MAX_SAME_OBJECTION: Final = 2
"""The same objection heard this often is accepted."""

MAX_OBJECTIONS: Final = 4
"""So is the next one after so many of any kind."""

_AND: Final = re.compile(r"^and (?:(?:with|for|in|also) )?")


def own_question_answered(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """What answers the operator's question is that, whatever else it sounds like."""
    return the_rest(state, latest, around) if state.own.answered is not None else None


def meeting_given_up(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """The one there is, one that nobody here knows, or one that was only talked of."""
    meeting = state.meeting
    if not meeting.cancels and meeting.heard != "let_go":
        return None
    if meeting.heard in ("let_go", "cancels_unbooked"):
        return Plan((Move("not_booked_yet"),), anything_else(state))
    if meeting.heard == "cancels_unnamed" and "cancel_meeting" in around.effects:
        return Plan((), Move("ask_which_meeting"))
    if meeting.existing is None or "cancel_meeting" not in around.effects:
        return Plan((Move("cancel_by_invitation"),), anything_else(state))
    return Plan((Move("cancelling"),), effects=("cancel_meeting",))


def meeting_kept(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if state.meeting.heard != "kept":
        return None
    if state.meeting.existing is None:  # theirs, which nobody here knows
        return Plan((Move("kept"),), anything_else(state))
    return go_on(state, (Move("kept"),), around)


def address_refused(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Who has no address is called."""
    refused = state.asked.answered == "email" and state.facts.email is None
    return book(state, around) if refused and state.booking_ready else None


def meeting_moved(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if latest.intent != "reschedule":
        return None
    if state.booking_ready:  # the other time was said with it
        return book(state, around)
    question = next_question(state) if state.meeting.slot is not None else time_question(state)
    return Plan((Move("reschedule"),), question)


def text_wanted(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    return Plan((Move("no_texts"),), next_question(state)) if latest.says("wants_text") else None


def objection(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Heard out once, and taken for an answer the second time."""
    kind: Objection | None = latest.objection
    if kind is None:
        return None
    if kind == "send_email" and state.facts.email is None:
        return Plan((Move("objection_send_email"),), Move("ask_email_info"))
    accepted = kind != "general" and state.course.objections[kind] >= MAX_SAME_OBJECTION
    if accepted or state.course.objections.total() > MAX_OBJECTIONS:
        return close(state, around, "close_objection")
    move = Move(f"objection_{kind}", around.names)
    if kind == "wrong_person":
        return Plan((move,), Move("ask_referral"))
    if kind == "no_fit":
        return Plan((move,), anything_else(state))
    if kind in ("no_time", "think_about_it", "unconvinced"):
        return Plan((move,), time_question(state) or next_question(state))
    if kind in ("suspicious", "number_source"):
        return Plan((move,), Move("ask_permission"))
    return Plan((move,), Move("ask_reason") if kind == "not_interested" else next_question(state))


def question_went_on(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """ "And Pipedrive?", "and for forty people?"."""
    if not state.course.asks_on:
        return None
    named = _AND.sub("does it work with ", latest.plain)
    also = around.lookup("what does it cost" if is_for_so_many(latest.text) else named)
    return Plan((Move("answer", {"text": also.text}) if also is not None else Move("unknown"),), after_answer(state))


def price_withheld(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """As the operator wants it."""
    if not around.no_prices or latest.intent != "pricing":
        return None
    return Plan((*acknowledge(state), Move("price_withheld")), after_answer(state))


def question(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """From the knowledge; what it does not have is said not to be known. None: it was no question after all."""
    of_product = latest.intent in ("pricing", "product_question")
    of_times = state.meeting.choice != Choice() or latest.says("wants_new_meeting", "asks_times")
    small = latest.intent in ("small_talk", "greeting") and not latest.says("asks_fact")
    if not of_product and (not latest.asks or of_times or small):
        return None
    if (known := from_knowledge(latest, around)) is not None:
        return Plan((*acknowledge(state), known), after_answer(state))
    if of_product:
        if "search_knowledge" in around.effects:
            return Plan((Move("looking_up"),), effects=("search_knowledge",), query=latest.text)
        return Plan((*acknowledge(state), Move("unknown")), after_answer(state))
    if state.learned or latest.intent not in ("other", "small_talk"):
        return None
    return Plan((Move("unknown" if latest.says("asks_of_us") else "off_topic"),), next_question(state))


def small_question(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if "?" not in latest.text or latest.intent != "small_talk":
        return None
    known = from_knowledge(latest, around)
    return Plan((known,), after_answer(state)) if known is not None else None


def the_rest(state: State, latest: Understanding, around: Surroundings) -> Plan:
    """The caller answered, agreed, chatted, or said something that fits nowhere."""
    if state.booking_ready:
        return book(state, around)
    if latest.takes_leave:
        return leave(state, around)
    if state.asked.expecting == "anything_else" and latest.says("only_yes"):
        return Plan((Move("go_ahead"),))
    if told := acknowledge(state):
        return go_on(state, told, around)
    if state.asked.expecting == "permission" and latest.polarity == "no":
        return leave(state, around)
    if state.meeting.choice.alternatives or (state.asked.expecting == "time_slot" and latest.moment):
        return Plan((Move(of_times(state, latest)),), time_question(state))
    return go_on(state, (reaction(state, latest, around),), around)
