"""Calls to people through a simulated Telnyx, behind the same decisions as through Twilio."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from eventually import eventually
from msgspec import structs
from outbound_world import World, world
from scripted_engines import scripted_engines

from agent_server.call_lists.deciding import NO_ATTEMPT
from agent_server.settings import Settings, read_settings
from agent_server.telephony.outbound.carriers import carriers_of, chosen_carrier, missing_of
from agent_server.telephony.outbound.reconciling import Reconciling
from agent_server.telephony.telnyx.called import news_of, who_answered
from agent_server.telephony.telnyx.events import Event, Payload
from pipelines.playbook.model import Playbook
from storage.calls.outbound import CallStatus, OutboundCall
from storage.keys.secret_tokens import utc_now

ANSWERS, STAYS, BUSY, NO_ANSWER, VOICEMAIL, FAX, INVALID = (
    f"+1415555{last}" for last in ("0199", "0106", "0101", "0102", "0103", "0104", "0105")
)


@pytest.fixture
async def start_world(dsn: str, tmp_path: Path) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:

        async def begin(**options: str) -> World:
            engines = structs.replace(scripted_engines(), models=(Playbook(),))
            return await stack.enter_async_context(world(dsn, tmp_path, engines, by="telnyx", **options))

        yield begin


async def test_people_are_called_and_each_call_ends_as_it_did(start_world: Any) -> None:
    here: World = await start_world(COMPANY_NAME="Acme")
    wrong = await here.lead(INVALID)
    assert (await here.refusal(lead_id=wrong))[:2] == (422, "number_invalid"), "says the carrier"
    numbers = (STAYS, BUSY, NO_ANSWER, VOICEMAIL, FAX)
    leads = {number: await here.lead(number, contact_name="Jane Doe") for number in numbers}
    made = await asyncio.gather(*(here.call(lead_id=leads[number], purpose="your trial") for number in numbers))
    calls = dict(zip(numbers, made, strict=True))

    await eventually(lambda: here.phones[STAYS].handset.played_bytes >= 8 * 2500)
    here.phones[STAYS].hang_up()
    over = await here.until_status(calls[STAYS], "completed")
    assert over["dialled_at"] <= over["answered_at"] <= over["ended_at"]
    assert over["answered_by"] == "human"
    conversation = await here.get(f"/api/conversations/{over['conversation_id']}")
    assert conversation["items"][0]["heard_text"].startswith("Hello Jane, this is Ava, the AI assistant at")
    about = conversation["metadata"]
    assert (about["carrier"], about["direction"], about["phone"]) == ("telnyx", "outbound", STAYS)

    assert (await here.until_status(calls[BUSY], "busy"))["conversation_id"] is None
    await here.until_status(calls[NO_ANSWER], "no_answer")
    voicemail = await here.until_status(calls[VOICEMAIL], "voicemail")
    assert voicemail["answered_by"] == "machine_end_beep"
    assert here.phones[VOICEMAIL].said == [
        "Hello, this is Ava, the AI assistant at Acme. I was calling about your trial. I'm sorry I missed you."
        " You can call us back at 4 1 5, 5 5 5, 0 1 0 0. If you want no more calls, just say so there. Goodbye."
    ]
    assert (await here.until_status(calls[FAX], "completed"))["answered_by"] == "fax"
    assert here.phones[FAX].said == []
    assert here.people == [], "nobody was called through the other carrier"
    kept = await here.server.services.calls.records.get(voicemail["id"])
    assert kept is not None
    assert (kept.carrier, kept.left_message) == ("telnyx", True)


async def test_a_call_whose_answer_was_lost_is_found_out_and_one_that_rings_is_canceled(start_world: Any) -> None:
    here: World = await start_world(faults="telnyx:drop@first,nth=1")
    records, dialler = here.server.services.calls.records, here.server.services.calls.dialler
    call = await here.call(lead_id=await here.lead(STAYS))
    await here.until_status(call, "in_progress")
    assert len(here.telnyx_people) == 1

    def forget(kept: OutboundCall) -> OutboundCall:
        """As if no webhook had come."""
        return structs.replace(kept, status="dialling", carrier_call_id=None, answered_at=None)

    await records.change(call["id"], forget)
    later = Reconciling(records, dialler.carrier_of, lambda: utc_now() + timedelta(minutes=2))
    await later.look()
    found = await records.get(call["id"])
    assert found is not None
    assert found.carrier_call_id == here.telnyx_people[0].call_control_id, "the carrier's list told"
    here.telnyx_people[0].hang_up()
    await here.until_status(call, "no_answer", "completed")

    rings = await here.call(lead_id=await here.lead(NO_ANSWER))
    async with here.server.operator.post(f"/api/calls/{rings['id']}/cancel") as answer:
        assert answer.status == 200
    await here.until_status(rings, "canceled")


async def talked_to(here: World) -> dict[str, Any]:
    """The call of somebody who answered, and has hung up."""
    call: dict[str, Any] = await here.call(lead_id=await here.lead(STAYS))
    await here.until_status(call, "in_progress")
    here.telnyx_people[0].hang_up()
    await here.until_status(call, "completed")
    return call


async def test_somebody_who_may_have_been_called_counts_as_called(start_world: Any) -> None:
    here: World = await start_world()
    records, dialler = here.server.services.calls.records, here.server.services.calls.dialler
    call = await talked_to(here)

    def forget(kept: OutboundCall) -> OutboundCall:
        """As if nobody had been there for the answer and the webhooks; Telnyx lists no call that is over."""
        return structs.replace(kept, status="dialling", carrier_call_id=None, answered_at=None, ended_at=None)

    await records.change(call["id"], forget)
    await Reconciling(records, dialler.carrier_of, lambda: utc_now() + timedelta(minutes=11)).look()
    found = await records.get(call["id"])
    assert found is not None
    assert (found.status, found.code) == ("failed", "not_known_to_carrier")
    assert found.code not in NO_ATTEMPT, "a call list does not call them again at once"


async def test_a_call_that_was_answered_was_none_that_failed_though_its_end_was_not_heard(start_world: Any) -> None:
    here: World = await start_world()
    records, dialler = here.server.services.calls.records, here.server.services.calls.dialler
    call = await talked_to(here)
    here.carrier.telnyx.people.clear()  # it does not remember calls for ever
    await records.change(call["id"], lambda kept: structs.replace(kept, status="in_progress", ended_at=None))
    await Reconciling(records, dialler.carrier_of, lambda: utc_now() + timedelta(minutes=11)).look()
    found = await records.get(call["id"])
    assert found is not None
    assert (found.status, found.code) == ("completed", "not_known_to_carrier")


def told(kind: str, *, cause: str | None = None, result: str | None = None) -> Event:
    return Event(kind, Payload("v3:call", hangup_cause=cause, result=result))


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        ("user_busy", "busy"),
        ("call_rejected", "busy"),
        ("timeout", "no_answer"),
        ("no_answer", "no_answer"),
        ("originator_cancel", "canceled"),
        ("normal_clearing", "completed"),
        ("time_limit", "completed"),
        ("not_found", "failed"),
        (None, "failed"),
    ],
)
def test_how_a_call_ended_by_its_cause(cause: str | None, status: CallStatus) -> None:
    news = news_of(told("call.hangup", cause=cause))
    assert news is not None
    assert news.status == status
    assert news_of(told("call.answered")) is None


@pytest.mark.parametrize(
    ("kind", "result", "who"),
    [
        ("call.machine.premium.detection.ended", "human_business", "human"),
        ("call.machine.premium.detection.ended", "machine", "machine_start"),
        ("call.machine.premium.detection.ended", "fax_detected", "fax"),
        ("call.machine.premium.detection.ended", "silence", "unknown"),
        ("call.machine.detection.ended", "human", "human"),
        ("call.machine.premium.greeting.ended", "beep_detected", "machine_end_beep"),
        ("call.machine.greeting.ended", "ended", "machine_end_other"),
        ("call.answered", None, None),
    ],
)
def test_who_answered_by_what_is_detected(kind: str, result: str | None, who: str | None) -> None:
    assert who_answered(told(kind, result=result)) == who


TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "0123456789abcdef", "TWILIO_FROM_NUMBER": STAYS}
TELNYX = {
    "TELNYX_API_KEY": "KEY0123",
    "TELNYX_PUBLIC_KEY": "A" * 43 + "=",
    "TELNYX_CONNECTION_ID": "1",
    "TELNYX_FROM_NUMBER": STAYS,
}


@pytest.mark.parametrize(
    ("variables", "chosen", "there"),
    [
        ({}, "twilio", []),
        (TWILIO, "twilio", ["twilio"]),
        (TELNYX, "telnyx", ["telnyx"]),
        (TWILIO | TELNYX, "twilio", ["twilio", "telnyx"]),
        (TWILIO | TELNYX | {"OUTBOUND_CARRIER": "telnyx"}, "telnyx", ["telnyx", "twilio"]),
        (TWILIO | {"OUTBOUND_CARRIER": "telnyx"}, "telnyx", []),
    ],
)
async def test_who_is_asked_for_calls(variables: dict[str, str], chosen: str, there: list[str]) -> None:
    settings: Settings = read_settings(variables, {}, {})
    assert chosen_carrier(settings.telephony) == chosen
    assert [carrier.name for carrier in carriers_of(settings.telephony)] == there
    assert missing_of(settings) == ("PUBLIC_URL",) if there else len(missing_of(settings)) > 1
