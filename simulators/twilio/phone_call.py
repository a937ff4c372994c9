"""One call, as Twilio carries it: it asks the webhook, follows its TwiML and streams until it is over."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urljoin
from xml.etree import ElementTree

import aiohttp
import msgspec

from simulators.twilio.handset import FRAME_MS, Handset
from simulators.twilio.signing import signed

ACCOUNT_SID = "ACsimulated0000000000000000000000"
WEBHOOK_S = 15.0
SPEECH_S_PER_WORD = 0.02
"""Of ``<Say>``, much faster than life."""


class CallFailedError(Exception):
    """The server's answer is none that a call can go on with; Twilio says "an application error has occurred"."""


class PhoneCall:
    """Dial with ``run``; talk through ``handset`` once ``streaming``.

    ``colleague``: what becomes of ``<Dial>`` · ``found_at``: where the server of an address is reached, as a name
    service and a load balancer tell.
    """

    def __init__(
        self,
        webhook: str,
        *,
        auth_token: str,
        calls_from: str = "+14155550132",
        calls_to: str = "+14155550100",
        account_sid: str = ACCOUNT_SID,
        call_sid: str | None = None,
        direction: str = "inbound",
        colleague: str = "completed",
        found_at: Callable[[str], str] = str,
    ) -> None:
        self.call_sid = call_sid or f"CA{secrets.token_hex(16)}"
        self.said: list[str] = []
        """By ``<Say>``."""
        self.dialled: list[str] = []
        self.streams = 0
        self.ended_by: str | None = None
        """"caller" (the person on the line, whoever called), "carrier" or "server"."""
        self.streaming = asyncio.Event()
        self.handset = Handset("")
        self.sockets: list[aiohttp.ClientWebSocketResponse] = []
        """Of the stream that runs."""
        self._webhook = webhook
        self._auth_token = auth_token
        self._colleague = colleague
        self._found_at = found_at
        self._form = {
            "CallSid": self.call_sid,
            "AccountSid": account_sid,
            "From": calls_from,
            "To": calls_to,
            "CallStatus": "ringing" if direction == "inbound" else "in-progress",
            "Direction": direction,
            "ApiVersion": "2010-04-01",
        }
        self._hung_up_by: str | None = None
        self._instead: ElementTree.Element | None = None
        """TwiML that replaces what runs."""

    def hang_up(self, by: str = "caller") -> None:
        self._hung_up_by = self._hung_up_by or by

    def carry_out(self, twiml: str) -> None:
        """Instead of what runs now. Raises ElementTree.ParseError."""
        self._instead = ElementTree.fromstring(twiml)  # noqa: S314 - of the server under test

    async def run(self) -> None:
        """Until the call is over. Raises CallFailedError."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WEBHOOK_S)) as session:
            address: str | None = self._webhook
            extra: Mapping[str, str] = {}
            while address is not None and self.ended_by is None:
                response = await self._ask(session, address, extra)
                address, extra = await self._follow(session, address, response)
                while self._instead is not None and self.ended_by is None:
                    response, self._instead = self._instead, None
                    address, extra = await self._follow(session, address or self._webhook, response)
            self.ended_by = self.ended_by or "server"

    async def _ask(self, session: aiohttp.ClientSession, address: str, extra: Mapping[str, str]) -> ElementTree.Element:
        form = {**self._form, **extra}
        headers = {"X-Twilio-Signature": signed(self._auth_token, address, form)}
        async with session.post(self._found_at(address), data=form, headers=headers) as answer:
            body = await answer.read()
            if answer.status != 200 or answer.content_type not in ("text/xml", "application/xml"):
                raise CallFailedError(f"{answer.status} {answer.content_type}: {body[:300]!r}")
        self._form["CallStatus"] = "in-progress"
        return ElementTree.fromstring(body)  # noqa: S314 - of the server under test

    async def _follow(
        self, session: aiohttp.ClientSession, address: str, response: ElementTree.Element
    ) -> tuple[str | None, Mapping[str, str]]:
        """Verb by verb. Returns where to ask next, and with which further parameters; None: the call is over."""
        for verb in response:
            match verb.tag:
                case "Connect":
                    await self._stream(session, verb[0])
                    if self.ended_by is not None or self._instead is not None:
                        return None, {}
                case "Redirect":
                    return urljoin(address, verb.text or ""), {}
                case "Dial":
                    self.dialled.append(verb[0].text or "")
                    return urljoin(address, verb.attrib["action"]), {"DialCallStatus": self._colleague}
                case "Say":
                    self.said.append(verb.text or "")
                    await asyncio.sleep(SPEECH_S_PER_WORD * len((verb.text or "").split()))
                case "Hangup":
                    return None, {}
                case _:
                    raise CallFailedError(f"unknown verb {verb.tag}")
        return None, {}

    async def _stream(self, session: aiohttp.ClientSession, verb: ElementTree.Element) -> None:
        url = verb.attrib["url"]
        headers = {"X-Twilio-Signature": signed(self._auth_token, url, {})}
        parameters = {each.attrib["name"]: each.attrib["value"] for each in verb.iter("Parameter")}
        stream_sid = f"MZ{secrets.token_hex(16)}"
        before, self.handset = self.handset, Handset(stream_sid)
        self.handset.heard, self.handset.played_bytes = before.heard, before.played_bytes
        self.streams += 1
        async with session.ws_connect(self._found_at(url), headers=headers) as socket:
            await socket.send_str('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            start = {
                "streamSid": stream_sid,
                "accountSid": self._form["AccountSid"],
                "callSid": self.call_sid,
                "tracks": ["inbound"],
                "customParameters": parameters,
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            }
            await _send(socket, {"event": "start", "sequenceNumber": "1", "streamSid": stream_sid, "start": start})
            self.sockets.append(socket)
            self.streaming.set()
            ears = asyncio.create_task(self._hear(socket))
            try:
                await self._talk(socket, ears)
            finally:
                self.streaming.clear()
                self.sockets.clear()
                ears.cancel()
                await asyncio.wait([ears])

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, ears: asyncio.Task[None]) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while not ears.done():
            if self._hung_up_by is not None or self._instead is not None:
                self.ended_by = self._hung_up_by
                stop = {"accountSid": self._form["AccountSid"], "callSid": self.call_sid}
                await _send(socket, {"event": "stop", "streamSid": self.handset.stream_sid, "stop": stop})
                return
            for message in self.handset.tick():
                try:
                    await _send(socket, message)
                except ConnectionError:
                    return
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - clock()))

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            for answer in self.handset.take(msgspec.json.decode(message.data)):
                await _send(socket, answer)


async def _send(socket: aiohttp.ClientWebSocketResponse, message: Mapping[str, object]) -> None:
    await socket.send_str(msgspec.json.encode(message).decode())
