"""Finding times and booking them, by the tools on the real database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pipelines.calendar.embedded import EmbeddedCalendar
from pipelines.calendar.rules import CalendarRules, read_hours
from pipelines.tools.booking import booking_tools
from pipelines.tools.port import ToolContext, ToolError
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.leads.leads import Leads
from storage.meetings.bookings import Bookings
from storage.meetings.bounds import Bounds, Held, is_full
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = {"start": "2026-11-24T10:00:00+01:00", "email": "jane@acme.com"}
LATER = {"start": "2026-11-25T10:00:00+01:00"}
BERLIN = ZoneInfo("Europe/Berlin")
CALL = Query(
    "call",
    "INSERT INTO conversations (id, channel, lead_id, created_at, updated_at)"
    " VALUES ('conv_b', 'phone', %(lead_id)s, %(now)s, %(now)s)",
)


async def run(
    database: Database,
    name: str,
    arguments: dict[str, Any],
    *,
    conversation: str = "conv_a",
    key: str = "k1",
    lead_id: UUID | None = None,
    invites: bool = False,
    bounds: Bounds = Bounds(),  # noqa: B008 - a value
) -> Any:
    rules = CalendarRules(zone=BERLIN, hours=read_hours("mon-fri 09:00-17:00"), bounds=bounds)
    calendar = EmbeddedCalendar(Bookings(database), rules, now=lambda: NOW)
    tools = booking_tools(calendar, BERLIN, invites=invites, now=lambda: NOW)
    return await tools[name].run(arguments, ToolContext(conversation, key, lead_id))


async def test_a_meeting_is_booked_once_however_often_the_call_runs(database: Database) -> None:
    results = [await run(database, "book_meeting", START) for _ in range(3)]
    assert len({result["booking_id"] for result in results}) == 1
    assert results[0]["booked"]
    assert results[0]["invitation"] == "none is sent"
    (meeting,) = await Outcomes(database).of_conversation("conv_a")
    assert (meeting.kind, meeting.data["start"]) == ("meeting", "2026-11-24T09:00:00+00:00")


async def test_no_invitation_is_promised_to_what_is_no_address(database: Database) -> None:
    first = await run(database, "book_meeting", {**START, "email": "jane at acme.com"}, invites=True)
    then = await run(database, "book_meeting", START, key="k2", invites=True)
    assert (first["invitation"], then["invitation"]) == ("none is sent", "goes out by e-mail")
    assert first["booking_id"] == then["booking_id"]


async def test_who_comes_second_is_told_of_other_times(database: Database) -> None:
    await run(database, "book_meeting", START)
    same = {"start": "2026-11-24T09:00:00+00:00"}
    with pytest.raises(ToolError) as refused:
        await run(database, "book_meeting", same, conversation="conv_b", key="k2")
    assert refused.value.code == "slot_taken"
    assert "Tuesday, November 24th at 10:30 AM" in str(refused.value)
    assert not await Outcomes(database).of_conversation("conv_b")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "invalid_arguments"),
        ({"start": "soon"}, "invalid_arguments"),
        ({"start": "2026-11-24T10:00:00"}, "invalid_arguments"),
        ({"start": "2026-11-22T10:00:00+00:00"}, "slot_in_the_past"),
        ({"start": "2026-11-24T22:00:00+00:00"}, "outside_working_hours"),
        ({**START, "duration_minutes": "long"}, "invalid_arguments"),
        ({**START, "duration_minutes": True}, "invalid_arguments"),
        ({**START, "notes": "x" * 3000}, "invalid_arguments"),
        ({**START, "email": 7}, "invalid_arguments"),
    ],
)
async def test_what_cannot_be_booked_is_refused(database: Database, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ToolError) as refused:
        await run(database, "book_meeting", arguments)
    assert refused.value.code == code
    assert not await Outcomes(database).of_conversation("conv_a")


async def test_times_are_found_that_differ_and_can_be_booked(database: Database) -> None:
    found = (await run(database, "find_meeting_times", {}))["times"]
    assert found[0]["say"] == "Monday, November 23rd at 11 AM"
    assert len({time["start"][:10] for time in found}) > 1
    for number, time in enumerate(found):
        asked = {"start": time["start"], "if_booked": "add"}
        assert (await run(database, "book_meeting", asked, conversation=f"conv_{number}", key=f"k{number}"))["booked"]


async def test_who_asks_for_a_day_is_told_of_times_on_that_day_alone(database: Database) -> None:
    found = await run(database, "find_meeting_times", {"day": "2026-11-24"})
    assert {time["start"][:10] for time in found["times"]} == {"2026-11-24"}
    assert "soonest" not in found


async def test_a_full_day_leads_to_the_soonest_after_it(database: Database) -> None:
    found = await run(database, "find_meeting_times", {"day": "2026-11-28"})  # a Saturday
    assert found["times"] == []
    assert found["soonest"][0]["say"] == "Monday, November 30th at 9 AM"
    with pytest.raises(ToolError):
        await run(database, "find_meeting_times", {"day": "next tuesday"})


async def test_a_caller_known_by_the_line_alone_is_told_of_the_meeting_there_is_and_may_move_it(
    database: Database,
) -> None:
    """The lead booked in the widget, and calls: no address is said again."""
    booked = await run(database, "book_meeting", START)
    (lead,) = (await Leads(database).list(limit=2)).items
    by_line = {"conversation": "conv_b", "lead_id": lead.id}
    found = await run(database, "find_meeting_times", {}, **by_line)
    assert found["already_booked"]["say"] == "Tuesday, November 24th at 10 AM"
    assert found["time_zone"] == "Berlin time"
    with pytest.raises(ToolError) as refused:
        await run(database, "book_meeting", LATER, **by_line, key="k2")
    assert refused.value.code == "already_booked"
    assert "Tuesday, November 24th at 10 AM" in str(refused.value)
    moved = await run(database, "book_meeting", {**LATER, "if_booked": "move"}, **by_line, key="k3")
    assert (moved["booking_id"], moved["start"]) == (booked["booking_id"], "2026-11-25T09:00:00+00:00")


async def test_who_booked_in_this_conversation_may_move_it(database: Database) -> None:
    booked = await run(database, "book_meeting", START)
    moved = await run(database, "book_meeting", {**LATER, "if_booked": "move"}, key="k2")
    assert moved["booking_id"] == booked["booking_id"]


async def test_of_two_meetings_the_one_that_is_meant_is_moved(database: Database) -> None:
    first = await run(database, "book_meeting", START)
    second = await run(database, "book_meeting", {**LATER, "if_booked": "add"}, key="k2")
    asked = {"start": "2026-11-26T10:00:00+01:00", "if_booked": "move", "moves": LATER["start"]}
    moved = [await run(database, "book_meeting", asked, key="k3") for _ in range(2)]
    assert [one["booking_id"] for one in moved] == [second["booking_id"]] * 2
    kept = await Bookings(database).get(first["booking_id"])
    assert kept is not None
    assert kept.starts_at == datetime(2026, 11, 24, 9, tzinfo=UTC)


async def test_nobody_moves_the_meeting_of_another_by_its_time(database: Database) -> None:
    theirs = await run(database, "book_meeting", LATER, conversation="conv_x", key="kx")
    asked = {"start": "2026-11-26T10:00:00+01:00", "if_booked": "move", "moves": LATER["start"]}
    made = await run(database, "book_meeting", asked, key="k3")
    assert made["booking_id"] != theirs["booking_id"]
    kept = await Bookings(database).get(theirs["booking_id"])
    assert kept is not None
    assert kept.starts_at == datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize("if_booked", [{}, {"if_booked": "move"}])
async def test_who_names_the_address_of_another_learns_of_no_time_and_moves_nothing(
    database: Database, if_booked: dict[str, str]
) -> None:
    """Nor does it help to have become the lead of the address by saying it."""
    await run(database, "book_meeting", START)
    (lead,) = (await Leads(database).list(limit=2)).items
    await database.execute(CALL, lead_id=lead.id, now=NOW)
    assert "already_booked" not in await run(database, "find_meeting_times", {}, conversation="conv_b")
    for start in (START["start"], LATER["start"]):
        asked = {"start": start, "email": "Jane@acme.com", **if_booked}
        with pytest.raises(ToolError) as refused:
            await run(database, "book_meeting", asked, conversation="conv_b", key="k2")
        assert refused.value.code == "address_has_meeting"
        assert "10" not in str(refused.value)
    (row,) = (await Bookings(database).list(earliest=NOW)).items
    assert (row.sequence, row.starts_at.isoformat()) == (0, "2026-11-24T09:00:00+00:00")


async def test_who_names_the_address_of_another_may_have_a_meeting_beside(database: Database) -> None:
    await run(database, "book_meeting", START)
    asked = {**LATER, "email": "jane@acme.com", "if_booked": "add"}
    assert (await run(database, "book_meeting", asked, conversation="conv_b", key="k2"))["booked"]
    assert len((await Bookings(database).list(earliest=NOW)).items) == 2


async def test_a_caller_cancels_the_meeting_they_booked_once_however_often_the_call_runs(database: Database) -> None:
    booked = await run(database, "book_meeting", START)
    start = {"start": booked["start"]}
    results = [await run(database, "cancel_meeting", start, key="k2") for _ in range(2)]
    assert results == [{"cancelled": True, "booking_id": booked["booking_id"]}] * 2
    (row,) = (await Bookings(database).list(earliest=NOW)).items
    assert (row.status, row.sequence) == ("cancelled", 1)


async def test_a_caller_known_by_the_line_cancels_from_another_conversation(database: Database) -> None:
    booked = await run(database, "book_meeting", START)
    (lead,) = (await Leads(database).list(limit=2)).items
    cancelled = await run(
        database, "cancel_meeting", {"start": booked["start"]}, conversation="conv_b", lead_id=lead.id
    )
    assert cancelled["booking_id"] == booked["booking_id"]


async def test_nobody_cancels_the_meeting_of_another(database: Database) -> None:
    await run(database, "book_meeting", START)
    with pytest.raises(ToolError) as refused:
        await run(database, "cancel_meeting", {"start": START["start"]}, conversation="conv_b")
    assert refused.value.code == "unknown_booking"
    (row,) = (await Bookings(database).list(earliest=NOW)).items
    assert row.status == "booked"


async def talks(database: Database, id_: str, channel: str = "widget", **metadata: Any) -> None:
    about: dict[str, Any] = {"id": id_, "channel": channel, "metadata": metadata}
    await Conversations(database).create(ConversationRecord(**about, created_at=NOW, updated_at=NOW))


async def books(database: Database, number: int, conversation: str, bounds: Bounds, **said: str) -> str | None:
    """The code it is refused with."""
    start = datetime(2026, 11, 24, 9, tzinfo=BERLIN) + timedelta(days=number // 16, minutes=30 * (number % 16))
    arguments = {"start": start.isoformat(), "if_booked": "add", **said}
    try:
        await run(database, "book_meeting", arguments, conversation=conversation, key=f"k{number}", bounds=bounds)
    except ToolError as error:
        return error.code if "colleague" in str(error) else str(error)
    return None


@pytest.mark.parametrize(
    ("channel", "metadata", "said"),
    [
        ("widget", {}, {"email": "jane@acme.com"}),
        ("phone", {"calls_from": "+14155550132"}, {}),
    ],
)
async def test_one_person_holds_so_many_meetings_ahead(
    database: Database, channel: str, metadata: dict[str, Any], said: dict[str, str]
) -> None:
    """Known by an address or a number, in one conversation or in several; what is cancelled does not count."""
    bounds = Bounds(each=2)
    for number in range(3):
        await talks(database, f"conv_{number}", channel, **metadata)
    assert [await books(database, number, f"conv_{number}", bounds, **said) for number in range(3)] == [
        None,
        None,
        "too_many_meetings",
    ]
    (first, *_) = (await Bookings(database).list(earliest=NOW)).items
    await Bookings(database).cancel(first.id, now=NOW)
    assert await books(database, 3, "conv_2", bounds, **said) is None
    await talks(database, "conv_other", channel)
    assert await books(database, 4, "conv_other", bounds) is None, "somebody else"


async def test_one_place_and_all_strangers_together_hold_so_many(database: Database) -> None:
    bounds = Bounds(each=1, strangers=4)
    for number in range(8):
        place = "office" if number < 4 else f"home {number}"
        await talks(database, f"conv_{number}", visitor=True, visits_from=place)
    codes = [await books(database, number, f"conv_{number}", bounds) for number in range(8)]
    assert codes == [None, None, None, "too_many_meetings", None, *["too_many_meetings"] * 3]
    await talks(database, "conv_phone", "phone", calls_from="+14155550132")
    assert await books(database, 8, "conv_phone", bounds) is None, "a number tells who calls"
    await talks(database, "conv_withheld", "phone", calls_from="anonymous")
    assert await books(database, 9, "conv_withheld", bounds) == "too_many_meetings"


async def test_a_meeting_is_moved_however_many_there_are(database: Database) -> None:
    await talks(database, "conv_0")
    bounds = Bounds(each=1)
    assert await books(database, 0, "conv_0", bounds) is None
    assert await books(database, 1, "conv_0", bounds, if_booked="move") is None
    assert await books(database, 2, "conv_0", bounds) == "too_many_meetings"


@pytest.mark.parametrize(
    ("held", "full"),
    [
        (Held(), False),
        (Held(theirs=1, visitors=5), False),
        (Held(theirs=2), True),
        (Held(visitors=6), True),
        (Held(strangers=9), False),
        (Held(strangers=10), True),
    ],
)
def test_when_no_further_one_is_taken(held: Held, full: bool) -> None:
    assert is_full(held, Bounds(each=2, strangers=10)) is full
