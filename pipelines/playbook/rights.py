"""What comes before any selling: who has a right to peace, a person or the truth, and who is nobody to sell to."""

import re
from typing import Final

from pipelines.playbook.answering import about_the_call, from_knowledge
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.questions import contact_question, next_question
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

_FOR_SOMEBODY: Final = re.compile(
    r"\b(?:[Cc]an|[Cc]ould|[Mm]ay) I (?:please )?(?:speak|talk) (?:to|with) (?:Mr\.? |Mrs\.? |Ms\.? "
    r"|Dr\.? )?[A-Z][a-z]+(?: [A-Z]|,| ?\?| please|$)"
    r"|\b(?:have|get|let) (?:them|someone|somebody|a colleague|a person|one of your \w+) (?:to )?(?:call|ring|phone) me\b"
)
"""A colleague, by name; or "have them call me"."""


def nobody_to_sell_to(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Nobody to talk business with: a short message, a wait, or good-bye."""
    if latest.by == "voicemail":
        return Plan((Move("voicemail" if around.company else "voicemail_plain", around.names),))
    if latest.by == "child":
        return Plan((Move("close_child"),))
    return Plan((Move("hold"),)) if latest.by in ("menu", "passes_on") else None


def after_opting_out(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Nothing is asked of them or offered; what they ask themselves is answered."""
    if latest.intent in ("wants_person", "are_you_a_bot") or state.meeting.cancels:
        return None
    answer = about_the_call(state, latest, around)
    if answer is None and (latest.intent in ("booking", "reschedule") or (latest.asks and latest.moment)):
        answer = Move("opted_out_wishes")
    if latest.objection == "number_source":
        answer = Move("not_known_here")
    asks = (latest.asks or latest.intent == "pricing") and latest.intent != "greeting"
    if answer is None and asks and not latest.says("asks_why_still"):
        answer = from_knowledge(latest, around) or Move("not_known_here")
    return Plan((answer or Move("farewell" if latest.takes_leave else "opted_out_already"),))


def rights(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """What the caller has a right to: peace, a person, the truth about what is speaking."""
    if state.opting_out:
        offered = "opt_out" in around.effects
        return Plan((Move("opting_out"),), effects=("opt_out",)) if offered else Plan((Move("opted_out"),))
    if around.told_of_recording:
        return Plan((Move("okay"),), next_question(state))
    erase = latest.says("erase")
    if latest.may_opt_out and not erase:
        return Plan((), Move("ask_opt_out"))
    gone = state.course.closed or state.course.objections["not_interested"] > 0
    if gone and not state.opted_out and latest.says("stop"):
        return Plan((), Move("ask_opt_out"))
    if latest.says("complains") and state.asked.times["opt_out"] == 0:
        return Plan((Move("sorry_called"),), Move("ask_opt_out"))
    if erase and "request_erasure" in around.effects:
        return Plan((Move("erasing"),), effects=("request_erasure",))
    asked_for = latest.intent == "wants_person" or _FOR_SOMEBODY.search(latest.text) is not None
    upset = latest.says("upset")
    if asked_for or upset or latest.says("support") or erase:
        sorry = (Move("sorry_trouble"),) if upset else ()
        if state.handed_off and "handoff_to_person" in around.effects:
            return Plan((*sorry, Move("handed_off_done")))
        if "handoff_to_person" in around.effects:
            return Plan((*sorry, Move("handing_off")), effects=("handoff_to_person",))
        return Plan((*sorry, Move("handed_off")), contact_question(state))
    if latest.intent == "are_you_a_bot":
        return Plan((Move("admit_ai", around.names),), next_question(state))
    return None
