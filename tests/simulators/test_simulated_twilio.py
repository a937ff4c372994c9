"""What Twilio refuses, and what it leaves undone."""

import asyncio
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulators.telephone.handset import Handset
from simulators.telephone.streamed_call import CallFailedError
from simulators.twilio.twiml import check

QUICK = "twilio.ring_ms=20;twilio.detection_ms=20"


@pytest.mark.parametrize(
    ("twiml", "reason"),
    [
        ('<Connect><Stream url="wss://a.example/media?call=1"/></Connect>', "no query"),
        ('<Connect><Stream url="ws://a.example/media"/></Connect>', "begins with wss"),
        (f'<Connect><Stream url="wss://a"><Parameter name="n" value="{"x" * 500}"/></Stream></Connect>', "500"),
        ('<Dial answeronbridge="true"/>', "no attribute answeronbridge"),
        ("<Shout>Hello</Shout>", "unknown verb Shout"),
        ("<Say/>", "no words"),
    ],
)
def test_a_document_that_a_call_does_not_survive(twiml: str, reason: str) -> None:
    with pytest.raises(CallFailedError, match=reason):
        check(ElementTree.fromstring(f"<Response>{twiml}</Response>"))


def test_a_message_for_another_stream_is_not_heeded() -> None:
    handset = Handset("MZ1")
    mark: dict[str, Any] = {"event": "mark", "mark": {"name": "turn"}}
    assert handset.take(mark) == handset.take({**mark, "streamSid": "MZ2"}) == []
    assert len(handset.take({**mark, "streamSid": "MZ1"})) == 1


class Called:
    """A server that has people called, and what it is asked and told."""

    def __init__(self, simulators: Any, api: aiohttp.ClientSession, own: TestServer) -> None:
        self._settings = simulators.settings
        self._api = api
        self._own = own
        self.twilio = simulators.twilio

    async def post(self, path: str, **form: str) -> tuple[int, dict[str, Any]]:
        account, token = self._settings["TWILIO_ACCOUNT_SID"], self._settings["TWILIO_AUTH_TOKEN"]
        url = f"{self._settings['TWILIO_API_BASE']}/2010-04-01/Accounts/{account}{path}"
        headers = {"Authorization": aiohttp.encode_basic_auth(account, token)}
        async with self._api.post(url, data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def call(self, number: str, **form: str) -> dict[str, Any]:
        here = {"Url": str(self._own.make_url("/voice")), "StatusCallback": str(self._own.make_url("/status"))}
        status, made = await self.post("/Calls.json", To=number, From="+14155550100", **here, **form)
        assert status == 201, made
        return made

    async def until(self, sid: str, status: str) -> None:
        async with asyncio.timeout(5):
            while self.twilio.calls[sid].status != status:
                await asyncio.sleep(0.01)


@pytest.fixture
async def told() -> dict[str, list[dict[str, str]]]:
    return {}


@pytest.fixture
async def called(run_simulators, told):
    async def note(request: web.Request) -> web.Response:
        told.setdefault(request.path, []).append(dict(await request.post()))
        return web.Response(text="<Response><Say>One two three</Say></Response>", content_type="text/xml")

    app = web.Application()
    app.router.add_post("/{what}", note)
    async with TestServer(app) as own, aiohttp.ClientSession() as api:
        yield Called(await run_simulators(delays=QUICK), api, own)


async def test_who_talks_is_not_cancelled(called):
    made = await called.call("+14155550106")
    called.twilio.calls[made["sid"]].phone.carry_out("<Response><Say>" + "word " * 200 + "</Say></Response>")
    await called.until(made["sid"], "in-progress")
    assert (await called.post(f"/Calls/{made['sid']}.json", Status="canceled"))[0] == 200
    await asyncio.sleep(0.1)
    assert called.twilio.calls[made["sid"]].status == "in-progress"
    ringing = await called.call("+14155550102")
    assert (await called.post(f"/Calls/{ringing['sid']}.json", Status="canceled"))[0] == 200
    await called.until(ringing["sid"], "canceled")


async def test_a_machine_is_told_of_beside_the_call_only_where_that_is_asked_for(called, told):
    here = {"AsyncAmdStatusCallback": str(called._own.make_url("/machine")), "MachineDetection": "DetectMessageEnd"}
    beside = await called.call("+14155550103", AsyncAmd="true", **here)
    await called.until(beside["sid"], "completed")
    assert [asked.get("AnsweredBy") for asked in told["/voice"]] == [None]
    assert set(told["/machine"][0]) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}

    told.clear()
    before = await called.call("+14155550103", **{**here, "MachineDetection": "Enable"})
    await called.until(before["sid"], "completed")
    assert [asked.get("AnsweredBy") for asked in told["/voice"]] == ["machine_start"]
    assert "/machine" not in told


@pytest.mark.parametrize(
    "form", [{"Timeout": "601"}, {"MachineDetection": "Perhaps"}, {"To": "0049"}, {"From": "+14155550111"}, {"Url": ""}]
)
async def test_what_is_not_dialled(called, form):
    usual = {"To": "+14155550132", "From": "+14155550100", "Url": "http://127.0.0.1/"}
    status, refusal = await called.post("/Calls.json", **{**usual, **form})
    assert (status, refusal["status"]) == (400, 400)


async def test_a_document_in_a_request_is_short(called):
    made = await called.call("+14155550102")
    twiml = f"<Response><Say>{'x' * 4000}</Say></Response>"
    assert (await called.post(f"/Calls/{made['sid']}.json", Twiml=twiml))[0] == 400
