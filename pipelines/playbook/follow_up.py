"""What to say once the tools have answered."""

import json
from datetime import datetime

from pipelines.playbook.acknowledging import booked
from pipelines.playbook.closing import close
from pipelines.playbook.history import Conversation, ToolResult, is_full
from pipelines.playbook.moves import Move, Plan, Surroundings
from pipelines.playbook.policy import decide
from pipelines.playbook.questions import after_answer, anything_else, next_question, own_question, time_question
from pipelines.playbook.results import failure_reason, gist
from pipelines.playbook.slots import spoken_slot
from pipelines.playbook.state import State
from pipelines.playbook.tools import (
    BOOK_MEETING,
    CANCEL_MEETING,
    HANDOFF_TO_PERSON,
    OPT_OUT,
    REQUEST_ERASURE,
    SEARCH_KNOWLEDGE,
    UPDATE_LEAD,
)


def after_results(conversation: Conversation, around: Surroundings) -> Plan:
    """The reply to the tools' outcomes; the one the caller waits for counts, a mere record does not."""
    state = conversation.state
    awaited = [result for result in conversation.results if result.call.name != UPDATE_LEAD.name]
    if not awaited:
        # A note taken along with the reply needs no words of its own.
        return Plan() if conversation.spoken_since else decide(state, conversation.latest, around)
    result = awaited[-1]
    if result.call.name == BOOK_MEETING.name:
        if result.failed and state.meeting.offered and state.meeting.standing is not None:
            return _about_standing(state, {"a": state.meeting.said(state.meeting.offered[0])})
        if is_full(result):
            return Plan((Move("too_many_meetings"),))
        if result.failed:
            return Plan((Move("booking_failed"),), next_question(state))
        told = booked(state, invited=not _without_invitation(result))
        if conversation.latest is not None and conversation.latest.takes_leave:
            return Plan((told, *close(state, around, "close").moves))
        return Plan((told,), own_question(state) or Move("ask_anything_else"))
    if result.call.name == CANCEL_MEETING.name:
        return Plan((Move("cancel_by_invitation" if result.failed else "cancelled"),), anything_else(state))
    if result.call.name == OPT_OUT.name:
        return Plan((Move("opted_out_failed" if result.failed else "opted_out_done"),))
    if result.call.name == REQUEST_ERASURE.name:
        return Plan((Move("erasing_failed" if result.failed else "erasing_noted"),))
    if result.call.name == HANDOFF_TO_PERSON.name:
        if not result.failed:
            return Plan((Move("handed_off_done"),))
        is_met = state.meeting.booked or state.meeting.existing is not None
        return Plan((Move("handed_off_failed"),), anything_else(state) if is_met else time_question(state))
    if result.call.name == SEARCH_KNOWLEDGE.name:
        found = "" if result.failed or _is_empty(result) else gist(result.output)
        return Plan((Move("answer", {"text": found}) if found else Move("unknown"),), after_answer(state))
    return Plan((_told(awaited),))


def _about_standing(state: State, offer: dict[str, str]) -> Plan:
    standing = state.meeting.standing
    if not isinstance(standing, datetime):
        return Plan((Move("address_has_meeting"),), Move("ask_beside", offer))
    return Plan((Move("booked_before", {"slot": spoken_slot(standing)}),), Move("ask_move", offer))


def _without_invitation(result: ToolResult) -> bool:
    """Whether the calendar says that no mail goes out: then none is promised."""
    try:
        output = json.loads(result.output)
    except ValueError:
        return False
    return isinstance(output, dict) and str(output.get("invitation", "")).startswith("none")


def _is_empty(result: ToolResult) -> bool:
    return gist(result.output) in ("", "Nothing was found.")


def _told(results: list[ToolResult]) -> Move:
    """The gist of a client's tools, one after another."""
    said: list[str] = []
    for result in results:
        if result.failed:
            said.append(f"Sorry, that didn't work. {failure_reason(result.output)}".strip())
        else:
            said.append(gist(result.output) or "That's done.")
    return Move("answer", {"text": " ".join(said)})
