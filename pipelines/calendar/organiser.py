"""Whose meetings they are, and what an invitation says of one. Apart from the iCalendar file: what writes that takes
half a second to import."""

import re
from typing import Final

from msgspec import Struct, structs

from pipelines.calendar.port import Booking
from pipelines.language.tags import ENGLISH
from pipelines.language.words import said
from storage import email_address
from storage.meetings.records import MeetingAgent

MOST_NAME_CHARS: Final = 60
_NO_NAME: Final = re.compile(r"[/\\:@<>]|\bwww\.", re.IGNORECASE)


class Organiser(Struct, frozen=True):
    """Whose meeting it is, and in which language people are told of it. Without an address the file is one to keep, not
    one to answer."""

    name: str
    email: str | None = None
    language: str = ENGLISH

    def as_agent(self, agent: MeetingAgent) -> "Organiser":
        """As whoever talked with them is called, and talked; where nobody said, as the settings have it."""
        return structs.replace(self, name=agent.company or self.name, language=agent.language or self.language)


def method_of(booking: Booking, organiser: Organiser) -> str:
    """Without both parties a REQUEST is not valid (RFC 5546, 3.2.2); PUBLISH only tells."""
    if organiser.email is None or email_address.normalised(booking.request.email) is None:
        return "PUBLISH"
    return "CANCEL" if booking.status == "cancelled" else "REQUEST"


def name_of(text: str | None) -> str:
    """On one line, whatever a caller's name was understood as. Empty: it is none. Who books names an address, which may
    be anybody's: nobody has a message of theirs sent there in our name."""
    name = " ".join((text or "").split())
    return name if len(name) <= MOST_NAME_CHARS and not _NO_NAME.search(name) else ""


def title(booking: Booking, organiser: Organiser) -> str:
    who = name_of(booking.request.company) or name_of(booking.request.name)
    phrase = said("{host} and {guest}" if who else "Meeting with {host}", organiser.language)
    return phrase.format(host=organiser.name, guest=who)
