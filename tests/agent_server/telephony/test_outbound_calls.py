"""Calls to people, from the request to their end, through a simulated carrier over its true REST API and webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from api_server import StartApi, error_of
from dialling import dialled, telephone_audio
from eventually import eventually
from msgspec import structs
from outbound_world import World, world
from scripted_engines import scripted_engines

from agent_server.capacity.admission import Admission
from agent_server.telephony import apologies
from agent_server.telephony.outbound.answering import CalledPeople
from agent_server.telephony.outbound.carrier import Carrier
from agent_server.telephony.outbound.kept_lines import KeptLines
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.outbound.reconciling import Reconciling
from pipelines.llm.port import ChatRequest
from pipelines.playbook.model import Playbook
from simulators.twilio.phone_call import PhoneCall
from storage.keys.secret_tokens import utc_now
from storage.postgres.named_query import Query

ANSWERS, STAYS, BUSY, NO_ANSWER, VOICEMAIL, FAX, INVALID = (
    f"+1415555{last}" for last in ("0199", "0106", "0101", "0102", "0103", "0104", "0105")
)
STAYS_TOO = "+12125550106"


@pytest.fixture
async def start_world(dsn: str, tmp_path: Path) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        async def begin(*, engines: Any = None, **options: str) -> World:
            engines = engines or structs.replace(scripted_engines(), models=(Playbook(),))
            return await stack.enter_async_context(world(dsn, tmp_path, engines, **options))

        yield begin


async def test_somebody_who_may_be_called_is_called_and_told_who_calls_and_why(start_world: Any) -> None:
    here: World = await start_world(COMPANY_NAME="Acme")
    lead_id = await here.lead(STAYS, contact_name="Jane Doe")
    call = await here.call(lead_id=lead_id, purpose="your trial of our phone system")
    assert (call["to"], call["lead_id"], call["code"]) == (STAYS, lead_id, None)
    assert call["status"] in ("dialling", "ringing", "in_progress")

    await eventually(lambda: here.people[0].phone.handset.played_bytes >= 8 * 2500)
    here.people[0].phone.hang_up()
    over = await here.until_status(call, "completed")
    assert over["dialled_at"] <= over["answered_at"] <= over["ended_at"]
    assert over["answered_by"] == "human"
    conversation = await here.get(f"/api/conversations/{over['conversation_id']}")
    assert conversation["items"][0]["heard_text"].startswith("Hello Jane, this is Ava, the AI assistant at")
    assert (conversation["lead_id"], conversation["metadata"]["direction"]) == (lead_id, "outbound")
    told = [what for what, status in here.people[0].callbacks if status == 204]
    assert told == ["initiated", "ringing", "in-progress", "human", "completed"]
    assert [each["id"] for each in (await here.get(f"/api/calls?lead_id={lead_id}"))["items"]] == [call["id"]]


async def test_why_somebody_may_not_be_called(start_world: Any) -> None:
    here: World = await start_world(CALL_ATTEMPTS_PER_DAY="1")
    unasked = await here.lead(ANSWERS, consent=None)
    assert (await here.refusal(lead_id=unasked))[:2] == (403, "no_consent")
    await here.consent(unasked, kind="none")
    assert (await here.refusal(lead_id=unasked))[:2] == (403, "no_consent")
    await here.consent(unasked, kind="existing_relationship", valid_until="2020-01-01T00:00:00Z")
    assert (await here.refusal(lead_id=unasked))[:2] == (403, "no_consent")

    asleep = await here.lead("+14155550198", hour=3)
    status, code, message = await here.refusal(lead_id=asleep)
    assert (status, code) == (409, "outside_calling_hours")
    assert "It is permitted from 20" in message
    (refused,) = (await here.get(f"/api/calls?lead_id={asleep}"))["items"]
    assert (refused["status"], refused["code"]) == ("refused", "outside_calling_hours")
    wait = datetime.fromisoformat(refused["retry_at"]) - datetime.now(UTC)
    assert timedelta(hours=3) < wait < timedelta(hours=6)

    listed = await here.lead("+14155550197")
    async with here.server.operator.post("/api/do-not-call", json={"number": "(415) 555-0197"}) as answer:
        assert (await answer.json())["number"] == "+14155550197"
    assert (await here.refusal(lead_id=listed))[:2] == (403, "do_not_call")

    opted_out = await here.lead("+14155550196")
    async with here.server.operator.patch(f"/api/leads/{opted_out}", json={"opted_out": True}) as answer:
        assert answer.status == 200
    assert (await here.refusal(lead_id=opted_out))[:2] == (403, "do_not_call")
    assert (await here.refusal(lead_id=opted_out, to="+14155550195"))[:2] == (403, "do_not_call"), "at no number"

    assert (await here.refusal(to="12"))[:2] == (422, "number_invalid")
    wrong = await here.lead(INVALID)
    assert (await here.refusal(lead_id=wrong))[:2] == (422, "number_invalid"), "says the carrier"
    assert (await here.refusal(lead_id=wrong))[:2] == (429, "too_many_attempts")

    talking = await here.lead(STAYS)
    call = await here.call(lead_id=talking)
    assert (await here.refusal(lead_id=talking))[:2] == (409, "already_in_call")
    assert (await here.refusal(to=STAYS))[:2] == (409, "already_in_call")
    async with here.server.operator.post(f"/api/calls/{call['id']}/cancel") as answer:
        assert answer.status == 200
    await here.until_status(call, "canceled", "completed")
    assert len(here.people) == 1, "nobody else was dialled"


async def test_a_person_is_called_no_oftener_at_several_numbers(start_world: Any) -> None:
    here: World = await start_world(CALL_ATTEMPTS_PER_DAY="1")
    lead_id = await here.lead(BUSY)
    await here.until_status(await here.call(lead_id=lead_id), "busy")
    consent = {"kind": "express_written", "source": "web form"}
    async with here.server.operator.put(f"/api/consents/{ANSWERS}", json=consent) as answer:
        assert answer.status == 200, await answer.text()
    assert (await here.refusal(lead_id=lead_id, to=ANSWERS))[:2] == (429, "too_many_attempts")
    assert len(here.people) == 1


async def test_how_calls_end_that_no_person_answers(start_world: Any) -> None:
    here: World = await start_world(COMPANY_NAME="Acme")
    calls = {number: await here.call(lead_id=await here.lead(number)) for number in (BUSY, NO_ANSWER, VOICEMAIL, FAX)}
    assert (await here.until_status(calls[BUSY], "busy"))["conversation_id"] is None
    await here.until_status(calls[NO_ANSWER], "no_answer")
    voicemail = await here.until_status(calls[VOICEMAIL], "voicemail")
    assert voicemail["answered_by"] == "machine_end_beep"
    kept = await here.server.services.calls.records.get(voicemail["id"])
    assert kept is not None
    assert kept.left_message, "the CRM is told so"
    fax = await here.until_status(calls[FAX], "completed")
    assert fax["answered_by"] == "fax"
    said = {person.form["To"]: person.phone.said for person in here.people}
    assert said[VOICEMAIL] == [
        "Hello, this is Ava, the AI assistant at Acme. I'm sorry I missed you."
        " You can call us back at 4 1 5, 5 5 5, 0 1 0 0. If you want no more calls, just say so there. Goodbye."
    ]
    assert said[FAX] == []


async def test_who_wants_no_more_calls_is_on_the_list_before_the_call_ends(start_world: Any) -> None:
    def careless(_: ChatRequest) -> str:
        return "Our product is great. Do you want it?"  # and calls no tool

    here: World = await start_world(engines=scripted_engines(["stop calling me"], careless))
    lead_id = await here.lead(STAYS)
    call = await here.call(lead_id=lead_id)
    await eventually(lambda: here.people[0].phone.handset.played_bytes > 8 * 600)
    here.people[0].phone.handset.say(telephone_audio())

    async with asyncio.timeout(10):
        while not (listed := await here.get(f"/api/do-not-call/check?number={STAYS.replace('+', '%2B')}"))[
            "suppressed"
        ]:
            await asyncio.sleep(0.02)
    assert (await here.get(f"/api/calls/{call['id']}"))["status"] == "in_progress"
    assert listed["entry"]["source"] == "opt_out"
    here.people[0].phone.hang_up()
    await here.until_status(call, "completed")
    assert (await here.refusal(lead_id=lead_id))[:2] == (403, "do_not_call")
    assert (await here.refusal(lead_id=lead_id, to=STAYS_TOO))[:2] == (403, "do_not_call"), "at no number of theirs"
    assert (await here.refusal(to=STAYS))[:2] == (403, "do_not_call")
    assert len(here.people) == 1


@pytest.mark.parametrize("carrier", ["twilio", "telnyx"])
async def test_who_wants_no_more_calls_while_it_rings_is_not_talked_to(start_world: Any, carrier: str) -> None:
    here: World = await start_world(by=carrier)
    call = await here.call(lead_id=await here.lead(STAYS))
    async with here.server.operator.post("/api/do-not-call", json={"number": STAYS}) as answer:
        assert answer.status == 201
    over = await here.until_status(call, "completed")
    assert over["answered_at"] is not None
    assert here.phones[STAYS].handset.played_bytes == 0
    assert here.phones[STAYS].streams == 0


async def test_a_voicemail_of_which_is_told_twice_hears_its_message_once(start_world: Any) -> None:
    here: World = await start_world()
    call = await here.call(lead_id=await here.lead(VOICEMAIL))
    await eventually(lambda: here.phones[VOICEMAIL].said)
    called, sid = CalledPeople(here.server.services, "twilio"), here.people[0].sid
    await called.answered_by(call["id"], sid, "machine_end_beep")
    await here.until_status(call, "voicemail")
    assert len(here.phones[VOICEMAIL].said) == 1


async def test_nobody_is_dialled_any_more_by_a_server_that_is_about_to_stop(start_world: Any) -> None:
    here: World = await start_world(CALLS_PER_SECOND="1")
    await here.call(lead_id=await here.lead(STAYS))
    waits = await here.lead(STAYS_TOO)
    asked = asyncio.create_task(here.refusal(lead_id=waits))
    while not (await here.get(f"/api/calls?lead_id={waits}"))["items"]:
        await asyncio.sleep(0.02)
    here.server.services.admission.drain()
    assert (await asked)[:2] == (503, "server_stopping")
    assert len(here.people) == 1


async def test_a_call_that_is_canceled_before_its_turn_is_never_dialled(start_world: Any) -> None:
    here: World = await start_world(CALLS_PER_SECOND="1")
    first, waits = await here.lead(NO_ANSWER), await here.lead(STAYS_TOO)
    await here.call(lead_id=first)
    asked = asyncio.create_task(here.call(lead_id=waits))
    while not (found := (await here.get(f"/api/calls?lead_id={waits}"))["items"]):
        await asyncio.sleep(0.02)
    async with here.server.operator.post(f"/api/calls/{found[0]['id']}/cancel") as answer:
        assert (await answer.json())["status"] == "canceled"
    over = await asked
    assert (over["status"], over["dialled_at"]) == ("canceled", None)
    assert [person.form["To"] for person in here.people] == [NO_ANSWER]


async def test_who_is_calling_us_is_not_called(start_world: Any) -> None:
    here: World = await start_world()
    lead_id = await here.lead(ANSWERS)
    token = here.carrier.settings["TWILIO_AUTH_TOKEN"]
    call = PhoneCall(f"{here.server.url}/telephony/twilio/voice", auth_token=token, calls_from=ANSWERS)
    async with dialled(call, call.run()) as incoming:
        await incoming.until(lambda: incoming.heard_ms > 100)
        assert (await here.refusal(lead_id=lead_id))[:2] == (409, "already_in_call")
    assert here.people == []


async def test_of_requests_that_race_for_one_lead_one_dials(start_world: Any) -> None:
    here: World = await start_world()
    lead_id = await here.lead(STAYS)

    async def ask(**body: Any) -> str:
        async with here.server.operator.post("/api/calls", json=body) as answer:
            return "dialled" if answer.status == 201 else str((await error_of(answer))["code"])

    wishes = [ask(lead_id=lead_id) if number % 2 else ask(to=STAYS) for number in range(10)]
    outcomes = await asyncio.gather(*wishes, ask(lead_id=lead_id, to=STAYS_TOO))
    assert outcomes.count("dialled") == 1
    assert set(outcomes) <= {"dialled", "already_in_call", "no_consent"}
    assert len(here.people) == 1


async def test_a_request_that_is_repeated_is_the_same_call(start_world: Any) -> None:
    here: World = await start_world()
    lead_id = await here.lead(STAYS)
    first, second = await asyncio.gather(*(here.call("key-of-the-request", lead_id=lead_id) for _ in range(2)))
    assert first["id"] == second["id"]
    assert len(here.people) == 1
    headers = {"Idempotency-Key": "key-of-the-request"}
    async with here.server.operator.post("/api/calls", json={"to": STAYS_TOO}, headers=headers) as answer:
        assert (await error_of(answer))["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("faults", "code"),
    [("twilio:rate_limit@accepted", "lines_busy"), ("twilio:refuse,status=403", "carrier_unauthorised")],
)
async def test_what_the_carrier_surely_did_not_do_is_told(start_world: Any, faults: str, code: str) -> None:
    here: World = await start_world(faults=faults)
    lead_id = await here.lead(STAYS)
    assert (await here.refusal(lead_id=lead_id))[1] == code
    assert here.people == []


async def test_where_the_carrier_did_not_answer_the_call_is_found_out_and_never_repeated(start_world: Any) -> None:
    here: World = await start_world(faults="twilio:drop@first,nth=1")
    lead_id = await here.lead(STAYS)
    dialler, carrier = here.server.services.calls.dialler, here.server.services.calls.carrier
    assert carrier is not None
    call = await here.call(lead_id=lead_id)
    assert call["status"] in ("unknown", "dialling", "ringing", "in_progress"), "its webhooks may be here already"
    assert (await here.refusal(lead_id=lead_id))[1] == "already_in_call"
    await here.until_status(call, "in_progress")

    await forget(here, call["id"])
    later = Reconciling(dialler.records, dialler.carrier_of, lambda: utc_now() + timedelta(minutes=2))
    await later.look()
    found = await here.until_status(call, "in_progress")
    assert found["status"] == "in_progress", "the carrier's list told"
    assert len(here.people) == 1


async def test_a_call_that_nobody_talks_in_any_more_is_asked_after_at_once(start_world: Any) -> None:
    """Its process died, and what the carrier had to tell found nobody: its line and its place are free soon."""
    here: World = await start_world()
    call = await here.until_status(await here.call(lead_id=await here.lead(STAYS)), "in_progress")
    asked: list[str] = []

    class Told:
        async def news_of(self, carrier_call_id: str) -> News:
            asked.append(carrier_call_id)
            return News(carrier_call_id=carrier_call_id, status="completed")

    later = Reconciling(
        here.server.services.calls.records, lambda _: cast(Carrier, Told()), lambda: utc_now() + timedelta(minutes=2)
    )
    await later.look()
    assert not asked, "it is talked in"
    dropped = Query("q", "UPDATE conversations SET status = 'dropped' WHERE id = %(id)s")
    async with asyncio.timeout(10):
        while not await here.server.services.database.execute(dropped, id=call["conversation_id"]):
            await asyncio.sleep(0.02)
    await later.look()
    assert len(asked) == 1
    assert (await here.get(f"/api/calls/{call['id']}"))["status"] == "completed"


async def forget(here: World, call_id: str) -> None:
    """As if the process had died while it waited for the carrier, and no webhook had come."""

    def asked(call: Any) -> Any:
        return structs.replace(call, status="dialling", carrier_call_id=None, answered_at=None)

    await here.server.services.calls.records.change(call_id, asked)


async def test_no_call_is_made_that_nobody_could_talk_in(start_world: Any) -> None:
    here: World = await start_world(MAX_CONVERSATIONS="1")
    first = await here.call(lead_id=await here.lead(STAYS))
    other = await here.lead(STAYS_TOO)
    assert (await here.refusal(lead_id=other))[:2] == (503, "lines_busy")
    await here.until_status(first, "in_progress")
    assert (await here.refusal(lead_id=other))[:2] == (503, "lines_busy")


async def test_the_line_of_a_call_that_rings_is_nobody_else_s_in_any_process(start_world: Any) -> None:
    here: World = await start_world(MAX_CONVERSATIONS="1")
    services = here.server.services
    call = await here.call(lead_id=await here.lead(NO_ANSWER))
    elsewhere = Admission(1)
    await KeptLines(services.calls.records, elsewhere, utc_now).look()
    assert not elsewhere.has_room, "another process may have to talk it"
    token = here.carrier.settings["TWILIO_AUTH_TOKEN"]
    incoming = PhoneCall(f"{here.server.url}/telephony/twilio/voice", auth_token=token, calls_from=STAYS_TOO)
    async with dialled(incoming, incoming.run()) as caller:
        await caller.over()
    assert (incoming.said, incoming.streams) == ([apologies.BUSY], 0)
    await here.until_status(call, "no_answer")
    assert services.admission.has_room

    answered = await here.call(lead_id=await here.lead(STAYS))
    await eventually(lambda: here.phones[STAYS].handset.played_bytes > 0)
    assert (services.admission.active, services.admission.kept) == (1, 0), "it has the line that was kept for it"
    here.phones[STAYS].hang_up()
    await here.until_status(answered, "completed")


async def test_without_an_account_nobody_is_called(start_api: StartApi) -> None:
    server = await start_api()
    async with server.operator.post("/api/calls", json={"to": STAYS}) as answer:
        error = await error_of(answer)
    assert (answer.status, error["code"]) == (503, "telephony_not_configured")
    assert "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM_NUMBER, PUBLIC_URL" in error["message"]
