"""What the voice webhook gives a call on its way to the media stream: whose it is and which conversation, sealed. Pure.

A stream's signature proves that Twilio opens it, not which call; and another process may have answered the webhook.
"""

import base64
import binascii
import hmac

import msgspec
from msgspec import Struct

VALID_S = 300.0
"""From the answer to the stream's start pass seconds."""

_PURPOSE = b"media stream"


class Ticket(Struct, frozen=True, array_like=True):
    call_sid: str
    conversation_id: str
    calls_from: str
    calls_to: str
    continued: bool
    """The conversation began on an earlier stream."""
    expires_at: float
    """Seconds since 1970."""
    outbound: bool = False
    """We called."""


def sealed(ticket: Ticket, auth_token: str) -> str:
    """At most some 300 characters; a parameter of a stream has up to 500."""
    body = msgspec.json.encode(ticket)
    return base64.urlsafe_b64encode(_mac(auth_token, body) + body).decode()


def opened(text: str, auth_token: str, *, call_sid: str, now_s: float) -> Ticket | None:
    """None: it is not ours, for another call, or too old."""
    try:
        raw = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        return None
    mac, body = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(auth_token, body)):
        return None
    ticket = msgspec.json.decode(body, type=Ticket)
    return ticket if ticket.call_sid == call_sid and now_s < ticket.expires_at else None


def _mac(auth_token: str, body: bytes) -> bytes:
    key = hmac.digest(auth_token.encode(), _PURPOSE, "sha256")  # apart from the key that signs requests
    return hmac.digest(key, body, "sha256")
