"""What was just learned, said back in a few words."""

from collections.abc import Collection
from typing import Final

from pipelines.person_name import addressed
from pipelines.playbook.extract.emails import spoken_email
from pipelines.playbook.extract.phones import spoken_phone
from pipelines.playbook.moves import Move
from pipelines.playbook.qualification import NO_BUDGET
from pipelines.playbook.slots import spoken_slot
from pipelines.playbook.state import State

LISTED: Final = ("name", "team_size", "company", "budget", "timing", "phone", "slot")


def acknowledge(state: State) -> tuple[Move, ...]:
    """One move for the facts of the caller's last text; none when it told nothing new.

    An e-mail address is not said here: it is read back with a question of its own.
    """
    facts = state.facts
    if "referral" in state.learned:
        return (Move("ack_referral"),)
    values = {
        "name": first_name(state),
        "company": facts.company or "",
        "team_size": str(facts.team_size),
        "budget": facts.budget or "",
        "phone": spoken_phone(facts.phone or ""),
        "slot": state.meeting.said(state.meeting.slot),
    }
    if state.corrected and "email" not in state.learned:
        return (Move("ack_corrected_size" if "team_size" in state.learned else "ack_correction", values),)
    told = [field for field in state.learned if field != "email"]
    told.sort(key=lambda field: field != state.asked.expecting)  # the answer to the question first
    facts_told = listed(state, told)
    if len(told) > 1 and facts_told:
        return (Move("ack_several", {"facts": facts_told}),)
    if not told:
        noted = (Move("noted"),) if state.own.answered is not None else ()
        return (Move("okay"),) if state.learned else noted
    kind = {
        "budget": "budget_none" if facts.budget == NO_BUDGET else "budget",
        "authority": f"authority_{facts.authority}",
        "team_size": "team_size_one" if facts.team_size == 1 else "team_size",
    }.get(told[0], told[0])
    return (Move(f"ack_{kind}", values),)


def listed(state: State, told: Collection[str] = LISTED) -> str:
    """Several facts in one breath: "25 people at Initech, 5,000 dollars a month"; "" when none of them is known."""
    told = [field for field in told if field == "slot" or getattr(state.facts, field) is not None]
    facts = state.facts
    parts = [str(facts.name)] if "name" in told else []
    people = ("1 person" if facts.team_size == 1 else f"{facts.team_size} people") if "team_size" in told else ""
    company = str(facts.company) if "company" in told else ""
    if people or company:
        parts.append(f"{people} at {company}" if people and company else people or company)
    if "budget" in told:
        parts.append("no budget yet" if facts.budget == NO_BUDGET else str(facts.budget))
    if "timing" in told:
        parts.append(str(facts.timing))
    if "phone" in told:
        parts.append(spoken_phone(str(facts.phone)))
    if "slot" in told and state.meeting.slot is not None:
        parts.append(spoken_slot(state.meeting.slot))
    return ", ".join(parts)


def first_name(state: State) -> str:
    """How the caller is addressed; "" when nobody said a name."""
    return addressed(state.facts.name)


def read_back(state: State) -> str:
    """The address the way it was given: typed as typed, spoken as spoken."""
    address = state.facts.email or ""
    return address if state.address.typed else spoken_email(address)


def stays(state: State) -> Move:
    """Of a meeting for which no other time was found after all."""
    return Move("kept_at", {"slot": state.meeting.said(state.meeting.existing)})


def booked(state: State, *, invited: bool = True) -> Move:
    """What is said once the meeting stands. ``invited``: whether an invitation goes out by e-mail."""
    values = {
        "slot": state.meeting.said(state.meeting.slot),
        "email": read_back(state),
    }
    if state.facts.email is None:
        if state.facts.phone is not None:
            return Move("booked_on_phone", values | {"phone": spoken_phone(state.facts.phone)})
        return Move("booked_no_email" if state.calling.on_phone else "booked_unreachable", values)
    return Move("booked" if invited else "booked_for_address", values)
