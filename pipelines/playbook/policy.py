"""What to do next: the state of the conversation in, the parts of a reply out. Pure; words are made elsewhere."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from pipelines.intent.labels import Expected
from pipelines.knowledge.port import Passage
from pipelines.playbook.extract.emails import spoken_email
from pipelines.playbook.persona import Persona
from pipelines.playbook.slots import spoken_slot, spread
from pipelines.playbook.state import MAX_ASKED, State
from pipelines.playbook.understanding import Understanding

MAX_STALLED: Final = 6
"""Turns of the caller without anything new; at this one the agent takes its leave."""

MAX_SILENT: Final = 3
MAX_INSULTS: Final = 2
MAX_FOREIGN: Final = 3
MAX_OBJECTIONS: Final = 2
"""The same objection heard a second time is accepted."""

MAX_DECLINED_TIMES: Final = 2
MEETING_MINUTES: Final = 30

Effect = Literal["book_meeting", "opt_out", "handoff_to_person", "search_knowledge", "update_lead"]

_ASKS_WHY: Final = re.compile(
    r"\bwhy (?:do|would|did|are) you (?:need|want|ask|asking|have to know|even ask)\b|\bwhats it for\b"
)

_QUALIFICATION: Final[tuple[Expected, ...]] = ("need", "team_size", "budget", "authority", "timing")


class Move(Struct, frozen=True):
    """A part of a reply: which of the wordings, and what to put into it."""

    kind: str
    values: dict[str, str] = {}


class Plan(Struct, frozen=True):
    """A reply: what to say first, what to ask then, which tools to call. ``verbatim`` is said as it stands, instead."""

    moves: tuple[Move, ...] = ()
    question: Move | None = None
    effects: tuple[Effect, ...] = ()
    verbatim: str | None = None
    query: str | None = None


Lookup = Callable[[str], Passage | None]
"""The knowledge's best answer to a question, or None when it has none."""


class Surroundings(Struct, frozen=True):
    """What the decision depends on besides the conversation. ``effects``: which tools of the server are on offer."""

    persona: Persona
    company: str | None
    lookup: Lookup
    effects: frozenset[str] = frozenset()


def decide(state: State, latest: Understanding | None, around: Surroundings) -> Plan:
    """The next reply."""
    if latest is None:
        return _open(state, around)
    for rule in (_ending, _law, _meta, _stalled, _subject):
        plan = rule(state, latest, around)
        if plan is not None:
            return plan
    return _carry_on(state, latest, around)


def _open(state: State, around: Surroundings) -> Plan:
    """Nobody has spoken but perhaps the agent."""
    if state.said:
        return Plan((Move("still_there"),)) if len(state.said) <= MAX_SILENT else _close(state, around, "close_silent")
    if around.persona.greeting is not None:
        return Plan(verbatim=around.persona.greeting)
    return Plan((_greeting(around),), next_question(state))


def _greeting(around: Surroundings) -> Move:
    return Move("greet" if around.company else "greet_plain", _names(around))


def _names(around: Surroundings) -> dict[str, str]:
    return {"agent": around.persona.agent, "company": around.company or ""}


