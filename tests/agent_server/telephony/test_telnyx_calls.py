"""Calls through a simulated Telnyx, over its true wire protocol: answered, interrupted, put through, taken up again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec
import pytest
from api_server import ApiServer, StartApi, error_of
from dialling import COLLEAGUE, DialledCall, dialled, telephone_audio
from scripted_engines import scripted_engines
from test_twilio_calls import GREETING, HANDOFF, LONG, answering, conversation_of

from agent_server.capacity.load import Load
from agent_server.telephony import apologies, hanging_up
from agent_server.telephony.telnyx.states import State, sealed_state
from simulators.app import RunningSimulators, start
from simulators.config import parse_config
from simulators.telnyx.phone_call import TelnyxCall
from simulators.telnyx.signing import headers

NUMBER = "+14155550132"
CALLS = "/telephony/telnyx/calls"
DialTelnyx = Callable[..., Coroutine[Any, Any, DialledCall[TelnyxCall]]]


@pytest.fixture
async def carrier() -> AsyncIterator[RunningSimulators]:
    async with await start(parse_config({})) as simulators:
        yield simulators


@pytest.fixture
def start_telnyx(start_api: StartApi, carrier: RunningSimulators) -> StartApi:
    settings = {name: value for name, value in carrier.settings.items() if name.startswith("TELNYX_")}

    async def start_with(**options: Any) -> ApiServer:
        return await start_api(**{**settings, **options})

    return start_with


@pytest.fixture
async def dial_telnyx(carrier: RunningSimulators) -> AsyncIterator[DialTelnyx]:
    """Calls that are still open after the test are hung up."""
    async with AsyncExitStack() as stack:

        async def begin(server: ApiServer, **options: Any) -> DialledCall[TelnyxCall]:
            call = TelnyxCall(f"{server.url}{CALLS}", api_key=carrier.telnyx.api_key, **options)
            return await stack.enter_async_context(dialled(call, carrier.telnyx.carry(call)))

        yield begin


async def test_a_call_is_answered_once_its_audio_put_in_order_and_the_agent_interrupted(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx
) -> None:
    engines = scripted_engines(["how much does it cost"], answering(LONG, "Fifty dollars a month."))
    server = await start_telnyx(engines=engines, MAX_CONVERSATIONS="1")
    phone = await dial_telnyx(server, calls_from=NUMBER, shuffled=True, tells_twice=True)
    await phone.until(lambda: phone.heard_ms >= 1000)
    phone.call.handset.say(telephone_audio())
    await phone.until(lambda: phone.call.handset.drops > 0)
    cut_ms = phone.heard_ms
    await phone.until(lambda: phone.heard_ms >= cut_ms + 1000 and phone.call.handset.is_silent)
    phone.call.hang_up()
    await phone.over()
    assert [action for action, _ in phone.call.commands] == ["answer"], "told twice, the last place taken"

    found = await conversation_of(server)
    assert (found["channel"], found["status"]) == ("phone", "closed")
    assert found["metadata"] == {
        "carrier": "telnyx",
        "call_id": phone.call.call_control_id,
        "calls_from": NUMBER,
        "calls_to": "+14155550100",
    }
    greeting, *others = (item["heard_text"] for item in found["items"])
    assert abs(len(greeting.split()) - cut_ms / 250) <= 1.5, "a word is 250 ms"
    assert others == ["how much does it cost", "Fifty dollars a month."]
    async with server.operator.get(f"/api/leads/{found['lead_id']}") as answer:
        assert (await answer.json())["contact_phone"] == NUMBER


async def test_the_agent_hangs_up_after_its_good_bye(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "LEFT_AT_THAT_MS", 300.0)
    server = await start_telnyx(engines=scripted_engines(answer=answering("Thanks for calling. Goodbye.")))
    phone = await dial_telnyx(server)
    await phone.over()
    assert (phone.call.ended_by, phone.call.streams, phone.call.said) == ("server", 1, [])
    assert phone.heard_ms >= 1000, "the good-bye was heard to its end"
    async with server.operator.get("/metrics") as answer:
        assert 'sales_agent_phone_calls_total{carrier="telnyx",outcome="hang_up"}' in await answer.text()


async def test_who_wants_a_person_is_put_through_and_the_agent_s_again_when_nobody_answers(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging_up, "LEFT_AT_THAT_MS", 300.0)
    engines = scripted_engines(answer=answering(HANDOFF, "I am putting you through.", "Nobody is free. Goodbye."))
    server = await start_telnyx(engines=engines, TRANSFER_NUMBER=COLLEAGUE)
    phone = await dial_telnyx(server, colleague="no-answer")
    await phone.over(timeout_s=12)
    assert (phone.call.dialled, phone.call.said, phone.call.streams) == ([COLLEAGUE], [], 2)
    assert phone.call.ended_by == "server"
    assert phone.heard_ms >= 2200, "what the agent said before and after was heard"
    (model,) = engines.models
    assert "nobody_answered" in str(model.requests[-1])  # type: ignore[attr-defined]


@pytest.mark.parametrize(("number", "dialled", "said"), [("", [], [apologies.BUSY]), (COLLEAGUE, [COLLEAGUE], [])])
async def test_a_call_too_many_is_told_or_goes_to_a_colleague(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, number: str, dialled: list[str], said: list[str]
) -> None:
    variables = {"TRANSFER_NUMBER": number} if number else {}
    server = await start_telnyx(MAX_CONVERSATIONS="1", **variables)
    first = await dial_telnyx(server)
    await first.until(lambda: first.heard_ms > 0)
    second = await dial_telnyx(server)
    await second.over()
    assert (second.call.dialled, second.call.said, second.call.streams) == (dialled, said, 0)
    assert second.call.ended_by == "server"


@pytest.mark.parametrize(("number", "dialled", "said"), [("", [], [apologies.BROKEN]), (COLLEAGUE, [COLLEAGUE], [])])
async def test_a_call_in_a_codec_that_is_not_understood_is_told_or_goes_to_a_colleague(
    start_telnyx: StartApi,
    dial_telnyx: DialTelnyx,
    caplog: pytest.LogCaptureFixture,
    number: str,
    dialled: list[str],
    said: list[str],
) -> None:
    server = await start_telnyx(**({"TRANSFER_NUMBER": number} if number else {}))
    phone = await dial_telnyx(server, encoding="G722")
    await phone.over()
    assert (phone.call.dialled, phone.call.said, phone.call.streams) == (dialled, said, 1)
    assert "G722" in caplog.text, "the operator can allow another"


async def test_a_stream_that_breaks_is_taken_up_in_the_same_conversation_however_busy_it_is(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_telnyx(engines=scripted_engines(answer=answering(GREETING, "Where were we?")))
    phone = await dial_telnyx(server)
    await phone.until(lambda: phone.heard_ms >= 1500 and phone.call.handset.is_silent)
    monkeypatch.setattr(Load, "is_full", lambda *_: True)
    for socket in list(phone.call.sockets):
        await socket.close(code=1006)
    await phone.until(
        lambda: phone.call.streams == 2 and phone.heard_ms >= 2250 and phone.call.handset.is_silent,
    )
    phone.call.hang_up()
    await phone.over()
    assert [item["heard_text"] for item in (await conversation_of(server))["items"]] == [GREETING, "Where were we?"]


async def test_a_call_rings_on_while_the_process_is_busy_for_a_moment(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await start_telnyx(engines=scripted_engines(answer=answering(GREETING)))
    first = await dial_telnyx(server)
    await first.until(lambda: first.heard_ms > 0)
    monkeypatch.setattr(Load, "is_full", lambda *_, **__: True)
    second = await dial_telnyx(server)
    await asyncio.sleep(0.3)
    assert (second.call.streams, second.call.said) == (0, [])
    monkeypatch.undo()
    await second.until(lambda: second.heard_ms > 0)
    for phone in (first, second):
        phone.call.hang_up()
        await phone.over()


async def test_who_is_not_telnyx_is_refused(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, carrier: RunningSimulators
) -> None:
    server = await start_telnyx()
    payload = {"call_control_id": "v3:forged", "direction": "incoming"}
    body = msgspec.json.encode({"data": {"event_type": "call.initiated", "payload": payload}})
    now_s, key = time.time(), carrier.telnyx.api_key
    for given in (
        {},
        headers("another key", body, now_s),
        headers(key, body + b" ", now_s),
        headers(key, body, now_s - 600),
    ):
        async with server.client.post(CALLS, data=body, headers=given) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (403, "invalid_signature")
    async with server.client.post(CALLS, data=b"[]", headers=headers(key, b"[]", now_s)) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (400, "unreadable_body")
    async with server.client.post(CALLS, data=body, headers=headers(key, body, now_s)) as answer:
        assert answer.status == 200, "of a call that is over by now nobody wants anything"

    phone = await dial_telnyx(server)
    await phone.until(lambda: phone.heard_ms > 0)
    used = phone.call.commands[0][1]["stream_url"].rpartition("/")[2]
    for ticket in ("AAAA", used):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await server.client.ws_connect(f"/telephony/telnyx/media/{ticket}")
        assert refused.value.status == 403
    phone.call.hang_up()
    await phone.over()


async def test_who_answers_a_call_that_nobody_knows_is_not_left_with_a_silent_line(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx, carrier: RunningSimulators
) -> None:
    """Its record was erased while it rang."""
    server = await start_telnyx()
    phone = await dial_telnyx(server)
    await phone.until(lambda: phone.heard_ms > 0)
    key = carrier.telnyx.api_key
    state = sealed_state(State("dialled", call="call_unknown"), key)
    payload = {"call_control_id": phone.call.call_control_id, "client_state": state}
    body = msgspec.json.encode({"data": {"event_type": "call.answered", "payload": payload}})
    async with server.client.post(CALLS, data=body, headers=headers(key, body, time.time())) as answer:
        assert answer.status == 200
    await phone.over()
    assert phone.call.ended_by == "server"


async def test_a_carrier_that_cannot_be_reached_is_asked_to_tell_again(
    start_telnyx: StartApi, dial_telnyx: DialTelnyx
) -> None:
    server = await start_telnyx(TELNYX_API_BASE="http://127.0.0.1:9/v2")
    phone = await dial_telnyx(server)
    with pytest.raises(Exception, match="503: The carrier did not answer"):
        await phone.over()


async def test_without_both_keys_there_is_no_such_door(start_telnyx: StartApi) -> None:
    server = await start_telnyx(TELNYX_PUBLIC_KEY="")
    async with server.client.post(CALLS, data=b"{}") as answer:
        assert answer.status == 404
