"""A lead that has a meeting coming: what is said of it, and what a person's answer makes of it. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final, Literal

from pipelines.agents.bdr.answer import MAX_CHARS, TEXTS
from pipelines.intent.classifier import plain_words
from pipelines.playbook.slots import spoken_slot

Wish = Literal["move", "add", "keep"]

_BESIDE: Final = re.compile(
    r"\b(?:both|a second one|second (?:meeting|call)|additional(?:ly)?|in addition|as well|besides|an extra|also book)"
    r"\b"
)
_KEEP: Final = re.compile(
    r"^(?:no|nope|no thanks?|no thank you)$|\b(?:keep|leave) (?:it|that|the|my|this)\b|\bas it is\b|\bstick with\b"
)


def wish_of(answer: Any) -> Wish | None:
    """``{"if_booked": "move" | "add" | "keep"}``, or a sentence that says so; None: it says nothing of the meeting
    there is, and a time that is agreed to moves it, as was asked."""
    if isinstance(answer, Mapping):
        if (wish := answer.get("if_booked")) in ("move", "add", "keep"):
            return wish  # type: ignore[no-any-return]
        answer = next((answer[key] for key in TEXTS if isinstance(answer.get(key), str)), None)
    if not isinstance(answer, str):
        return None
    plain = plain_words(answer[:MAX_CHARS])
    if _BESIDE.search(plain):
        return "add"
    return "keep" if _KEEP.search(plain) else None


def told(coming: Mapping[str, Any], zone: tzinfo) -> str:
    at = datetime.fromisoformat(coming["start"]).astimezone(zone)
    return f"You are down for {spoken_slot(at)} already."
