"""The calendar of this process, made from the settings, and what runs beside it."""

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from agent_server.background.kept_going import Work
from agent_server.meetings.calendar_zone import calendar_zone
from agent_server.settings import CalendarSettings, Settings
from agent_server.telemetry.components import Component, ComponentState
from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.offered import OfferedTimes
from pipelines.calendar.organiser import Organiser
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.errors import StorageError
from storage.keys.secret_tokens import utc_now
from storage.meetings.bookings import Bookings
from storage.meetings.bounds import Bounds
from storage.postgres.database import Database

if TYPE_CHECKING:
    from pipelines.calendar.caldav_calendar import CaldavCalendar
    from pipelines.calendar.caldav_server import CaldavServer
    from pipelines.calendar.keeping import Keeping

DEFAULT_ORGANISER = "Sales"


class MeetingCalendar(Struct, frozen=True, kw_only=True):
    """``bookings``: what is in it · ``organiser``: whose meetings they are, where no profile says so · ``elsewhere``:
    another calendar whose times count · ``keeping``: puts our meetings there."""

    calendar: EmbeddedCalendar
    bookings: Bookings
    rules: CalendarRules
    organiser: Organiser
    settings: CalendarSettings
    meeting_times: OfferedTimes
    elsewhere: "CaldavCalendar | None" = None
    keeping: "Keeping | None" = None

    @property
    def invites(self) -> bool:
        return self.settings.smtp_url is not None

    def work(self) -> dict[str, Work]:
        """By name, what is to run as long as the process lives."""
        work: dict[str, Work] = {"free times": lambda: self.meeting_times.watch(self.calendar)}
        if self.settings.smtp_url is not None:
            from pipelines.calendar.inviting import AT_ONCE, Inviting  # noqa: PLC0415 - only where mail is sent
            from pipelines.calendar.smtp import SmtpMail  # noqa: PLC0415

            inviting = Inviting(self.bookings, SmtpMail(self.settings.smtp_url), self.organiser)
            work |= {f"invitations {number}": inviting.run for number in range(1, AT_ONCE + 1)}
        if self.keeping is not None:
            work["calendar elsewhere"] = self.keeping.run
        return work

    def components(self) -> tuple[Component, ...]:
        """What ``/api/health`` shows. Never down: meetings are booked without the calendar elsewhere, and without
        mail."""
        shown = () if self.invites else (Component("invitations", self._check_untold),)
        if self.elsewhere is None or self.keeping is None:
            return shown
        return (*shown, Component("calendar", partial(_check_elsewhere, self.elsewhere, self.keeping)))

    async def _check_untold(self) -> ComponentState:
        """Those who were invited while there was mail are told of no change while there is none."""
        try:
            untold = await self.bookings.invitations.untold(now=utc_now())
        except StorageError:  # which shows elsewhere
            untold = 0
        if untold == 0:
            return ComponentState("ok")
        return ComponentState("degraded", f"{untold} to be told of a change to their meeting; SMTP_URL is not set")


async def _check_elsewhere(elsewhere: "CaldavCalendar", keeping: "Keeping") -> ComponentState:
    problem = elsewhere.problem or keeping.problem
    return ComponentState("ok") if problem is None else ComponentState("degraded", problem)


def meeting_calendar(
    settings: Settings, database: Database, meeting_times: OfferedTimes | None = None
) -> MeetingCalendar:
    """``meeting_times``: what conversations offer from, told of every change."""
    given, process = settings.calendar, settings.process
    bookings, rules = Bookings(database), calendar_rules(given)
    times = meeting_times or OfferedTimes()
    organiser = Organiser(process.company_name or DEFAULT_ORGANISER, given.invitation_from)
    elsewhere, keeping = _elsewhere(given, bookings, rules, organiser)
    return MeetingCalendar(
        calendar=EmbeddedCalendar(
            bookings, rules, invites=given.smtp_url is not None, elsewhere=elsewhere, on_change=times.refresh
        ),
        bookings=bookings,
        rules=rules,
        organiser=organiser,
        settings=given,
        meeting_times=times,
        elsewhere=elsewhere,
        keeping=keeping,
    )


def caldav_server(settings: CalendarSettings) -> "CaldavServer | None":
    if settings.caldav_url is None:
        return None
    from pipelines.calendar.caldav_server import CaldavServer  # noqa: PLC0415 - only where there is one

    return CaldavServer(settings.caldav_url, settings.caldav_username, settings.caldav_password)


def _elsewhere(
    settings: CalendarSettings, bookings: Bookings, rules: CalendarRules, organiser: Organiser
) -> "tuple[CaldavCalendar | None, Keeping | None]":
    server = caldav_server(settings)
    if server is None:
        return None, None
    from pipelines.calendar.caldav_calendar import CaldavCalendar  # noqa: PLC0415 - only where there is one
    from pipelines.calendar.keeping import Keeping  # noqa: PLC0415

    return CaldavCalendar(server, rules.zone, bookings.elsewhere.outdated_uids), Keeping(bookings, server, organiser)


def calendar_rules(settings: CalendarSettings) -> CalendarRules:
    return CalendarRules(
        zone=calendar_zone(settings),
        hours=read_hours(settings.calendar_hours),
        step_minutes=settings.calendar_step_minutes,
        buffer_minutes=settings.calendar_buffer_minutes,
        notice_minutes=settings.calendar_notice_minutes,
        days_ahead=settings.calendar_days_ahead,
        days_off=frozenset(settings.calendar_days_off),
        bounds=Bounds(each=settings.calendar_most_each, strangers=settings.calendar_most_of_strangers),
    )
