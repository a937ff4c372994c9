"""Rules about the talk itself: silence, who calls and why, repeat, wait, abuse, another language, good-bye."""

import re
from typing import Final

from pipelines.playbook.acknowledging import acknowledge
from pipelines.playbook.answering import about_the_call
from pipelines.playbook.answers import first_sentence
from pipelines.playbook.closing import close, leave
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.questions import after_answer, contact_question, next_question
from pipelines.playbook.reacting import greeting
from pipelines.playbook.signs import Sign
from pipelines.playbook.state import State
from pipelines.playbook.understanding import Understanding

MAX_SILENT: Final = 3
MAX_SAME_WORDS: Final = 3
MAX_INSULTS: Final = 2
MAX_FOREIGN: Final = 3

_NAMED: Final = re.compile(r"\b[Ii]s (?:this|that) (?!AI\b)((?:Dr\.? )?[A-Z][\w'\u2019]+(?: [A-Z][\w'\u2019]+)*)\W*$")
_IN_PASSING: Final[tuple[tuple[Sign, str], ...]] = (
    ("announces_question", "go_ahead"),
    ("no_questions", "no_more_questions"),
    ("only_looks", "no_rush"),
    ("seeks_work", "no_jobs"),
)
"""What is answered in a word and asks for nothing back."""


def unprompted(state: State, around: Surroundings) -> Plan:
    """Nothing was said to answer. Silence stays after the good-bye and while the caller asked to wait."""
    course = state.course
    if course.closed or course.holding:
        return Plan()
    if course.said:
        return Plan((Move("still_there"),)) if course.unprompted < MAX_SILENT else close(state, around, "close_silent")
    if around.persona.greeting is not None:
        return Plan(verbatim=around.persona.greeting)
    return Plan((greeting(around),), next_question(state))


def silence(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if not latest.empty:
        return None
    return close(state, around, "close_silent") if state.course.silent >= MAX_SILENT else Plan((Move("still_there"),))


def front_desk(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Left a message, where they would take one; else asked for a way to reach who decides."""
    if not state.speaker.front_desk:
        return None
    if state.speaker.has_message:
        return (
            None
            if latest.asks and not latest.says("asks_if_all", "takes_it")
            else close(state, around, "close_front_desk")
        )
    if latest.by == "takes_message":
        return Plan((_message(state, around),))
    if latest.by != "front_desk":
        return None
    question = contact_question(state, "ask_email_front_desk")
    told = about_the_call(state, latest, around) or Move("front_desk")
    return Plan((told,), question) if question is not None else leave(state, around)


def _message(state: State, around: Surroundings) -> Move:
    """Who called, what about, and how to call back."""
    calling, subject = state.calling, around.lookup("what does it do")
    about = f"It's about {calling.reason}." if calling.reason is not None else ""
    if not about and subject is not None:
        about = first_sentence(subject.text)
    back = "They can call back on this number." if calling.is_ours else ""
    kind = "leave_message" if around.company else "leave_message_plain"
    return Move(kind, around.names | {"about": " ".join(filter(None, (about, back)))})


def in_passing(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if latest.says("asks_beside"):
        return Plan((Move("off_topic"),), next_question(state))
    for sign, kind in _IN_PASSING:
        if latest.says(sign):
            return Plan((Move(kind),))
    return Plan((Move("no_buyer"),)) if latest.says("no_buyer") and not latest.asks else None


def misdialled(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Somebody who wanted another number, and knows it or does not yet, or makes sure."""
    if latest.says("misdialled"):
        return close(state, around, "close_misdialled")
    named = _NAMED.search(latest.text)
    is_ours = named is not None and (named[1] in (around.company or "") or named[1] == around.persona.agent)
    if is_ours:
        return Plan((Move("identity" if around.company else "identity_plain", around.names),), after_answer(state))
    if latest.says("asks_for_other") or named is not None:
        return Plan((Move("not_them" if around.company else "not_them_plain", around.names),))
    return None


def fetched(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Who waits for a colleague asks how long."""
    return Plan((Move("with_colleague"),)) if state.fetched and latest.says("asks_how_soon") else None


def about_call(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    answer = about_the_call(state, latest, around)
    return Plan((*acknowledge(state), answer), after_answer(state)) if answer is not None else None


def call_back(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Of our own calls, which are made again at the time they named."""
    return close(state, around, "close_call_back") if state.call_back_at is not None and state.asks_call_back else None


def repeat(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """The last thing said, as before; in other words when that did not help, or was cut short: nobody heard its end."""
    if latest.intent != "repeat":
        return None
    last = state.course.last_content
    if last is None:
        return unprompted(state, around)
    if last[-1:] in ".?!\"'\u201d" and state.course.said[-MAX_SAME_WORDS:] != [last] * MAX_SAME_WORDS:
        return Plan(verbatim=last)
    return Plan((Move("again"),), next_question(state))


def wait(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    return Plan((Move("hold"),)) if latest.intent == "wait" and not latest.says("back") else None


def abuse(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if not latest.says("abuse"):
        return None
    if state.course.insults >= MAX_INSULTS:
        return close(state, around, "close_abuse")
    return Plan((Move("calm"),), next_question(state))


def foreign(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    if not latest.foreign or latest.takes_leave:
        return None
    if state.course.foreign >= MAX_FOREIGN:
        return close(state, around, "close_foreign")
    return Plan((Move("english_only"),), next_question(state))


def farewell(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    takes_leave = latest.intent == "goodbye" or (latest.takes_leave and (latest.foreign or latest.says("wishes_well")))
    is_all = state.asked.is_all and state.asked.expecting == "anything_else"
    return leave(state, around) if takes_leave or is_all else None
