"""What a call says of itself: on its way to the stream, and in each webhook (``client_state``). Sealed. Pure.

A stream is not signed, so its address has a ticket; another process may have answered the call, so whatever is to be
known of it later goes through the carrier. Nothing of it is a customer's.
"""

import base64
import hashlib
from typing import Literal

from msgspec import Struct

from agent_server.web import sealed_text

VALID_S = 60.0
"""A call is answered, and its stream opened, within seconds."""

_TICKET, _STATE = b"telnyx stream", b"telnyx state"

Step = Literal["dialled", "talking", "waiting", "put_through", "told", "colleague"]
"""We call, and nobody has answered yet; with the agent; answered without one; on the way to a colleague; hears an
apology; the colleague's own part."""


class Ticket(Struct, frozen=True, array_like=True):
    """To one stream of one call, once."""

    serial: str
    mark: str
    """``call_mark``."""
    conversation_id: str
    continued: bool
    """The conversation began on an earlier stream."""
    expires_at: float
    """Seconds since 1970."""
    call: str = ""
    """Of one that we made: our id."""
    stream: int = 1
    """The how manyth."""
    unreached: bool = False
    """A colleague was to take the call and did not come."""


class State(Struct, frozen=True, array_like=True):
    step: Step
    conversation_id: str = ""
    """Of the colleague's part: the caller's."""
    streams: int = 0
    """So far."""
    caller: str = ""
    """Of the colleague's part: the caller's ``call_control_id``."""
    call: str = ""
    """Of one that we made: our id."""


def call_mark(call_control_id: str) -> str:
    """Short enough for an address, and of no use elsewhere."""
    return hashlib.sha256(call_control_id.encode()).hexdigest()[:32]


def sealed_ticket(ticket: Ticket, api_key: str) -> str:
    return sealed_text.sealed(ticket, api_key, _TICKET)


def opened_ticket(text: str, api_key: str, now_s: float) -> Ticket | None:
    """None: it is not ours, or too old."""
    ticket = sealed_text.opened(text, Ticket, api_key, _TICKET)
    return ticket if ticket is not None and now_s < ticket.expires_at else None


def sealed_state(state: State, api_key: str) -> str:
    """In Base64, as Telnyx wants it."""
    return base64.b64encode(sealed_text.sealed(state, api_key, _STATE).encode()).decode()


def opened_state(text: str | None, api_key: str) -> State | None:
    """None: it is not ours."""
    try:
        return sealed_text.opened(base64.b64decode(text or "").decode("ascii"), State, api_key, _STATE)
    except ValueError:
        return None
