"""What health and doctor say of the calendar elsewhere."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from agent_server.cli.diagnosis.run import run_checks
from agent_server.cli.diagnosis.services import service_checks
from agent_server.meetings.meeting_calendar import meeting_calendar
from agent_server.settings import Settings, load_settings
from storage.postgres.database import Database


def settings(**given: str) -> Settings:
    return load_settings({"CALENDAR_HOURS": "mon-sun 00:00-24:00", **given})


async def doctor(given: Settings) -> tuple[str, str]:
    async with aiohttp.ClientSession() as session:
        checks = [check for check in service_checks(given, session) if check.part == "calendar"]
        (finding,) = await run_checks(checks)
    return finding.state, finding.detail


async def test_a_calendar_that_is_away_degrades_health_and_books_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(CALDAV_URL="http://127.0.0.1:1/", CALDAV_USERNAME="sales", CALDAV_PASSWORD="secret")
    meetings = meeting_calendar(given, database)
    now = datetime.now(UTC)
    assert await meetings.calendar.free_slots(earliest=now, latest=now + timedelta(days=2))
    (component,) = (one for one in meetings.components() if one.name == "calendar")
    state = await component.check()
    assert (component.name, state.status, state.detail) == ("calendar", "degraded", "caldav_unreachable")
    assert "cannot be read: caldav_unreachable" in caplog.text
    assert await doctor(given) == ("failed", "cannot be reached")


async def test_without_one_nothing_is_said_of_it(database: Database) -> None:
    assert {one.name for one in meeting_calendar(settings(), database).components()} == {"invitations"}
    assert (await doctor(settings()))[0] == "embedded"
