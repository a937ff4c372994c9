"""What Telnyx tells of a call by webhook (Telnyx, "Voice API Webhooks"). Pure.

Unknown kinds and fields are passed over.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

CallId = Annotated[str, Meta(min_length=1, max_length=500)]


class Payload(Struct, frozen=True, rename={"calls_from": "from", "calls_to": "to"}):
    call_control_id: CallId
    direction: str | None = None
    client_state: str | None = None
    hangup_cause: str | None = None
    result: str | None = None
    """Of a detection of answering machines."""
    calls_from: str | None = None
    calls_to: str | None = None


class Event(Struct, frozen=True):
    event_type: str
    payload: Payload


class _Webhook(Struct, frozen=True):
    data: Event


class _Kind(Struct, frozen=True):
    event_type: str = ""


class _Other(Struct, frozen=True):
    data: _Kind = _Kind()


_decoder = msgspec.json.Decoder(_Webhook)


def read_event(body: bytes) -> Event | None:
    """None: it is about no call. Raises ValueError: it is no webhook."""
    try:
        return _decoder.decode(body).data
    except msgspec.MsgspecError:
        msgspec.json.decode(body, type=_Other)  # a ValueError as well
        return None
