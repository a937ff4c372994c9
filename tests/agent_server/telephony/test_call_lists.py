"""Call lists, from the audience to what came of each person, through a simulated carrier."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from api_server import StartApi, error_of
from dialling import dialled, telephone_audio
from eventually import eventually
from msgspec import structs
from outbound_world import World, world
from scripted_engines import scripted_engines

from agent_server.call_lists.work import CallListWork
from agent_server.telephony.outbound.dialler import Wish
from pipelines.llm.port import ChatRequest, ToolCallDelta
from pipelines.playbook.model import Playbook
from simulators.twilio.phone_call import PhoneCall
from storage.calls.list_entries import call_key
from storage.keys.secret_tokens import utc_now
from storage.postgres.named_query import Query

BOOKS, NEVER_ANSWERS, NEVER_AGAIN, VOICEMAIL = "+14155550106", "+14155550102", "+12125550106", "+14155550103"
HOURS_AGO = Query(
    "hours_ago",
    "UPDATE outbound_calls SET dialled_at = dialled_at - interval '5 hours', ended_at = ended_at - interval '5 hours'",
)
DUE = Query("due", "UPDATE call_list_entries SET call_after = now() WHERE status = 'waiting'")
CLAIMED = Query(
    "claimed",
    "UPDATE call_list_entries SET status = 'calling', tries = 1, claimed_until = now() + interval '300 milliseconds'"
    " RETURNING id",
)


@pytest.fixture
async def start_world(dsn: str, tmp_path: Path) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        async def begin(*, engines: Any = None, **options: str) -> World:
            engines = engines or structs.replace(scripted_engines(), models=(Playbook(),))
            however_busy = {"MAX_LOAD_PERCENT": "100", **options}
            return await stack.enter_async_context(world(dsn, tmp_path, engines, **however_busy))

        yield begin


async def asked(here: World, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    async with getattr(here.server.operator, method)(path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def made(here: World, **about: Any) -> str:
    """Its place."""
    body = {"name": "Spring", "purpose": "your trial", **about}
    return f"/api/call-lists/{(await asked(here, 'post', '/api/call-lists', body, 201))['id']}"


async def until(here: World, place: str, done: Callable[[Any], object], timeout_s: float = 15.0) -> Any:
    async with asyncio.timeout(timeout_s):
        while not done(found := await here.get(place)):
            await asyncio.sleep(0.03)
    return found


async def entries_of(here: World, place: str, query: str = "") -> dict[str, dict[str, Any]]:
    """By number."""
    return {entry["contact_phone"]: entry for entry in (await here.get(f"{place}/entries{query}"))["items"]}


async def again_hours_later(here: World, place: str) -> None:
    for query in (HOURS_AGO, DUE):
        await here.server.services.database.execute(query)
    await asked(here, "patch", place, {"name": "Hours later"})


async def test_three_people_are_called_and_it_is_told_what_came_of_each(start_world: Any) -> None:
    booking: dict[str, str] = {}

    def answer(request: ChatRequest) -> str | ToolCallDelta:
        last = request.messages[-1]
        if last.role == "user" and "book" in last.content:
            return ToolCallDelta(0, msgspec.json.encode(booking).decode(), "call_1", "book_meeting")
        return "That is done."

    engines = scripted_engines(["please book it", "stop calling me"], answer)
    here: World = await start_world(engines=engines, CALENDAR_HOURS="mon-sun 00:00-24:00", VOICEMAIL="hang_up")
    booking["start"] = (await here.get("/api/bookings/free?limit=9"))["items"][8]["start"]
    await here.lead(BOOKS, consent=None)
    leads = {number: await here.lead(number) for number in (BOOKS, NEVER_ANSWERS, NEVER_AGAIN)}
    unasked = await here.lead("+14155550140", consent=None)
    await asked(here, "post", "/api/leads", {"contact_name": "Nobody's number"}, 201)
    whom = await asked(here, "post", "/api/call-lists/audience", {})
    assert whom == {"people": 3, "left_out": {"no_consent": 1, "same_number": 1, "no_phone": 1}}

    place = await made(here, attempts=2, audience={})
    drafted = await here.get(place)
    assert (drafted["status"], drafted["people"]) == ("draft", {"waiting": 3, "calling": 0, "done": 0, "left_out": 3})
    left_out = await entries_of(here, place, "?status=left_out")
    assert (left_out["+14155550140"]["lead_id"], left_out["+14155550140"]["reason"]) == (unasked, "no_consent")
    assert here.people == []
    assert (await asked(here, "post", f"{place}/start"))["status"] == "running"

    await eventually(lambda: {BOOKS, NEVER_ANSWERS, NEVER_AGAIN} <= here.phones.keys())
    for number in (BOOKS, NEVER_AGAIN):  # one after the other, as their words are scripted
        await eventually(lambda phone=here.phones[number]: phone.handset.played_bytes > 8 * 600)
        here.phones[number].handset.say(telephone_audio()[: 8 * 1200])
        await eventually(lambda phone=here.phones[number]: phone.handset.has_said_all)
    await until(here, f"/api/bookings?lead_id={leads[BOOKS]}", lambda found: found["items"])
    plain = NEVER_AGAIN.replace("+", "%2B")
    await until(here, f"/api/do-not-call/check?number={plain}", lambda found: found["suppressed"])
    for number in (BOOKS, NEVER_AGAIN):
        here.phones[number].hang_up()
    await until(here, place, lambda found: found["people"]["done"] == 2 and found["people"]["waiting"] == 1)
    waiting = (await entries_of(here, place, "?status=waiting"))[NEVER_ANSWERS]
    assert [each["status"] for each in waiting["calls"]] == ["no_answer"]
    assert waiting["next_at"] > (utc_now() + timedelta(hours=3)).isoformat(), "later, at another time of day"

    await again_hours_later(here, place)
    over = await until(here, place, lambda found: found["status"] == "finished")
    assert over["results"] == {"booked": 1, "do_not_call": 1, "no_answer": 1}
    done = await entries_of(here, place, "?status=done")
    assert [len(done[number]["calls"]) for number in (BOOKS, NEVER_ANSWERS, NEVER_AGAIN)] == [1, 2, 1]
    (talked,) = done[BOOKS]["calls"]
    assert (await here.get(f"/api/calls/{talked['id']}"))["purpose"] == "your trial"
    assert (await here.get(f"/api/conversations/{talked['conversation_id']}"))["lead_id"] == leads[BOOKS]
    figures = await here.get(f"{place}/figures")
    assert {(each["result"], each["people"]) for each in figures["results"]} == {
        ("booked", 1), ("do_not_call", 1), ("no_answer", 1),
    }  # fmt: skip
    assert figures["calls"] == sum(hour["calls"] for hour in figures["hours"]) == 4
    assert len(here.people) == 4, "nobody else was dialled"
    async with here.server.operator.post(f"{place}/start") as refused:
        assert (refused.status, (await error_of(refused))["code"]) == (409, "call_list_state")


async def test_who_dies_between_claim_and_dial_loses_nobody_and_calls_nobody_twice(start_world: Any) -> None:
    here: World = await start_world()
    lead_id = await here.lead(BOOKS)
    place = await made(here, lead_ids=[lead_id])
    services = here.server.services
    (claimed,) = await services.database.fetch_all(CLAIMED)
    await asked(here, "post", f"{place}/start")
    assert here.people == [], "it is in the hands of another process"
    running = await until(here, place, lambda found: found["people"]["calling"] == 1 and here.people)
    assert running["status"] == "running"
    await eventually(lambda: here.phones[BOOKS].handset.played_bytes > 0)
    carrier = services.calls.carrier
    assert carrier is not None
    late = Wish(
        number=BOOKS, lead_id=UUID(lead_id), purpose="your trial", idempotency_key=call_key(claimed["id"], 1),
        requested_by=None, base_url=here.server.url, list_entry_id=claimed["id"],
    )  # fmt: skip
    call, is_new = await services.calls.dialler.ask(late, carrier)
    assert (call.status, is_new) == ("in_progress", False), "the other process was only slow"
    here.phones[BOOKS].hang_up()
    assert (await until(here, place, lambda found: found["status"] == "finished"))["results"] == {"reached": 1}
    assert len(here.people) == 1


async def test_a_paused_list_begins_no_call_and_lines_are_left_to_those_who_call_us(start_world: Any) -> None:
    here: World = await start_world(MAX_CONVERSATIONS="2")
    numbers = [f"+1{area}5550106" for area in (415, 212, 312)]
    leads = [await here.lead(number) for number in numbers]
    place = await made(here, lead_ids=leads, at_once=3)
    await asked(here, "post", f"{place}/start")
    await eventually(lambda: here.phones and all(phone.handset.played_bytes > 0 for phone in here.phones.values()))
    token = here.carrier.settings["TWILIO_AUTH_TOKEN"]
    incoming = PhoneCall(f"{here.server.url}/telephony/twilio/voice", auth_token=token, calls_from="+13035550106")
    async with dialled(incoming, incoming.run()) as caller:
        await caller.until(lambda: caller.heard_ms > 100)
        assert len(here.people) == 1, "one line of two"
    paused = await asked(here, "post", f"{place}/pause")
    assert (paused["status"], paused["people"]["calling"]) == ("paused", 1)
    async with here.server.operator.get(f"{place}/entries?status=waiting") as answer:
        entry = (await answer.json())["items"][0]
    wish = Wish(
        number=entry["contact_phone"], lead_id=UUID(entry["lead_id"]), purpose=None, requested_by=None,
        idempotency_key="of-another-process", base_url=here.server.url, list_entry_id=UUID(entry["id"]),
    )  # fmt: skip
    carrier = here.server.services.calls.carrier
    assert carrier is not None
    call, _ = await here.server.services.calls.dialler.ask(wish, carrier)
    assert (call.status, call.code) == ("refused", "list_not_running"), "a process that was about to"
    here.people[0].phone.hang_up()
    ended = await until(here, place, lambda found: found["people"]["done"] == 1)
    assert (ended["status"], len(here.people)) == ("paused", 1), "what was under way ended by itself"
    await asked(here, "post", f"{place}/start")
    await until(here, place, lambda _: len(here.people) == 2)
    stopped = await asked(here, "post", f"{place}/stop")
    assert (stopped["status"], stopped["people"]["waiting"]) == ("stopped", 1)


async def test_a_voicemail_gets_its_message_once_and_the_hours_of_a_list_hold(start_world: Any) -> None:
    here: World = await start_world(COMPANY_NAME="Acme")
    place = await made(here, lead_ids=[await here.lead(VOICEMAIL)], attempts=2)
    await asked(here, "post", f"{place}/start")
    await until(here, place, lambda found: found["next_at"] is not None)
    await again_hours_later(here, place)
    assert (await until(here, place, lambda found: found["status"] == "finished"))["results"] == {"voicemail": 1}
    assert [len(person.phone.said) for person in here.people] == [1, 0]

    other = await here.lead("+14155550141")
    place = await made(here, lead_ids=[other], hours="mon-sun 15:00-16:00", per_hour=60)
    await asked(here, "post", f"{place}/start")
    waiting = await until(here, place, lambda found: found["next_at"] is not None)
    assert (waiting["people"]["waiting"], len(here.people)) == (1, 2), "it is noon where they are"
    changed = await asked(here, "patch", place, {"hours": None, "attempts": 1, "per_hour": None})
    assert (changed["hours"], changed["attempts"], changed["per_hour"]) == (None, 1, None)


async def test_a_list_whose_carrier_refuses_every_call_is_paused_and_loses_nobody(start_world: Any) -> None:
    here: World = await start_world(faults="twilio:refuse,status=403")
    place = await made(here, lead_ids=[await here.lead(BOOKS)], attempts=1)
    await asked(here, "post", f"{place}/start")
    paused = await until(here, place, lambda found: found["status"] == "paused" and found["people"]["waiting"])
    assert (paused["reason"], paused["people"]["done"], here.people) == ("carrier_unauthorised", 0, [])


async def test_nobody_is_called_in_another_name_when_an_agent_goes(start_world: Any) -> None:
    here: World = await start_world()
    await asked(here, "post", "/api/agent-profiles", {"slug": "bikes", "company": "Bol Bikes"}, 201)
    place = await made(here, lead_ids=[await here.lead(BOOKS)], agent="bikes", hours="mon-sun 15:00-16:00")
    async with here.server.operator.delete("/api/agent-profiles/bikes") as answer:
        error = await error_of(answer)
        assert (answer.status, error["code"], "'Spring'" in error["message"]) == (409, "agent_profile_in_use", True)
    await asked(here, "post", f"{place}/start")
    await until(here, place, lambda found: found["next_at"] is not None)
    gone = Query("gone", "DELETE FROM agent_profiles WHERE slug = 'bikes'")
    await here.server.services.database.execute(gone)  # in the moment in which the list was given it
    await asked(here, "patch", place, {"hours": None})
    paused = await until(here, place, lambda found: found["status"] == "paused")
    assert (paused["reason"], paused["people"]["waiting"], here.people) == ("agent_deleted", 1, [])
    await here.server.services.profiles.refresh()
    assert (await asked(here, "post", f"{place}/start", status=404))["error"]["code"] == "agent_profile_not_found"
    await asked(here, "patch", place, {"agent": None, "attempts": 1})
    await here.server.services.database.execute(DUE)
    await asked(here, "post", f"{place}/start")
    await eventually(lambda: BOOKS in here.phones)
    await asked(here, "post", f"{place}/stop")


async def test_without_an_account_a_list_is_not_started_and_what_is_wrong_is_said(start_api: StartApi) -> None:
    server = await start_api()
    body = {"name": "Spring", "purpose": "your trial"}
    async with server.operator.post("/api/call-lists", json=body) as answer:
        place = f"/api/call-lists/{(await answer.json())['id']}"
    async with server.operator.post(f"{place}/start") as answer:
        error = await error_of(answer)
        assert (answer.status, error["code"]) == (503, "telephony_not_configured")
    async with server.client.post(f"{place}/start", headers=await server.key("read")) as answer:
        assert answer.status == 403
    for wrong, param in (
        ({"hours": "noon"}, "hours"),
        ({"audience": {}, "lead_ids": ["0a5e0000-0000-4000-8000-00000000aaaa"]}, "lead_ids"),
        ({"lead_ids": ["0a5e0000-0000-4000-8000-00000000aaaa"]}, "lead_ids"),
        ({"purpose": " "}, "purpose"),
    ):
        async with server.operator.post("/api/call-lists", json=body | wrong) as answer:
            assert answer.status in (400, 404)
            assert (await error_of(answer))["param"] == param
    async with server.operator.get("/api/call-lists/nothing") as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (404, "call_list_not_found")
    assert isinstance(server.services.call_lists, CallListWork)
