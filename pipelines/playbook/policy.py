"""What to do next: the state of the conversation in, the parts of a reply out. Pure; words are made elsewhere."""

import re
from typing import Final

from msgspec import structs

from pipelines.playbook.acknowledging import acknowledge, booked, first_name, read_back, stays
from pipelines.playbook.answering import about_the_call, from_knowledge, is_for_so_many
from pipelines.playbook.arguments import outcome
from pipelines.playbook.moves import Effect, Move, Plan, Surroundings
from pipelines.playbook.objections import Objection
from pipelines.playbook.questions import after_answer, anything_else, contact_question, next_question, time_question
from pipelines.playbook.reacting import greeting, of_times, reaction
from pipelines.playbook.rights import after_opting_out, nobody_to_sell_to, rights
from pipelines.playbook.slots import Choice
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

MAX_STALLED: Final = 6
"""Turns of the caller without anything new; at this one the agent takes its leave."""

MAX_SILENT: Final = 3
MAX_INSULTS: Final = 2
MAX_FOREIGN: Final = 3
MAX_SAME_OBJECTION: Final = 2
"""The same objection heard this often is accepted."""

MAX_OBJECTIONS: Final = 4
"""So is the next one after so many of any kind."""

_TELLING: Final = frozenset({"call_back", "not_interested"})
"""Outcomes that are noted of somebody who told nothing else: lists of people to call go by them."""

_EMPTY: Final = frozenset({"hello", "hello_again", "here", "identity", "ack_name", "okay", "unclear"})
"""Moves that say nothing beside a greeting, or beside news."""

_AND: Final = re.compile(r"^and (?:(?:with|for|in|also) )?")

_REOPENING: Final = frozenset(
    {
        "greeting",
        "wants_person",
        "booking",
        "reschedule",
        "repeat",
        "wait",
        "are_you_a_bot",
        "pricing",
        "product_question",
    }
)


def decide(state: State, latest: Understanding | None, around: Surroundings) -> Plan:
    """The next reply to ``latest``; without one, the opening, or a look whether somebody is there."""
    if latest is None:
        return _unprompted(state, around)
    plans = (rule(state, latest, around) for rule in _RULES)
    plan = next(plan for plan in plans if plan is not None)
    return _noting(_greeting_newcomer(plan, around) if state.speaker.newcomer else plan, state, around)


def _greeting_newcomer(plan: Plan, around: Surroundings) -> Plan:
    if plan.effects or plan.verbatim is not None:
        return plan
    return structs.replace(plan, moves=(greeting(around), *(move for move in plan.moves if move.kind not in _EMPTY)))


def _noting(plan: Plan, state: State, around: Surroundings) -> Plan:
    """What is learned of somebody who can be found again, or whom a colleague takes over, is noted with the reply: a
    caller may hang up any time."""
    known = state.facts.email is not None and state.address.confirmed
    if (
        plan.effects
        or "update_lead" not in around.effects
        or not (known or state.fetched or state.recorded is not None or state.own.answers)
    ):
        return plan
    return plan if state.all_recorded else structs.replace(plan, effects=("update_lead",))


def _unprompted(state: State, around: Surroundings) -> Plan:
    """Nothing was said to answer. Silence stays after the good-bye and while the caller asked to wait."""
    if state.course.closed or state.course.holding:
        return Plan()
    if state.course.said:
        return (
            Plan((Move("still_there"),))
            if state.course.unprompted < MAX_SILENT
            else close(state, around, "close_silent")
        )
    if around.persona.greeting is not None:
        return Plan(verbatim=around.persona.greeting)
    return Plan((greeting(around),), next_question(state))


