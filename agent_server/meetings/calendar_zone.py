"""The time zone of the office."""

from zoneinfo import ZoneInfo

from tzlocal import get_localzone_name

from agent_server.settings import CalendarSettings
from pipelines.calendar.rules import read_zone


def calendar_zone(settings: CalendarSettings) -> ZoneInfo:
    """The configured one, else this machine's, else UTC: a machine in a container mostly has none."""
    try:
        return read_zone(settings.calendar_time_zone or get_localzone_name() or "UTC")
    except (ValueError, LookupError):
        return ZoneInfo("UTC")
