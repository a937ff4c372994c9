"""Settings of the calendar meetings are booked into, and of invitations."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import Group, Key, WebUrl, setting

SmtpUrl = Annotated[
    str,
    Meta(
        pattern=r"^smtps?://[^\s/]+$",
        extra={"allowed": "an address such as smtp://user:password@host:587 or smtps://user:password@host"},
    ),
]
Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", extra={"allowed": "an e-mail address"})]


class CalendarSettings(Group, frozen=True, kw_only=True):
    calendar_time_zone: Annotated[
        str | None, setting("CALENDAR_TIME_ZONE", "Zone of the office, such as Europe/Berlin; unset: this machine's")
    ] = None
    calendar_hours: Annotated[
        str, setting("CALENDAR_HOURS", "When meetings are taken, such as mon-thu 09:00-12:00, mon-fri 13:00-17:00")
    ] = "mon-fri 09:00-17:00"
    calendar_step_minutes: Annotated[
        Annotated[int, Meta(ge=5, le=240)],
        setting("CALENDAR_STEP_MINUTES", "Meetings begin this often from the opening time on"),
    ] = 30
    calendar_buffer_minutes: Annotated[
        Annotated[int, Meta(ge=0, le=240)], setting("CALENDAR_BUFFER_MINUTES", "Free time kept between two meetings")
    ] = 0
    calendar_notice_minutes: Annotated[
        Annotated[int, Meta(ge=0, le=20_160)],
        setting("CALENDAR_NOTICE_MINUTES", "No meeting is offered that begins sooner than this"),
    ] = 120
    calendar_days_ahead: Annotated[
        Annotated[int, Meta(ge=1, le=365)], setting("CALENDAR_DAYS_AHEAD", "How far ahead meetings are offered")
    ] = 30
    calendar_days_off: Annotated[
        tuple[Annotated[date, Meta(extra={"allowed": "a date such as 2026-12-25"})], ...],
        setting("CALENDAR_DAYS_OFF", "Days without meetings, such as 2026-12-25,2027-01-01"),
    ] = ()
    calendar_most_each: Annotated[
        Annotated[int, Meta(ge=1, le=1000)],
        setting("CALENDAR_MOST_EACH", "Meetings ahead that one person can have booked by talking to the agent"),
    ] = 3
    calendar_most_of_strangers: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        setting(
            "CALENDAR_MOST_OF_STRANGERS",
            "Meetings ahead that pages' visitors and callers with withheld numbers can have booked, all together",
        ),
    ] = 40
    caldav_url: Annotated[
        WebUrl | None,
        setting("CALDAV_URL", "Address of a calendar (CalDAV) that meetings are kept in as well; its times count too"),
    ] = None
    caldav_username: Annotated[
        str | None,
        setting("CALDAV_USERNAME", "User at that calendar; one that wants OAuth, as Google's, is not reached"),
    ] = None
    caldav_password: Annotated[Key | None, setting("CALDAV_PASSWORD", "Password there", secret=True)] = None
    smtp_url: Annotated[
        SmtpUrl | None, setting("SMTP_URL", "Mail server that sends invitations; unset: none are sent", secret=True)
    ] = None
    invitation_from: Annotated[
        Email | None, setting("INVITATION_FROM", "Sender and organiser of invitations; SMTP_URL needs it")
    ] = None
