"""A booking as an iCalendar file (RFC 5545), in the form mail programs act on (iTIP, RFC 5546). Pure."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from pipelines.calendar.organiser import Organiser, method_of, name_of, title
from pipelines.calendar.port import Booking
from storage import email_address

PRODUCT = "-//sales-agent//meetings//EN"
REMINDER = timedelta(minutes=15)


def icalendar_file(booking: Booking, organiser: Organiser, *, sequence: int, now: datetime) -> bytes:
    """Times are in UTC, so that no zone has to be described and none can be misread. ``sequence``: of the event's
    changes, by which a mail program knows the newer from the older."""
    calendar, event = _calendar(), _event(booking, organiser, sequence=sequence, now=now)
    method = method_of(booking, organiser)
    calendar.add("method", method)
    if method == "PUBLISH":
        event.pop("attendee", None)  # where nobody is asked, nobody may be named (RFC 5546, 3.2.1)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def calendar_object(booking: Booking, organiser: Organiser, *, sequence: int, now: datetime) -> bytes:
    """The same event as it is put into a calendar over CalDAV, where METHOD has no place (RFC 4791, 4.1). The server is
    told to leave inviting to us (RFC 6638, 7.1)."""
    calendar = _calendar()
    event = _event(booking, organiser, sequence=sequence, now=now)
    if "attendee" in event:
        event["attendee"].params["SCHEDULE-AGENT"] = vText("CLIENT")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def _event(booking: Booking, organiser: Organiser, *, sequence: int, now: datetime) -> Event:
    event = Event()
    event.add("uid", booking.uid)
    event.add("dtstamp", now)
    event.add("dtstart", booking.slot.start)
    event.add("dtend", booking.slot.end)
    event.add("sequence", sequence)
    event.add("status", "CANCELLED" if booking.status == "cancelled" else "CONFIRMED")
    event.add("summary", title(booking, organiser))
    if organiser.email is not None:
        event.add("organizer", _address(organiser.email, organiser.name))
    if (address := email_address.normalised(booking.request.email)) is not None:
        attendee = _address(address, name_of(booking.request.name))
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee)
    if booking.status == "booked":
        event.add_component(_reminder(title(booking, organiser)))
    return event


def _reminder(of: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", of)
    alarm.add("trigger", -REMINDER)
    return alarm


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["CN"] = vText(name)
    return address