def _ending(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Somebody who opted out stays out; after the good-byes only something new reopens the talk."""
    if state.opted_out and latest.intent != "opt_out":
        if latest.intent == "wants_person":
            return None
        return Plan((Move("opted_out_already"),))
    if not state.closed or latest.intent == "opt_out":
        return None
    reopens = (
        state.learned
        or latest.asks
        or latest.intent in ("wants_person", "booking", "reschedule", "repeat", "wait", "are_you_a_bot")
    )
    return None if reopens and state.stalled < MAX_STALLED else Plan((Move("farewell"),))


def _law(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """What the caller has a right to."""
    if latest.intent == "opt_out":
        if "opt_out" in around.effects:
            return Plan((Move("opting_out"),), effects=("opt_out",))
        return Plan((Move("opted_out"),))
    if latest.intent == "wants_person":
        if "handoff_to_person" in around.effects:
            return Plan((Move("handing_off"),), effects=("handoff_to_person",))
        return Plan((Move("handed_off"),), _contact_question(state))
    if latest.intent == "are_you_a_bot":
        return Plan((Move("admit_ai", _names(around)),), next_question(state))
    return None


def _contact_question(state: State) -> Move | None:
    """Where the colleague can write to, when it is not known."""
    if state.facts.email is not None or state.asked["email"] >= 1:
        return None
    return Move("ask_email_contact")


def _meta(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """About the talk itself: silence, repeat, wait, abuse, another language, good-bye."""
    if state.stalled >= MAX_STALLED and (latest.intent in ("repeat", "wait") or latest.empty):
        return _close(state, around, "close_stalled")
    if latest.empty:
        return (
            _close(state, around, "close_silent") if state.silent_turns >= MAX_SILENT else Plan((Move("still_there"),))
        )
    if latest.intent == "repeat":
        return _repeat(state, around)
    if latest.intent == "wait":
        return Plan((Move("hold"),))
    if latest.abusive:
        if state.insults >= MAX_INSULTS:
            return _close(state, around, "close_abuse")
        return Plan((Move("calm"),), next_question(state))
    if latest.foreign:
        if state.foreign_turns >= MAX_FOREIGN:
            return _close(state, around, "close_foreign")
        return Plan((Move("english_only"),), next_question(state))
    if latest.intent == "goodbye" or state.done:
        return _close(state, around, "close")
    return None


def _repeat(state: State, around: Surroundings) -> Plan:
    """The last thing said, as before; what was cut short is asked anew, since nobody heard its end."""
    last = state.last_content
    if last is None:
        return _open(state, around)
    if last.rstrip()[-1:] in ".?!\"'\u201d":
        return Plan(verbatim=last)
    return Plan((Move("again"),), next_question(state))


def _stalled(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    return _close(state, around, "close_stalled") if state.stalled >= MAX_STALLED else None


def _subject(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    """Questions and objections: answered first, then back to the agent's own question."""
    if latest.intent == "reschedule":
        return Plan((Move("reschedule"),), _time_question(state))
    if latest.objection is not None and not (latest.asks and latest.objection not in ("suspicious", "number_source")):
        return _object(state, latest, around)
    if _ASKS_WHY.search(latest.plain):
        return Plan((Move("why_asked"),), next_question(state))
    if (latest.asks and latest.intent not in ("small_talk", "greeting")) or latest.intent in (
        "pricing",
        "product_question",
    ):
        return _answer(state, latest, around)
    return None


def _answer(state: State, latest: Understanding, around: Surroundings) -> Plan | None:
    told = _acknowledge(state)
    passage = around.lookup(latest.text)
    if passage is None and latest.intent == "pricing":
        passage = around.lookup("what does it cost")
    if passage is not None:
        return Plan((*told, Move("answer", {"text": passage.text})), next_question(state))
    if state.learned or latest.intent in ("booking", "small_talk", "greeting", "yes", "no"):
        return None
    if latest.intent in ("pricing", "product_question"):
        if "search_knowledge" in around.effects:
            return Plan((Move("looking_up"),), effects=("search_knowledge",), query=latest.text)
        return Plan((Move("unknown"),), next_question(state))
    return Plan((Move("off_topic"),), next_question(state))


def _object(state: State, latest: Understanding, around: Surroundings) -> Plan:
    kind = latest.objection
    assert kind is not None
    count = state.objections[kind]
    heard = sum(state.objections.values())
    if kind == "send_email" and state.facts.email is None:
        return Plan((Move("objection_send_email"),), Move("ask_email_info"))
    if count >= MAX_OBJECTIONS or heard > 2 * MAX_OBJECTIONS or (kind == "wrong_person" and state.facts.referral):
        return _close(state, around, "close_objection")
    move = Move(f"objection_{kind}", _names(around))
    if kind == "wrong_person":
        return Plan((move,), Move("ask_referral"))
    if kind in ("no_time", "think_about_it"):
        return Plan((move,), _time_question(state) or next_question(state))
    if kind in ("suspicious", "number_source"):
        return Plan((move,), Move("ask_permission"))
    if kind == "not_interested":
        return Plan((move,), Move("ask_reason"))
    return Plan((move,), next_question(state))


def _carry_on(state: State, latest: Understanding, around: Surroundings) -> Plan:
    """The caller answered, agreed, chatted, or said something that fits nowhere."""
    if state.booking_ready:
        return _book(state, around)
    told = _acknowledge(state)
    if told:
        return _with_next(state, told, around)
    if state.expecting == "permission" and latest.polarity == "no":
        return _close(state, around, "close")
    if state.choice.alternatives or (state.expecting == "time_slot" and latest.moment):
        return Plan((Move("other_times"),), _time_question(state))
    if latest.intent == "greeting":
        if not state.said:
            return Plan((_greeting(around),), next_question(state))
        return Plan((Move("hello" if state.heard == 1 and "?" not in latest.text else "here"),), next_question(state))
    if latest.intent == "small_talk":
        return Plan((_small_talk(latest, around),), next_question(state))
    if not state.said:
        return Plan((_greeting(around),), next_question(state))
    if state.answered is not None or latest.does_not_know or latest.polarity is not None:
        return _with_next(state, (Move(_agreeing(state, latest)),), around)
    if latest.partial_email:
        return Plan((Move("email_incomplete"),), Move("ask_email_again"))
    return _with_next(state, (Move("unclear"),), around)


def _agreeing(state: State, latest: Understanding) -> str:
    if latest.does_not_know:
        return "not_known"
    if state.answered == "confirmation" and state.facts.email is None:
        return "email_wrong"
    if latest.polarity == "no":
        return "declined"
    return "okay"


def _small_talk(latest: Understanding, around: Surroundings) -> Move:
    plain = latest.plain
    if "name" in plain or "who" in plain.split() or "whos" in plain:
        return Move("identity" if around.company else "identity_plain", _names(around))
    if "how" in plain.split() or "hows" in plain:
        return Move("how_are_you")
    if "thank" in plain or "appreciate" in plain:
        return Move("welcome")
    return Move("chat")


def _acknowledge(state: State) -> tuple[Move, ...]:
    """What was just learned, said back in a few words."""
    learned = {field: value for field, value in state.learned.items() if field not in ("email", "referral")}
    if "referral" in state.learned:
        return (Move("ack_referral"),)
    if not learned:
        return (Move("okay"),) if "email" in state.learned else ()
    values = {
        "name": (state.facts.name or "").split(" ")[0],
        "company": state.facts.company or "",
        "team_size": str(state.facts.team_size),
        "budget": state.facts.budget or "",
        "slot": spoken_slot(state.slot) if state.slot else "",
    }
    if state.corrected:
        return (
            (Move("ack_correction", values),)
            if len(learned) == 1 and "team_size" not in learned
            else (Move("ack_corrected_size", values),)
        )
    if len(learned) > 1:
        return (Move("ack_several", {"facts": _listed(state, learned)}),)
    field = next(iter(learned))
    variant = {
        "budget": "_none" if state.facts.budget == "none yet" else "",
        "authority": f"_{state.facts.authority}",
        "team_size": "_one" if state.facts.team_size == 1 else "",
    }
    return (Move(f"ack_{field}{variant.get(field, '')}", values),)


def _listed(state: State, learned: dict[str, object]) -> str:
    """Several facts in one breath: "25 people at Initech, about 5,000 dollars a month"."""
    parts: list[str] = []
    if "team_size" in learned:
        parts.append("1 person" if state.facts.team_size == 1 else f"{state.facts.team_size} people")
    if "company" in learned:
        parts = [f"{parts[0]} at {state.facts.company}"] if parts else [str(state.facts.company)]
    if "name" in learned:
        parts.insert(0, str(state.facts.name))
    if "budget" in learned:
        parts.append("no budget yet" if state.facts.budget == "none yet" else f"{state.facts.budget}")
    if "timing" in learned:
        parts.append(str(state.facts.timing))
    if "slot" in learned and state.slot is not None:
        parts.append(spoken_slot(state.slot))
    return ", ".join(parts)


def _with_next(state: State, moves: tuple[Move, ...], around: Surroundings) -> Plan:
    question = next_question(state)
    if question is not None:
        return Plan(moves, question)
    if state.booking_ready:
        return _book(state, around)
    return _close(
        state, around, "close_email" if state.email_ready else "close_referral" if state.facts.referral else "close"
    )


def _book(state: State, around: Surroundings) -> Plan:
    assert state.slot is not None
    if "book_meeting" in around.effects:
        also: tuple[Effect, ...] = ("update_lead",) if "update_lead" in around.effects else ()
        return Plan((Move("booking"),), effects=("book_meeting", *also))
    return Plan((booked(state),), Move("ask_anything_else"))


def booked(state: State) -> Move:
    """What is said once the meeting stands."""
    values = {"slot": spoken_slot(state.slot) if state.slot else "", "email": read_back(state)}
    return Move("booked" if state.facts.email else "booked_no_email", values)


def read_back(state: State) -> str:
    """The address the way it was given: typed as typed, spoken as spoken."""
    address = state.facts.email or ""
    return address if state.typed_email else spoken_email(address)


def _close(state: State, around: Surroundings, kind: str) -> Plan:
    """Good-bye. What was learned is recorded first, when it can be and has not been."""
    if kind == "close" and state.slot is not None and state.booking_ready:
        return _book(state, around)
    move = Move(
        kind, {"name": f", {state.facts.name.split(' ')[0]}" if state.facts.name else "", "email": read_back(state)}
    )
    news = state.facts != (state.recorded or type(state.facts)())
    return Plan((move,), effects=("update_lead",) if news and "update_lead" in around.effects else ())


def next_question(state: State) -> Move | None:
    """The next thing to ask; None when there is nothing left, and the talk can end."""
    if state.handed_off or state.opted_out:
        return None
    if state.booked:
        return Move("ask_anything_else") if state.asked["anything_else"] < MAX_ASKED else None
    if state.wants_email and state.facts.email is None and not state.gave_up("email"):
        return Move("ask_email_info")
    if state.facts.email is not None and not state.email_confirmed and (state.slot is not None or state.wants_email):
        return Move("ask_confirmation", {"email": read_back(state)})
    if state.wants_email and state.email_confirmed and state.slot is None:
        return Move("ask_anything_else") if state.asked["anything_else"] == 0 else None
    if not state.wants_meeting and state.slot is None:
        for slot in _QUALIFICATION:
            if getattr(state.facts, slot) is None and not state.gave_up(slot):
                return Move(f"ask_{slot}")
    return _booking_question(state)


def _booking_question(state: State) -> Move | None:
    if state.slot is None:
        question = _time_question(state)
        if question is not None:
            return question
        if state.facts.email is None and not state.gave_up("email") and state.asked["email"] == 0:
            return Move("ask_email_instead")
        return None
    if state.facts.name is None and not state.gave_up("name"):
        return Move("ask_name")
    if state.facts.email is None and not state.gave_up("email"):
        return Move("ask_email" if state.asked["email"] == 0 else "ask_email_again")
    return None


def _time_question(state: State) -> Move | None:
    """Two free times, others than those just declined; None when offering has not helped."""
    if state.gave_up("time_slot") or state.declined_times >= MAX_DECLINED_TIMES:
        return None
    times = state.choice.alternatives or _fresh_times(state)
    if not times:
        return Move("ask_time_open")
    if len(times) == 1:
        return Move("ask_time_slot_one", {"a": spoken_slot(times[0])})
    return Move("ask_time_slot", {"a": spoken_slot(times[0]), "b": spoken_slot(times[1])})


def _fresh_times(state: State) -> tuple[datetime, ...]:
    declined = state.declined_times > 0 or state.booking_failed
    rest = [slot for slot in state.free if not (declined and slot in state.offered)]
    return spread(rest) if declined or not state.offered else state.offered[:2]
