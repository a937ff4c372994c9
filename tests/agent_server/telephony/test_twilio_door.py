"""Who is not Twilio, and what is no call of ours."""

from typing import Any

import aiohttp
import pytest
from api_server import ApiServer, error_of
from dialling import AUTH_TOKEN, StartPhone

from simulators.twilio.signing import signed

FORM = {"CallSid": "CA1", "AccountSid": "AC1", "From": "+14155550132", "To": "+14155550100"}


@pytest.fixture
async def server(start_phone: StartPhone) -> ApiServer:
    return await start_phone(TWILIO_ACCOUNT_SID="AC1")


async def ask(server: ApiServer, path: str, form: Any, signature: str | None = None) -> aiohttp.ClientResponse:
    url = f"{server.url}/telephony/twilio/{path}"
    given = signed(AUTH_TOKEN, url, form) if signature is None and isinstance(form, dict) else signature
    headers = {"X-Twilio-Signature": given} if given else {}
    return await server.client.post(url, data=form, headers=headers)


@pytest.mark.parametrize("path", ["voice", "afterwards", "dialled"])
async def test_what_twilio_did_not_sign_is_refused(server: ApiServer, path: str) -> None:
    for signature in ("", "AAAA", signed(AUTH_TOKEN, f"{server.url}/telephony/twilio/{path}", FORM | {"To": "x"})):
        answer = await ask(server, path, FORM, signature)
        assert answer.status == 403
        assert (await error_of(answer))["code"] == "invalid_signature"


async def test_another_account_and_a_form_without_a_call_are_refused(server: ApiServer) -> None:
    for form in (FORM | {"AccountSid": "AC2"}, {"AccountSid": "AC1"}):
        answer = await ask(server, "voice", form)
        assert answer.status == 403
        assert (await error_of(answer))["code"] == "wrong_account"


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"\xff\xfe", "unreadable_body"), (b"a=1&" * 300, "unreadable_body"), (b"a" * 70_000, "body_too_large")],
)
async def test_a_body_that_is_no_form_is_refused(server: ApiServer, body: bytes, code: str) -> None:
    answer = await ask(server, "voice", body, "AAAA")
    assert (await error_of(answer))["code"] == code


async def test_an_answer_streams_to_the_public_address(start_phone: StartPhone) -> None:
    server = await start_phone(PUBLIC_URL="https://agent.example.com")
    headers = {"X-Twilio-Signature": signed(AUTH_TOKEN, "https://agent.example.com/telephony/twilio/voice", FORM)}
    answer = await server.client.post(f"{server.url}/telephony/twilio/voice", data=FORM, headers=headers)
    assert (answer.status, answer.content_type) == (200, "text/xml")
    text = await answer.text()
    assert '<Stream url="wss://agent.example.com/telephony/twilio/media">' in text
    assert "https://agent.example.com/telephony/twilio/afterwards?conversation=conv_" in text


async def test_a_call_that_breaks_again_and_again_is_given_up(server: ApiServer) -> None:
    answer = await ask(server, "afterwards?conversation=conv_1&streams=3", FORM)
    assert "<Connect>" in await answer.text()
    for query in ("?conversation=conv_1&streams=4", "?conversation=conv_1&streams=x", "?streams=1", ""):
        answer = await ask(server, f"afterwards{query}", FORM)
        assert "<Connect>" not in (text := await answer.text())
        assert "went wrong" in text


async def test_a_stream_without_a_signature_is_refused_before_the_upgrade(server: ApiServer) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await server.client.ws_connect(f"{server.url}/telephony/twilio/media")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "first",
    [
        "",
        "no JSON",
        '{"event":"media","streamSid":"MZ1","media":{"payload":"!"}}',
        '{"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","customParameters":{}}}',
        '{"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","customParameters":{"ticket":"AAAA"}}}',
    ],
)
async def test_a_stream_of_no_call_of_ours_begins_no_conversation(server: ApiServer, first: str) -> None:
    url = f"{server.url}/telephony/twilio/media"
    signature = signed(AUTH_TOKEN, url.replace("http", "ws", 1), {})
    async with server.client.ws_connect(url, headers={"X-Twilio-Signature": signature}) as socket:
        await socket.send_str(first)
        if "start" not in first:
            await socket.close()
        async for _ in socket:
            raise AssertionError("nothing is said to it")
    async with server.operator.get("/api/conversations") as answer:
        assert (await answer.json())["items"] == []


async def test_without_a_token_there_is_no_such_door(start_phone: StartPhone) -> None:
    server = await start_phone(TWILIO_AUTH_TOKEN="")
    answer = await server.client.post(f"{server.url}/telephony/twilio/voice", data=FORM)
    assert answer.status == 404
