"""The BDR agent: asks before it books, books once, and goes on in another process."""

import asyncio
from typing import Any

import pytest
from agent_world import AgentWorld, running_agents
from fake_calendar import NOON, FakeCalendar
from fake_gateway import FakeGateway

from pipelines.agents.errors import AgentError
from pipelines.agents.replies import AgentReply
from storage.postgres.database import Database

LEAD = {"company_name": "Acme", "contact_email": "sam@acme.test", "notes": "They need better follow-up."}
ASK = {"lead": LEAD, "time_zone": "Europe/Berlin"}


def world(database: Database, calendar: FakeCalendar | None, **parts: Any) -> Any:
    return running_agents(database, calendar=calendar, now=lambda: NOON, **parts)


async def asked(agents: AgentWorld, **lead: str) -> AgentReply:
    reply = await agents.agents.invoke("bdr", {**ASK, "lead": {**LEAD, **lead}})
    assert reply.status == "interrupted"
    return reply


async def test_nothing_is_booked_before_a_person_says_yes(database: Database) -> None:
    calendar = FakeCalendar()
    async with world(database, calendar) as agents:
        reply = await asked(agents)
        [question] = reply.interrupts
        assert question.value["slots"][0] == "2026-12-08T11:00:00+01:00"
        assert "Tuesday, December 8th at 11 AM" in question.value["question"]
        assert calendar.calls == 0
        booked = await agents.agents.resume("bdr", reply.thread_id, {"confirmed": True, "slot": 2})
    assert booked.status == "completed"
    assert booked.output is not None
    assert booked.output["status"] == "booked"
    [booking] = calendar.bookings.values()
    assert booking.request.email == "sam@acme.test"
    assert booked.output["booking"]["start"] == booking.slot.start.isoformat()


async def test_another_process_takes_the_answer(database: Database) -> None:
    calendar = FakeCalendar()
    async with world(database, calendar) as first:
        reply = await asked(first)
    async with world(database, calendar) as second:
        state = await second.agents.state(reply.thread_id)
        assert (state.status, state.next) == ("interrupted", ("confirm",))
        booked = await second.agents.resume("bdr", reply.thread_id, "yes")
    assert booked.output is not None
    assert booked.output["status"] == "booked"


async def test_two_answers_at_once_book_once(database: Database) -> None:
    calendar = FakeCalendar()
    async with world(database, calendar) as one, world(database, calendar) as other:
        reply = await asked(one)
        answers = await asyncio.gather(
            *(agents.agents.resume("bdr", reply.thread_id, "yes") for agents in (one, other) for _ in range(3)),
            return_exceptions=True,
        )
    refused = [answer for answer in answers if isinstance(answer, AgentError)]
    assert len(refused) == 5
    assert {error.code for error in refused} <= {"thread_busy", "nothing_to_resume"}
    assert len(calendar.bookings) == 1


async def test_a_time_taken_meanwhile_is_replaced_by_others(database: Database) -> None:
    calendar = FakeCalendar()
    async with world(database, calendar) as agents:
        first, second = await asked(agents), await asked(agents, contact_email="kim@globex.test")
        assert (await agents.agents.resume("bdr", first.thread_id, "yes")).status == "completed"
        again = await agents.agents.resume("bdr", second.thread_id, "yes")
        assert again.status == "interrupted"
        assert "just been taken" in again.interrupts[0].value["question"]
        assert again.interrupts[0].value["slots"] != second.interrupts[0].value["slots"]
        assert (await agents.agents.resume("bdr", second.thread_id, "yes")).output["status"] == "booked"
    assert len({booking.slot.start for booking in calendar.bookings.values()}) == 2


async def test_other_times_then_no(database: Database) -> None:
    async with world(database, FakeCalendar()) as agents:
        reply = await asked(agents)
        other = await agents.agents.resume("bdr", reply.thread_id, "no, another time")
        assert not set(other.interrupts[0].value["slots"]) & set(reply.interrupts[0].value["slots"])
        done = await agents.agents.resume("bdr", reply.thread_id, False)
    assert (done.status, done.output["status"]) == ("completed", "declined")


async def test_questions_come_to_an_end(database: Database) -> None:
    async with world(database, FakeCalendar()) as agents:
        reply = await asked(agents)
        for _ in range(10):
            if reply.status == "completed":
                break
            reply = await agents.agents.resume("bdr", reply.thread_id, "hmm")
    assert reply.output is not None
    assert (reply.output["status"], reply.output["code"]) == ("no_time_found", "too_many_rounds")


async def test_without_a_calendar_it_says_so(database: Database) -> None:
    async with world(database, None) as agents:
        reply = await agents.agents.invoke("bdr", ASK)
    assert reply.output is not None
    assert (reply.status, reply.output["code"]) == ("completed", "calendar_unavailable")


async def test_the_model_writes_the_opening_and_never_the_times(database: Database) -> None:
    def answer(request: Any) -> Any:
        if "opening" in request.response_schema["properties"]:
            return {"opening": "Missed calls cost you deals."}
        return "{}"

    async with world(database, FakeCalendar(), gateway=FakeGateway(answer)) as agents:
        reply = await asked(agents)
    assert reply.steps == {"qualify": "rules", "propose": "fake-model"}
    assert reply.interrupts[0].value["question"].startswith("Missed calls cost you deals. Shall I book Tuesday,")


@pytest.mark.parametrize("answer", [None])
async def test_no_answer_is_no_answer(database: Database, answer: Any) -> None:
    async with world(database, FakeCalendar()) as agents:
        reply = await asked(agents)
        with pytest.raises(AgentError) as refused:
            await agents.agents.resume("bdr", reply.thread_id, answer)
    assert refused.value.code == "answer_missing"
