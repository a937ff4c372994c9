"""The e-mail that carries an invitation, and the port it is sent through."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from pipelines.calendar.invitation import icalendar_file
from pipelines.calendar.organiser import Organiser, method_of, name_of, title
from pipelines.calendar.port import Booking
from pipelines.language.dates import written_moment
from pipelines.language.words import said
from storage import email_address

_FORWARD: Final = "We are looking forward to talking with you on {when}."
_ATTACHED: Final = "The attached file puts it into your calendar."
_CANCELLED: Final = "Our meeting on {when} is cancelled."
_WITHDRAWN: Final = "Our invitation to a meeting on {when} is withdrawn here: it goes to another address now."


class MailError(Exception):
    """``refused``: the server will not take this message, however often it is tried · ``in_doubt``: it may have taken
    it."""

    def __init__(self, code: str, *, refused: bool, in_doubt: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.refused = refused
        self.in_doubt = in_doubt


class Mail(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Raises MailError."""


def invitation_mail(
    booking: Booking, organiser: Organiser, *, sequence: int, now: datetime, withdrawn: bool = False
) -> EmailMessage:
    """To the attendee, with the event inside and attached. Sent twice it is known as one by its Message-ID.
    ``withdrawn``: the meeting is cancelled for this address alone, since it has another.

    Raises ValueError for an address that no mail can have.
    """
    address = email_address.normalised(booking.request.email)
    if address is None:
        raise ValueError("no e-mail address")
    assert organiser.email is not None
    cancelled = booking.status == "cancelled"
    message = EmailMessage()
    message["From"] = Address(display_name=" ".join(organiser.name.split()), addr_spec=organiser.email)
    message["To"] = Address(display_name=name_of(booking.request.name), addr_spec=address)
    subject = said("Cancelled: {title}", organiser.language) if cancelled else "{title}"
    message["Subject"] = subject.format(title=title(booking, organiser))
    message["Message-ID"] = f"<{sequence}.{booking.uid}>"
    message["Date"] = now
    message.set_content(_words(booking, organiser.language, cancelled=cancelled, withdrawn=withdrawn))
    event = icalendar_file(booking, organiser, sequence=sequence, now=now)
    message.add_alternative(
        event, maintype="text", subtype="calendar", params={"method": method_of(booking, organiser)}
    )
    message.add_attachment(event, maintype="application", subtype="ics", filename="invitation.ics")
    return message


def _words(booking: Booking, language: str, *, cancelled: bool, withdrawn: bool) -> str:
    phrases = (_WITHDRAWN,) if withdrawn else (_CANCELLED,) if cancelled else (_FORWARD, _ATTACHED)
    start = booking.slot.start.astimezone(ZoneInfo(booking.request.time_zone))
    when = written_moment(start, booking.request.time_zone, language)
    return "\n\n".join(said(phrase, language).format(when=when) for phrase in phrases) + "\n"
