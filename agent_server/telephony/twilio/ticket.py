"""What the voice webhook gives a call on its way to the media stream: whose it is and which conversation, sealed. Pure.

A stream's signature proves that Twilio opens it, not which call; and another process may have answered the webhook.
"""

from msgspec import Struct

from agent_server.web import sealed_text

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
    unreached: bool = False
    """A colleague was to take the call and did not come."""


def sealed(ticket: Ticket, auth_token: str) -> str:
    """At most some 300 characters; a parameter of a stream has up to 500."""
    return sealed_text.sealed(ticket, auth_token, _PURPOSE)


def opened(text: str, auth_token: str, *, call_sid: str, now_s: float) -> Ticket | None:
    """None: it is not ours, for another call, or too old."""
    ticket = sealed_text.opened(text, Ticket, auth_token, _PURPOSE)
    return ticket if ticket is not None and ticket.call_sid == call_sid and now_s < ticket.expires_at else None
