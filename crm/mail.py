"""E-mail of the CRM in the product's own terms."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

MailStatus = Literal["draft", "scheduled", "outbox", "sent", "inbox", "error"]


class OutgoingMail(Struct, frozen=True, kw_only=True):
    """One message to be entered. ``send``: the CRM is to send it, else it is a draft there. ``sender``: who sends it,
    as ``Ann Smith <ann@example.com>``; empty: whoever sends the draft. ``reply_to``: the message it follows."""

    to: str
    subject: str
    text: str
    send: bool = False
    sender: str = ""
    reply_to: str | None = None


class RemoteMail(Struct, frozen=True, kw_only=True):
    """A message as it stands at the CRM. ``from_address`` and ``to`` in one spelling. ``is_automatic``: an autoreply.
    ``at``: when it was sent or came; of one that was not yet, when it was made. ``sender_refused``: that is why it was
    not sent."""

    external_id: str
    at: datetime
    status: MailStatus
    is_incoming: bool
    contact_id: str | None = None
    thread_id: str | None = None
    from_address: str | None = None
    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    is_automatic: bool = False
    sender_refused: bool = False
