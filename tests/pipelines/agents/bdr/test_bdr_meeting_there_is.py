"""A lead that has a meeting coming, made by another thread or call: it is told, moved when wanted, and doubled only
when asked for plainly. The calendar is the real one."""

import asyncio
from typing import Any

import pytest
from bdr_office import LEAD, Office, asking, question, times

from pipelines.calendar.port import BookingRequest

JANE = {"company_name": "Globex", "contact_email": "Sam@Acme.test"}


@pytest.fixture
async def booked(office: Office) -> Any:
    asked = await office.run()
    return (await office.run(thread_id=asked.thread_id, answer="yes")).output["booking"]


async def test_the_meeting_there_is_is_told_and_moved(office: Office, booked: Any) -> None:
    again = await office.run(given=asking(lead=JANE))
    assert question(again).startswith("You are down for Monday, December 7th at 2 PM already. Shall I move it to ")
    assert again.interrupts[0].value["already_booked"]["id"] == booked["id"]
    moved = await office.run(thread_id=again.thread_id, answer="yes")
    (row,) = await office.booked()
    assert (moved.output["status"], moved.output["booking"]["id"]) == ("booked", booked["id"])
    assert (row.uid, row.sequence, row.starts_at) == (booked["uid"], 1, times(again)[0])


@pytest.mark.parametrize("answer", ["no", "no thanks", "keep it as it is", False, {"if_booked": "keep"}])
async def test_it_stays_when_they_would_rather(office: Office, booked: Any, answer: Any) -> None:
    again = await office.run()
    kept = await office.run(thread_id=again.thread_id, answer=answer)
    assert (kept.output["status"], kept.output["booking"]) == ("kept", booked)
    assert [row.sequence for row in await office.booked()] == [0]


async def test_a_second_one_is_asked_for_plainly(office: Office, booked: Any) -> None:
    again = await office.run()
    offered = await office.run(thread_id=again.thread_id, answer="no, book a second one")
    assert question(offered).startswith("Then a second one. Shall I book ")
    assert len(await office.booked()) == 1
    await office.run(thread_id=again.thread_id, answer="yes")
    assert len(await office.booked()) == 2


@pytest.mark.parametrize("said", [{"if_booked": "add"}, {}])
async def test_a_program_asks_for_a_second_one(office: Office, booked: Any, said: Any) -> None:
    again = await office.run(given=asking(**({} if said else {"if_booked": "add"})))
    done = await office.run(thread_id=again.thread_id, answer={"confirmed": True, "start": 2, **said})
    assert done.output["status"] == "booked"
    assert len({row.id for row in await office.booked()}) == 2


async def test_of_two_threads_of_one_lead_that_race_one_books(office: Office) -> None:
    first, second = await asyncio.gather(office.run(), office.run(given=asking(lead=JANE)))
    answers = ((first, "the first one"), (second, "the second one"))
    done = await asyncio.gather(*(office.run(thread_id=asked.thread_id, answer=said) for asked, said in answers))
    assert sorted(reply.status for reply in done) == ["completed", "interrupted"]
    (row,) = await office.booked()
    waiting = next(reply for reply in done if reply.status == "interrupted")
    assert "You are down for" in question(waiting)
    assert waiting.interrupts[0].value["already_booked"]["id"] == row.id


async def test_two_threads_that_agree_to_one_time_have_one_meeting(office: Office) -> None:
    first, second = await asyncio.gather(office.run(), office.run())
    done = await asyncio.gather(*(office.run(thread_id=asked.thread_id, answer="yes") for asked in (first, second)))
    assert {reply.output["booking"]["id"] for reply in done} == {row.id for row in await office.booked()}
    assert len(await office.booked()) == 1


async def test_a_meeting_made_by_a_call_is_known(office: Office) -> None:
    request = BookingRequest(start=office.monday_at(15), email=LEAD["contact_email"], conversation_id="conv_a")
    await office.calendar.book(request, idempotency_key="call")
    assert "down for Monday, December 7th at 3 PM" in question(await office.run())


async def test_what_is_over_is_in_nobodys_way(office: Office, booked: Any) -> None:
    office.now = office.monday_at(18)
    assert "Shall I book" in question(await office.run())
