"""The arguments of calls to the server's tools, from what is known of the conversation."""

from typing import Any, Final

import msgspec

from pipelines.llm.port import ToolSpec
from pipelines.playbook.schema_filling import fill
from pipelines.playbook.slots import spoken_slot
from pipelines.playbook.state import State
from pipelines.playbook.tools import CANCEL_MEETING
from pipelines.playbook.understanding import Understanding

MEETING_MINUTES: Final = 30

_ALIASES: Final = {
    "start": ("start_time", "start_at", "starts_at", "datetime", "date_time", "when", "slot"),
    "email": ("attendee_email", "contact_email", "customer_email", "guest_email", "email_address"),
    "name": ("attendee_name", "contact_name", "customer_name", "full_name", "guest_name"),
    "company": ("company_name", "organization"),
    "phone": ("phone_number", "contact_phone", "callback_number", "telephone"),
    "duration_minutes": ("duration", "length_minutes", "minutes"),
    "notes": ("summary", "description", "topic", "agenda"),
    "query": ("question", "q", "text"),
}
"""What others call the same thing: a client may offer a tool of the same name with a schema of its own."""


def arguments_for(tool: ToolSpec, state: State, latest: Understanding, query: str | None = None) -> dict[str, Any]:
    """Values for the tool's properties that are known; required ones that are not are filled from the text."""
    known = _known(tool, state, latest, query)
    properties = tool.parameters.get("properties")
    if not isinstance(properties, dict):
        return {}
    given = {name: known[name] for name in properties if name in known}
    missing = [name for name in tool.parameters.get("required") or () if name not in given]
    if missing:
        filled = fill(tool.parameters, latest.text, state.now)
        given.update({name: filled[name] for name in missing if name in filled})
    return given


def _known(tool: ToolSpec, state: State, latest: Understanding, query: str | None) -> dict[str, Any]:
    facts = msgspec.structs.asdict(state.facts)
    summary = summarise(state)
    known: dict[str, Any] = {name: value for name, value in facts.items() if value is not None}
    known |= {"reason": latest.text, "outcome": outcome(state)}
    if state.call_back_at is not None:
        known |= {"call_back_at": state.call_back_at.isoformat()}
    if state.own.answers:
        known |= {"answers": dict(state.own.answers)}
    if summary:
        known |= {"summary": summary}
    # A meeting has its time, and another once it is moved.
    if notes := summarise(state, with_time=False):
        known |= {"notes": notes}
    if state.meeting.slot is not None:
        known |= {"start": state.meeting.slot.isoformat(), "duration_minutes": MEETING_MINUTES}
        if state.meeting.adds or state.meeting.moved_from is not None:
            known |= {"if_booked": "add" if state.meeting.adds else "move"}
        if state.meeting.moved_from is not None:
            known |= {"moves": state.meeting.moved_from.isoformat()}
        known |= {"date": state.meeting.slot.date().isoformat(), "time": state.meeting.slot.time().isoformat("minutes")}
    if tool.name == CANCEL_MEETING.name:  # the one there is, and not one that was only agreed on
        known.pop("start", None)
        known |= {"start": state.meeting.existing.isoformat()} if state.meeting.existing is not None else {}
    if query is not None:
        known |= {"query": query}
    for name, aliases in _ALIASES.items():
        if name in known:
            known |= {alias: known[name] for alias in aliases if alias not in known}
    return known


def outcome(state: State) -> str:
    """How the conversation stands, in the words of ``update_lead``."""
    if state.meeting.stands or state.booking_ready:
        return "meeting_booked"
    if state.facts.referral is not None:
        return "referred"
    if state.address.wanted and state.facts.email is not None:
        return "information_requested"
    if state.call_back_at is not None:
        return "call_back"
    if state.course.objections["not_interested"]:
        return "not_interested"
    return "call_back" if state.course.objections["no_time"] or state.speaker.has_message else "undecided"


def summarise(state: State, *, with_time: bool = True) -> str:
    """What was learned, in one line for a colleague."""
    facts = state.facts
    parts = [
        f"Need: {facts.need}" if facts.need else "",
        f"Team: {facts.team_size}" if facts.team_size is not None else "",
        f"Budget: {facts.budget}" if facts.budget else "",
        f"Decision: {facts.authority}" if facts.authority else "",
        f"Timing: {facts.timing}" if facts.timing else "",
        *(f"{key.replace('_', ' ').capitalize()}: {words}" for key, words in state.own.answers.items()),
        f"Call on: {facts.phone}" if facts.phone else "",
        f"Time chosen: {spoken_slot(state.meeting.slot)}" if state.meeting.slot and with_time else "",
        f"Instead of: {spoken_slot(state.meeting.moved_from)}" if state.meeting.moved_from else "",
    ]
    return ". ".join(part for part in parts if part)
