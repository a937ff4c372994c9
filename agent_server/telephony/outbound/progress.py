"""What becomes of a call by what the carrier tells of it. Pure.

News come late, twice and out of order: a call never goes back, and one that is over stays as it ended.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct, structs

from storage.calls.outbound import CallStatus, OutboundCall

_ORDER: Final[dict[CallStatus, int]] = {"queued": 0, "unknown": 1, "dialling": 1, "ringing": 2, "in_progress": 3}
"""Of those that are not over."""


class News(Struct, frozen=True, kw_only=True):
    """``status`` None: only who answered is told · ``is_sure``: "completed" means that somebody had answered."""

    carrier_call_id: str
    status: CallStatus | None = None
    answered_by: str | None = None
    is_sure: bool = True


def after_news(call: OutboundCall, news: News, now: datetime) -> OutboundCall:
    if call.carrier_call_id not in (None, news.carrier_call_id):
        return call  # another call's
    call = structs.replace(
        call, carrier_call_id=news.carrier_call_id, answered_by=news.answered_by or call.answered_by, updated_at=now
    )
    if news.status is None or not call.is_open:
        return call
    if news.status in _ORDER:
        is_older = _ORDER[news.status] < _ORDER[call.status] or news.status == call.status
        if is_older:
            return call
        return structs.replace(call, status=news.status, answered_at=now if news.status == "in_progress" else None)
    return ended(call, end_of(call, news.status, is_sure=news.is_sure), now)


def end_of(call: OutboundCall, told: CallStatus, *, is_sure: bool = True) -> CallStatus:
    """Whoever has answered was reached, however the call broke off."""
    if call.answered_at is None and told != "completed":
        return told
    if call.answered_at is None and not is_sure:
        return "canceled" if call.cancel_requested else "no_answer"
    return "voicemail" if is_machine(call.answered_by) else "completed"


def ended(
    call: OutboundCall, status: CallStatus, now: datetime, *, code: str | None = None, message: str | None = None
) -> OutboundCall:
    return structs.replace(call, status=status, code=code, message=message, ended_at=now, updated_at=now)


def is_machine(answered_by: str | None) -> bool:
    """Of a voicemail; a fax is none."""
    return answered_by is not None and answered_by.startswith("machine")
