"""What a call came to, for the CRM: from what was said in it, and from what became of it when we made it. Pure."""

from datetime import datetime, timedelta

from crm.contact import CallOutcome, Unreached
from storage.calls.outbound import CallStatus, OutboundCall
from storage.conversations.records import RECORDING_URL, ConversationHistory, ConversationRecord

_MOST_NOTE_CHARS = 20_000
SETTLED_WITHIN = timedelta(minutes=15)
"""A carrier that says nothing is asked for ten minutes."""

_UNREACHED: dict[CallStatus, Unreached] = {
    "no_answer": "no_answer",
    "busy": "busy",
    "voicemail": "voicemail",
    "failed": "failed",
    "canceled": "canceled",
    "refused": "blocked",
}
_WORDS: dict[Unreached, str] = {
    "no_answer": "Nobody answered.",
    "busy": "The line was busy.",
    "voicemail": "A voicemail answered; no message was left.",
    "message_left": "A voicemail answered; a message was left.",
    "failed": "The call did not get through.",
    "blocked": "Not called.",
    "canceled": "The call was canceled before anybody was talked to.",
}


def is_over(call: OutboundCall, conversation: ConversationRecord | None, *, since: datetime, now: datetime) -> bool:
    """Whether all is known that will be: the call ends a moment before or after what was said in it is written down.
    ``since``: when the first of them was over."""
    is_talked = conversation is not None and conversation.ended_at is None
    return not (call.is_open or is_talked) or now - since > SETTLED_WITHIN


def outcome_of(call: OutboundCall | None, history: ConversationHistory | None) -> CallOutcome:
    unreached = _unreached(call) if call is not None else None
    if call is None or (unreached is None and history is not None):
        return call_outcome(history) if history is not None else CallOutcome("inbound", True, 0)
    began_at = call.answered_at or call.ended_at
    seconds = (call.ended_at - began_at) / timedelta(seconds=1) if call.ended_at and began_at else 0.0
    return CallOutcome(
        direction="outbound",
        answered=unreached is None,
        duration_s=max(0, round(seconds)),
        phone=call.number,
        notes=_notes(call, unreached),
        unreached=unreached,
    )


def recording_link(history: ConversationHistory | None) -> str | None:
    """Where it can be listened to, if it was recorded."""
    link = history.conversation.metadata.get(RECORDING_URL) if history is not None else None
    return link if isinstance(link, str) else None


def call_outcome(history: ConversationHistory) -> CallOutcome:
    """What was heard, as lines by speaker, and how long it took."""
    conversation = history.conversation
    spoken = [item for item in history.items if item.heard_text and not item.deleted]
    names = {"user": "Caller", "assistant": "Agent"}
    lines = [f"{names.get(item.role or '', 'Note')}: {item.heard_text}" for item in spoken]
    ended_at = conversation.ended_at or conversation.updated_at
    number = conversation.metadata.get("phone")
    return CallOutcome(
        direction="outbound" if conversation.metadata.get("direction") == "outbound" else "inbound",
        answered=bool(spoken),
        duration_s=max(0, round((ended_at - conversation.created_at) / timedelta(seconds=1))),
        phone=number if isinstance(number, str) else None,
        notes="\n".join(lines)[:_MOST_NOTE_CHARS],
    )


def _unreached(call: OutboundCall) -> Unreached | None:
    """None: somebody was talked to. A call that was canceled after it was answered was."""
    if call.status == "voicemail" and call.left_message:
        return "message_left"
    if call.status == "failed" and call.code == "number_invalid":
        return "blocked"
    if call.status in ("canceled", "failed") and call.answered_at is not None:
        return None
    return _UNREACHED.get(call.status)


def _notes(call: OutboundCall, unreached: Unreached | None) -> str:
    words = [_WORDS[unreached]] if unreached is not None else []
    if call.message:
        words.append(call.message)
    if call.purpose:
        words.append(f"It was about {call.purpose.rstrip('.')}.")
    return " ".join(words)[:_MOST_NOTE_CHARS]
