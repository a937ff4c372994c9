"""What others write into a calendar, as times that are taken."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.calendar.busy_times import busy_times
from pipelines.calendar.port import Slot

NEW_YORK = ZoneInfo("America/New_York")
DAY = Slot(datetime(2026, 11, 24, 0, tzinfo=UTC), datetime(2026, 11, 25, 0, tzinfo=UTC))


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t", "BEGIN:VEVENT", "UID:u", *lines, "END:VEVENT",
                        "END:VCALENDAR", ""])  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        (("DTSTART:20261124T090000", "DTEND:20261124T100000"), (14, 15)),  # floating: the office's
        (("DTSTART:20261124T090000Z", "DURATION:PT2H"), (9, 11)),
        (("DTSTART;VALUE=DATE:20261124",), (5, 29)),  # without an end: that day
    ],
)
def test_times_are_read_in_the_zone_of_the_office(lines: tuple[str, ...], hours: tuple[int, int]) -> None:
    ((_, slot),) = busy_times([event(*lines)], DAY, NEW_YORK).slots
    assert tuple((at - DAY.start).total_seconds() / 3600 for at in (slot.start, slot.end)) == hours


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z", "TRANSP:TRANSPARENT"),
        ("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z", "STATUS:CANCELLED"),
        ("DTSTART:20261124T090000Z", "DTEND:20261124T090000Z"),
        ("DTSTART:20261125T000000Z", "DTEND:20261125T010000Z"),
    ],
)
def test_some_events_take_no_time(lines: tuple[str, ...]) -> None:
    assert busy_times([event(*lines)], DAY, NEW_YORK) == busy_times([], DAY, NEW_YORK)


def test_what_cannot_be_read_is_counted_and_hides_nothing() -> None:
    good = event("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")
    often = event("DTSTART:20200101T090000Z", "DTEND:20200101T090001Z", "RRULE:FREQ=SECONDLY")
    found = busy_times(["BEGIN:VCALENDAR\r\nnonsense", often, good], DAY, NEW_YORK)
    assert (len(found.slots), found.unreadable) == (1, 2)
