"""A proposal that is answered late: days pass, the calendar and the lead change, and other processes take over. The
calendar is the real one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bdr_office import BERLIN, MONDAY, Office, asking, question, times

from pipelines.agents.errors import AgentError
from pipelines.calendar.port import BookingRequest
from pipelines.calendar.rules import CalendarRules, read_hours
from storage.leads.leads import Leads
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries


async def test_a_time_that_has_passed_is_told_and_replaced(office: Office) -> None:
    asked = await office.run()
    office.now = max(times(asked)) + timedelta(days=1)
    again = await office.run(thread_id=asked.thread_id, answer="yes")
    assert "That time has passed." in question(again)
    assert min(times(again)) > office.now
    assert await office.booked() == []
    booked = await office.run(thread_id=asked.thread_id, answer="the second one")
    (row,) = await office.booked()
    assert booked.output["status"] == "booked"
    assert row.starts_at == times(again)[1]


async def test_a_plain_yes_never_moves_to_another_time(office: Office) -> None:
    asked = await office.run()
    first, second, *_ = times(asked)
    office.now = first + timedelta(minutes=5)
    assert second > office.now
    again = await office.run(thread_id=asked.thread_id, answer=True)
    assert "passed" in question(again)
    assert await office.booked() == []


async def test_minutes_before_the_meeting_is_too_late_to_agree(office: Office) -> None:
    asked = await office.run()
    office.now = times(asked)[0] - timedelta(minutes=10)
    again = await office.run(thread_id=asked.thread_id, answer="yes")
    assert "too soon" in question(again)
    assert await office.booked() == []


async def test_what_was_offered_at_the_last_moment_may_be_taken_a_little_later(office: Office) -> None:
    office.now = datetime(2026, 12, 7, 12, 59, tzinfo=UTC)
    asked = await office.run()
    assert times(asked)[0] == datetime(2026, 12, 7, 15, tzinfo=BERLIN)
    office.now += timedelta(minutes=10)
    assert (await office.run(thread_id=asked.thread_id, answer="yes")).output["status"] == "booked"


async def test_a_time_taken_in_between_is_offered_to_nobody(office: Office) -> None:
    asked = await office.run()
    await office.calendar.book(BookingRequest(start=times(asked)[2]), idempotency_key="somebody else")
    office.now += timedelta(hours=20)
    again = await office.run(thread_id=asked.thread_id, answer=3)
    assert "just been taken" in question(again)
    assert times(asked)[2] not in times(again)
    assert len(await office.booked()) == 1


async def test_office_hours_that_changed_hold(office: Office) -> None:
    asked = await office.run()
    office.calendar.rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 13:00-15:00"))
    morning = next(number for number, slot in enumerate(times(asked), 1) if slot.hour < 13)
    again = await office.run(thread_id=asked.thread_id, answer=morning)
    assert times(again)
    assert all(13 <= slot.hour < 15 for slot in times(again))
    assert await office.booked() == []


async def test_a_late_answer_in_words_is_read_on_the_day_it_is_given(office: Office) -> None:
    asked = await office.run()
    office.now = datetime(2026, 12, 10, 8, tzinfo=UTC)
    again = await office.run(thread_id=asked.thread_id, answer="tomorrow at ten")
    assert times(again) == [datetime(2026, 12, 11, 10, tzinfo=BERLIN)]
    await office.run(thread_id=asked.thread_id, answer="yes")
    assert [row.starts_at for row in await office.booked()] == times(again)


@pytest.mark.parametrize("answer", ["Could we do next thursday at 2 pm?", {"start": "2026-12-17T13:00:00Z"}])
async def test_a_time_they_would_rather_have_is_offered_when_it_is_free(office: Office, answer: Any) -> None:
    asked = await office.run()
    thursday = datetime(2026, 12, 17, 14, tzinfo=BERLIN)
    if isinstance(answer, str):
        office.now = datetime(2026, 12, 11, 9, tzinfo=UTC)
    again = await office.run(thread_id=asked.thread_id, answer=answer)
    assert times(again) == [thursday], question(again)


async def test_one_that_is_not_free_is_told_so_and_the_nearest_are_offered(office: Office) -> None:
    asked = await office.run()
    wanted = datetime(2026, 12, 9, 14, tzinfo=BERLIN)
    await office.calendar.book(BookingRequest(start=wanted), idempotency_key="somebody else")
    again = await office.run(thread_id=asked.thread_id, answer="wednesday at 2 pm")
    assert question(again).startswith("Nothing is free then.")
    assert {abs(slot - wanted) for slot in times(again)} == {timedelta(minutes=30)}


@pytest.mark.parametrize("answer", [{"start": "2027-03-01T13:00:00Z"}, {"start": "2025-03-01T13:00:00Z"}])
async def test_beyond_what_the_calendar_shows_nothing_is_free_and_sooner_times_are_offered(
    office: Office, answer: Any
) -> None:
    asked = await office.run()
    again = await office.run(thread_id=asked.thread_id, answer=answer)
    assert question(again).startswith("Nothing is free then.")
    assert times(again)
    assert all(office.now < slot < office.now + timedelta(days=14) for slot in times(again))


async def test_many_late_answers_in_many_processes_book_once(office: Office) -> None:
    asked = await office.run()
    office.now += timedelta(hours=18)
    answers = await asyncio.gather(
        *(office.run(thread_id=asked.thread_id, answer="the last one") for _ in range(4)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, AgentError)]
    assert {error.code for error in refused} <= {"thread_busy", "nothing_to_resume"}
    assert len(refused) == 3
    assert len(await office.booked()) == 1


async def test_a_meeting_that_was_cancelled_can_be_booked_again_in_its_thread(office: Office) -> None:
    asked = await office.run()
    first = await office.run(thread_id=asked.thread_id, answer="yes")
    await office.calendar.cancel(first.output["booking"]["id"])
    asked = await office.run(given=asking(), thread_id=asked.thread_id)
    second = await office.run(thread_id=asked.thread_id, answer="yes")
    assert second.output["booking"]["start"] == first.output["booking"]["start"]
    assert second.output["booking"]["status"] == "booked"
    (row,) = await office.booked()
    assert row.id == second.output["booking"]["id"] != first.output["booking"]["id"]


async def test_a_lead_that_became_part_of_another_keeps_its_meeting(office: Office) -> None:
    leads = Leads(office.database)
    gone = await leads.create({"company_name": "Acme", "contact_email": "sam@acme.test"}, now=MONDAY)
    asked = await office.run(given={"lead_id": str(gone.id), "time_zone": "Europe/Berlin"})
    kept = await leads.create({"company_name": "Acme Inc."}, now=MONDAY)
    await merge(office.database, gone.id, kept.id)
    await leads.patch(kept.id, {"contact_email": "sam@acme.test"}, now=MONDAY)
    office.now += timedelta(hours=18)
    assert (await office.run(thread_id=asked.thread_id, answer=3)).output["status"] == "booked"
    (row,) = await office.booked()
    assert row.lead_id == kept.id


async def test_the_meetings_of_a_lead_go_where_it_goes(office: Office) -> None:
    leads = Leads(office.database)
    gone = await leads.create({"contact_email": "sam@acme.test"}, now=MONDAY)
    kept = await leads.create({"company_name": "Acme Inc."}, now=MONDAY)
    asked = await office.run(given={"lead_id": str(gone.id)})
    await office.run(thread_id=asked.thread_id, answer="yes")
    await merge(office.database, gone.id, kept.id)
    assert [row.lead_id for row in await office.booked()] == [kept.id]


async def test_a_time_zone_that_is_none_is_refused(office: Office) -> None:
    with pytest.raises(AgentError) as refused:
        await office.run(given=asking(time_zone="Mars/Olympus"))
    assert (refused.value.code, refused.value.param) == ("invalid_input", "input.time_zone")


async def test_nobody_is_asked_to_meet_in_the_night_where_they_are(office: Office) -> None:
    asked = await office.run(given=asking(time_zone="America/New_York"))
    assert times(asked)
    assert all(8 <= slot.hour < 18 for slot in times(asked)), question(asked)
    asked = await office.run(given=asking(time_zone="Pacific/Auckland"))
    assert times(asked), "the office is closed by day there"


async def test_what_was_not_understood_is_asked_again_with_the_same_times(office: Office) -> None:
    asked = await office.run()
    rather = await office.run(thread_id=asked.thread_id, answer="thursday at 2 pm")
    again = await office.run(thread_id=asked.thread_id, answer="hmm")
    assert question(again).startswith("Sorry")
    assert times(again) == times(rather) == [datetime(2026, 12, 10, 14, tzinfo=BERLIN)]
    office.now = times(again)[0]
    late = await office.run(thread_id=asked.thread_id, answer="hmm")
    assert min(times(late)) > office.now


async def test_the_question_says_in_which_time_zone_it_is_asked(office: Office) -> None:
    asked = await office.run()
    assert question(asked).endswith("Times are Berlin time.")
    assert asked.interrupts[0].value["time_zone"] == "Europe/Berlin"


async def merge(database: Database, gone: Any, kept: Any) -> None:
    merging = load_queries("storage.queries", "outcomes.sql")["leads_merge"]
    async with database.transaction() as transaction:
        await transaction.fetch_value(merging, gone=gone, kept=kept)
