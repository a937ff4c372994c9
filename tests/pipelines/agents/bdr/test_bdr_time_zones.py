"""Times are offered by the lead's clock, as far as anything tells which that is, and by a named one otherwise."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bdr_office import Office, question, times


async def ask(office: Office, **lead: Any) -> Any:
    return await office.run(given={"lead": {"company_name": "Acme", **lead}})


@pytest.mark.parametrize(
    ("lead", "zone", "said"),
    [
        ({"contact_phone": "+14155550123"}, "America/Los_Angeles", "Pacific time."),
        ({"contact_phone": "+447700900123"}, "Europe/London", "London time."),
        ({"contact_email": "jo@initech.co.jp"}, "Asia/Tokyo", "Tokyo time."),
        ({"contact_phone": "+18005550123", "company_website": "https://initech.de/"}, "Europe/Berlin", "Berlin time."),
        ({"contact_phone": "+14155550123", "time_zone": "America/New_York"}, "America/New_York", "Eastern time."),
        ({"time_zone": "Pacific time"}, "America/Los_Angeles", "Pacific time."),
        ({"time_zone": "Mars", "contact_email": "jo@initech.com"}, "Europe/Berlin", "tell me if yours is another."),
    ],
)
async def test_the_zone_follows_what_is_known(office: Office, lead: dict[str, Any], zone: str, said: str) -> None:
    asked = await ask(office, **lead)
    assert asked.interrupts[0].value["time_zone"] == zone
    assert question(asked).endswith(said)
    assert times(asked)
    assert all(8 <= start.hour < 18 for start in times(asked)) or zone == "America/Los_Angeles"


async def test_where_no_hour_of_the_office_is_by_day_the_nearest_are_offered(office: Office) -> None:
    """The office in Berlin closes at half past seven in the morning of California."""
    asked = await ask(office, time_zone="America/Los_Angeles")
    assert {(start.hour, start.minute) for start in times(asked)} <= {(6, 30), (7, 0), (7, 30)}


@pytest.mark.parametrize("answer", ["I'm in New York", {"time_zone": "America/New_York"}])
async def test_a_zone_told_with_the_answer_is_taken(office: Office, answer: Any) -> None:
    asked = await ask(office)
    again = await office.run(thread_id=asked.thread_id, answer=answer)
    assert question(again).startswith("Then by your clock.")
    assert question(again).endswith("Times are Eastern time.")
    assert times(again) == times(asked)
    (_, second, *_) = times(again)
    await office.run(thread_id=asked.thread_id, answer="the second one")
    (row,) = await office.booked()
    assert (row.starts_at, row.time_zone) == (second, "America/New_York")


async def test_an_hour_is_meant_by_the_clock_that_is_named_with_it(office: Office) -> None:
    asked = await ask(office)
    again = await office.run(thread_id=asked.thread_id, answer="Wednesday at 10 AM Eastern time")
    assert times(again) == [datetime(2026, 12, 9, 10, tzinfo=ZoneInfo("America/New_York"))]
    assert "Wednesday, December 9th at 10 AM" in question(again)
