"""``/activity/call/``: calls made outside Close, logged there."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.close.pages import page
from crm.contact import CallOutcome, Unreached
from crm.http import Request
from storage import phone_number

READ = "activity_call:read"
WRITE = "activity_call:write"

CallStatus = Literal["created", "in-progress", "completed", "cancelled", "no-answer", "busy", "failed", "timeout"]
Disposition = Literal["answered", "no-answer", "vm-left", "vm-answer", "busy", "blocked", "error", "abandoned"]


class CallChanges(Struct, frozen=True, kw_only=True):
    """What a POST sets or a PUT changes. ``duration`` in seconds; ``recording_url`` must be https."""

    contact_id: str | UnsetType = UNSET
    direction: Literal["inbound", "outbound"] | UnsetType = UNSET
    status: CallStatus | UnsetType = UNSET
    disposition: Disposition | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    note_html: str | UnsetType = UNSET
    recording_url: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.recording_url, str) and not self.recording_url.startswith("https://"):
            raise ValueError("recording_url must be https")


_ANSWERED: tuple[CallStatus, Disposition] = ("completed", "answered")
_UNREACHED: Mapping[Unreached, tuple[CallStatus, Disposition]] = {
    "no_answer": ("no-answer", "no-answer"),
    "busy": ("busy", "busy"),
    "voicemail": ("no-answer", "no-answer"),
    "message_left": ("completed", "vm-left"),
    "failed": ("failed", "error"),
    "blocked": ("cancelled", "blocked"),
    "canceled": ("cancelled", "no-answer"),
}


def from_outcome(outcome: CallOutcome, note_html: str, contact_id: str | None) -> CallChanges:
    """A finished conversation as Close logs it. A recording that is not on https is left out: Close refuses it."""
    status, disposition = _ANSWERED if outcome.answered else _UNREACHED[outcome.unreached or "no_answer"]
    recording = outcome.recording_url if (outcome.recording_url or "").startswith("https://") else None
    return CallChanges(
        contact_id=contact_id or UNSET,
        direction=outcome.direction,
        status=status,
        disposition=disposition,
        phone=phone_number.normalised(outcome.phone) or UNSET,
        duration=outcome.duration_s,
        note_html=note_html,
        recording_url=recording or UNSET,
    )


def of_lead(lead_id: str, *, created_after: str | None = None, skip: int = 0) -> Request:
    return page("/activity/call/", READ, skip=skip, lead_id=lead_id, date_created__gt=created_after)


def create(lead_id: str, draft: CallChanges) -> Request:
    body = {"lead_id": lead_id} | http.members(draft)
    return http.send_json("POST", "/activity/call/", WRITE, body, idempotent=False)


def delete(call_id: str) -> Request:
    return http.delete(f"/activity/call/{call_id}/", WRITE)
