"""Mail that is switched off while somebody is invited, and on again."""

from datetime import timedelta

import pytest
from invited import US, Taking

from agent_server.meetings.meeting_calendar import meeting_calendar
from agent_server.settings import read_settings
from pipelines.calendar.inviting import Inviting
from pipelines.calendar.port import BookingRequest
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database

ALWAYS = {"CALENDAR_HOURS": "mon-sun 00:00-24:00"}
MAIL = {**ALWAYS, "SMTP_URL": "smtp://127.0.0.1:1", "INVITATION_FROM": "sales@northwind.example"}


async def told_of(database: Database, *, after: timedelta = timedelta()) -> int:
    """How many mails go out once there is mail again."""
    inviting = Inviting(meeting_calendar(read_settings(MAIL, {}, {}), database).bookings, Taking(), US,
                        now=lambda: utc_now() + after)  # fmt: skip
    count = 0
    while await inviting.invite_one():
        count += 1
    return count


@pytest.mark.parametrize(("after", "told"), [(timedelta(hours=1), 2), (timedelta(days=3), 0)])
async def test_who_is_to_be_told_of_a_change_is_shown_and_told_once_there_is_mail(
    database: Database, after: timedelta, told: int
) -> None:
    with_mail = meeting_calendar(read_settings(MAIL, {}, {}), database)
    without = meeting_calendar(read_settings(ALWAYS, {}, {}), database)
    (component,) = without.components()
    assert with_mail.components() == ()
    start = (utc_now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    made = [
        await with_mail.calendar.book(
            BookingRequest(
                start=start + timedelta(hours=number), email=f"p{number}@acme.com", conversation_id=f"c{number}"
            ),
            idempotency_key=f"k{number}",
        )
        for number in range(2)
    ]
    assert await told_of(database) == 2
    assert (await component.check()).status == "ok"
    await without.calendar.cancel(made[0].id)
    other = BookingRequest(start=start + timedelta(hours=1), email="jane@home.example", conversation_id="c1")
    await without.calendar.book(other, idempotency_key="again", if_booked="refuse")
    state = await component.check()
    assert (state.status, (state.detail or "")[:2]) == ("degraded", "2 ")
    assert await told_of(database, after=after) == told