def _ended(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Who opted out stays out; after the good-byes only something new reopens the talk; nobody is kept for nothing."""
    if state.opting_out:
        return None
    if state.opted_out:
        return after_opting_out(state, latest, around)
    if state.course.closed:
        reopens = bool(state.learned) or latest.asks or latest.intent in _REOPENING
        return None if reopens and state.course.stalled < MAX_STALLED else Plan((Move("farewell"),))
    if state.course.stalled == MAX_STALLED and about_the_call(state, latest, around) is not None:
        return None  # answered once more
    if state.course.stalled >= MAX_STALLED:
        due, leave = rights(state, latest, around), close(state, around, "close_stalled")
        return Plan((*due.moves, *leave.moves)) if due is not None and not leave.effects else leave
    return None


def _answer_to_own(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """What answers the operator's question is that, whatever else it sounds like."""
    return _carry_on(state, latest, around) if state.own.answered is not None else None


def _talk(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """About the talk itself: silence, who calls and why, repeat, wait, abuse, another language, good-bye."""
    if latest.empty:
        silent = state.course.silent >= MAX_SILENT
        return close(state, around, "close_silent") if silent else Plan((Move("still_there"),))
    if latest.by == "front_desk" and state.speaker.front_desk:
        question = contact_question(state, "ask_email_front_desk")
        told = about_the_call(state, latest, around) or Move("front_desk")
        return Plan((told,), question) if question is not None else _leave(state, around)
    if latest.says("asks_beside"):
        return Plan((Move("off_topic"),), next_question(state))
    if latest.says("announces_question"):
        return Plan((Move("go_ahead"),))
    if latest.says("no_questions"):
        return Plan((Move("no_more_questions"),))
    if latest.says("only_looks"):
        return Plan((Move("no_rush"),))
    if latest.says("no_buyer") and not latest.asks:
        return Plan((Move("no_buyer"),))
    if (answer := about_the_call(state, latest, around)) is not None:
        return Plan((answer,), after_answer(state))
    if latest.intent == "repeat":
        return _repeat(state, around)
    if latest.intent == "wait" and not latest.says("back"):
        return Plan((Move("hold"),))
    if latest.says("abuse"):
        if state.course.insults >= MAX_INSULTS:
            return close(state, around, "close_abuse")
        return Plan((Move("calm"),), next_question(state))
    if latest.foreign and not latest.takes_leave:
        if state.course.foreign >= MAX_FOREIGN:
            return close(state, around, "close_foreign")
        return Plan((Move("english_only"),), next_question(state))
    if (
        latest.intent == "goodbye"
        or (state.asked.is_all and state.asked.expecting == "anything_else")
        or latest.says("misdialled")
        or (latest.foreign and latest.takes_leave)
    ):
        return _leave(state, around)
    return None


def _repeat(state: State, around: Surroundings) -> Plan:
    """The last thing said, as before; what was cut short is asked anew, since nobody heard its end."""
    last = state.course.last_content
    if last is None:
        return _unprompted(state, around)
    if last[-1:] in ".?!\"'\u201d":
        return Plan(verbatim=last)
    return Plan((Move("again"),), next_question(state))


def _subject(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Questions and objections: answered first, then back to the agent's own question."""
    if state.meeting.cancels or state.meeting.heard == "let_go":
        return _cancel(state, around)
    if state.meeting.heard == "kept":
        if state.meeting.existing is None:  # theirs, which nobody here knows
            return Plan((Move("kept"),), anything_else(state))
        return _with_next(state, (Move("kept"),), around)
    if state.asked.answered == "email" and state.facts.email is None and state.booking_ready:
        return _book(state, around)  # who has no address is called
    if latest.intent == "reschedule":
        if state.booking_ready:  # the other time was said with it
            return _book(state, around)
        return Plan(
            (Move("reschedule"),), next_question(state) if state.meeting.slot is not None else time_question(state)
        )
    if latest.says("wants_text"):
        return Plan((Move("no_texts"),), next_question(state))
    if latest.objection is not None:
        return _object(state, latest.objection, around)
    if state.course.asks_on:
        costs = is_for_so_many(latest.text)
        also = around.lookup("what does it cost" if costs else _AND.sub("does it work with ", latest.plain))
        return Plan(
            (Move("answer", {"text": also.text}) if also is not None else Move("unknown"),), after_answer(state)
        )
    asks_when = state.meeting.choice != Choice()
    if latest.intent in ("pricing", "product_question") or (
        latest.asks
        and not (asks_when or latest.says("wants_new_meeting"))
        and (latest.intent not in ("small_talk", "greeting") or latest.says("asks_fact"))
    ):
        return _answer(state, latest, around)
    if "?" in latest.text and latest.intent == "small_talk" and (answer := from_knowledge(latest, around)) is not None:
        return Plan((answer,), after_answer(state))
    return None


def _cancel(state: State, around: Surroundings) -> Plan:
    if state.meeting.heard in ("let_go", "cancels_unbooked"):
        return Plan((Move("not_booked_yet"),), anything_else(state))
    if state.meeting.heard == "cancels_unnamed" and "cancel_meeting" in around.effects:
        return Plan((), Move("ask_which_meeting"))
    if state.meeting.existing is None or "cancel_meeting" not in around.effects:
        return Plan((Move("cancel_by_invitation"),), anything_else(state))
    return Plan((Move("cancelling"),), effects=("cancel_meeting",))


def _answer(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """From the knowledge; what it does not have is said not to be known. None: it was no question after all."""
    answer = from_knowledge(latest, around)
    if answer is not None:
        return Plan((*acknowledge(state), answer), after_answer(state))
    if latest.intent in ("pricing", "product_question"):
        if "search_knowledge" in around.effects:
            return Plan((Move("looking_up"),), effects=("search_knowledge",), query=latest.text)
        return Plan((*acknowledge(state), Move("unknown")), after_answer(state))
    if state.learned or latest.intent not in ("other", "small_talk"):
        return None
    kind = "unknown" if latest.says("asks_of_us") else "off_topic"
    return Plan((Move(kind),), next_question(state))


def _object(state: State, kind: Objection, around: Surroundings) -> Plan:
    """Hear an objection out once, and take it for an answer the second time."""
    if kind == "send_email" and state.facts.email is None:
        return Plan((Move("objection_send_email"),), Move("ask_email_info"))
    accepted = kind != "general" and state.course.objections[kind] >= MAX_SAME_OBJECTION
    if accepted or state.course.objections.total() > MAX_OBJECTIONS:
        return close(state, around, "close_objection")
    move = Move(f"objection_{kind}", around.names)
    if kind == "wrong_person":
        return Plan((move,), Move("ask_referral"))
    if kind in ("no_time", "think_about_it"):
        return Plan((move,), time_question(state) or next_question(state))
    if kind in ("suspicious", "number_source"):
        return Plan((move,), Move("ask_permission"))
    return Plan((move,), Move("ask_reason") if kind == "not_interested" else next_question(state))


def _carry_on(state: State, latest: Understanding, around: Surroundings) -> Plan:
    """The caller answered, agreed, chatted, or said something that fits nowhere."""
    if state.booking_ready:
        return _book(state, around)
    if latest.takes_leave:
        return _leave(state, around)
    if state.asked.expecting == "anything_else" and latest.says("only_yes"):
        return Plan((Move("go_ahead"),))
    told = acknowledge(state)
    if told:
        return _with_next(state, told, around)
    if state.asked.expecting == "permission" and latest.polarity == "no":
        return _leave(state, around)
    if state.meeting.choice.alternatives or (state.asked.expecting == "time_slot" and latest.moment):
        return Plan((Move(of_times(state, latest)),), time_question(state))
    return _with_next(state, (reaction(state, latest, around),), around)


def _with_next(state: State, moves: tuple[Move, ...], around: Surroundings) -> Plan:
    question = next_question(state)
    if question is not None:
        return Plan(moves, question)
    if state.fetched and not state.booking_ready:
        told = (move for move in moves if move.kind not in (*_EMPTY, "ack_slot"))
        return Plan((*told, Move("with_colleague")))
    return _book(state, around) if state.booking_ready else _leave(state, around)


def _book(state: State, around: Surroundings) -> Plan:
    if "book_meeting" not in around.effects:
        return Plan((booked(state),), Move("ask_anything_else"))
    also: tuple[Effect, ...] = ("update_lead",) if "update_lead" in around.effects else ()
    return Plan((Move("booking"),), effects=("book_meeting", *also))


def _leave(state: State, around: Surroundings) -> Plan:
    """Good-bye, with what has been agreed; a meeting that only wants booking is booked first."""
    if state.booking_ready:
        return _book(state, around)
    if state.handed_off:
        return close(state, around, "close_contact" if state.facts.email is not None else "close")
    no_time_found = state.meeting.wanted and state.meeting.slot is None and state.address.confirmed
    if (state.email_ready or no_time_found) and not state.meeting.stands:
        return close(state, around, "close_email")
    leave = close(state, around, "close_referral" if state.facts.referral is not None else "close")
    if state.meeting.booked or state.meeting.existing is None or leave.effects:
        return leave
    return structs.replace(leave, moves=(stays(state), *leave.moves))


def close(state: State, around: Surroundings, kind: str) -> Plan:
    """Good-bye in the given words. What was learned is recorded first, when it can be and has not been."""
    tells = not state.all_recorded or (state.recorded is None and outcome(state) in _TELLING)
    if "update_lead" in around.effects and tells:
        return Plan(effects=("update_lead",))
    name = first_name(state)
    return Plan((Move(kind, {"name": f", {name}" if name else "", "email": read_back(state)}),))


_RULES: Final = (_ended, nobody_to_sell_to, rights, _answer_to_own, _talk, _subject, _carry_on)
"""In the order in which they are asked; the last one always has an answer."""
