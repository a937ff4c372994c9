"""What to do next: the state of the conversation in, the parts of a reply out. Pure; words are made elsewhere.

A rule looks at the caller's last text and answers with a plan, or with None where it has nothing to say to it. The
first that answers is followed: to add one, write it beside its like and put it into ``_RULES`` at its place.
"""

from collections.abc import Callable
from typing import Final

from msgspec import structs

from pipelines.playbook import answering_rules as answer
from pipelines.playbook import rights
from pipelines.playbook import talk_rules as talk
from pipelines.playbook.answering import about_the_call
from pipelines.playbook.closing import EMPTY, close
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.reacting import greeting
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

Rule = Callable[[State, Understanding, Surroundings], Plan | None]

MAX_STALLED: Final = 6
"""Turns of the caller without anything new; at this one the agent takes its leave."""

_REOPENING: Final = frozenset(
    {"greeting", "wants_person", "booking", "reschedule", "repeat", "wait", "are_you_a_bot", "pricing",
     "product_question"}
)  # fmt: skip


def decide(state: State, latest: Understanding | None, around: Surroundings) -> Plan:
    """The next reply to ``latest``; without one, the opening, or a look whether somebody is there."""
    if latest is None:
        return talk.unprompted(state, around)
    plans = (rule(state, latest, around) for rule in _RULES)
    plan = next(plan for plan in plans if plan is not None)
    return _noting(_greeting_newcomer(plan, around) if state.speaker.newcomer else plan, state, around)


def _greeting_newcomer(plan: Plan, around: Surroundings) -> Plan:
    if plan.effects or plan.verbatim is not None:
        return plan
    return structs.replace(plan, moves=(greeting(around), *(move for move in plan.moves if move.kind not in EMPTY)))


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


def _ended(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Who opted out stays out; after the good-byes only something new reopens the talk; nobody is kept for nothing."""
    if state.opting_out:
        return None
    if state.opted_out:
        return rights.after_opting_out(state, latest, around)
    stalled = state.course.stalled
    if state.course.closed:
        reopens = bool(state.learned) or latest.asks or latest.intent in _REOPENING
        return None if reopens and stalled < MAX_STALLED else Plan((Move("farewell"),))
    if stalled < MAX_STALLED or latest.by == "takes_message":
        return None
    if stalled == MAX_STALLED and about_the_call(state, latest, around) is not None:
        return None  # answered once more
    due, leave = rights.rights(state, latest, around), close(state, around, "close_stalled")
    return Plan((*due.moves, *leave.moves)) if due is not None and not leave.effects else leave


_RULES: Final[tuple[Rule, ...]] = (
    _ended,
    rights.nobody_to_sell_to,
    rights.rights,
    answer.own_question_answered,
    # The talk itself.
    talk.silence,
    talk.front_desk,
    talk.in_passing,
    talk.fetched,
    talk.about_call,
    talk.misdialled,
    talk.call_back,
    talk.repeat,
    talk.wait,
    talk.abuse,
    talk.foreign,
    talk.farewell,
    # The meeting, and what the caller asks or holds against it.
    answer.meeting_given_up,
    answer.meeting_kept,
    answer.address_refused,
    answer.meeting_moved,
    answer.text_wanted,
    answer.objection,
    answer.price_withheld,
    answer.question_went_on,
    answer.question,
    answer.small_question,
    # News, agreement, and whatever fits nowhere.
    answer.the_rest,
)
"""In the order in which they are asked; the last one always has an answer."""
