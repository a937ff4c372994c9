"""One call, as Twilio carries it: it asks the webhook, follows its TwiML and streams until it is over."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import aiohttp

from simulators.telephone.handset import Handset
from simulators.telephone.streamed_call import SPEECH_S_PER_WORD, WEBHOOK_S, CallFailedError, StreamedCall, refusal
from simulators.twilio import twiml
from simulators.twilio.signing import signed

ACCOUNT_SID = "ACsimulated0000000000000000000000"


class PhoneCall(StreamedCall):
    """Dial with ``run``. ``colleague``: what becomes of ``<Dial>``; "voicemail" picks up, and presses no key."""

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
        returns_marks: bool = True,
        found_at: Callable[[str], str] = str,
    ) -> None:
        super().__init__(Handset(""), found_at)
        self.handset.returns_marks = returns_marks
        self.call_sid = call_sid or f"CA{secrets.token_hex(16)}"
        self._webhook = webhook
        self._auth_token = auth_token
        self._colleague = colleague
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

    def tell_further(self, told: Mapping[str, str]) -> None:
        """With all that is asked from now on."""
        self._form |= told

    def carry_out(self, document: str) -> None:
        """Instead of what runs now. Raises ElementTree.ParseError."""
        self._instead = ElementTree.fromstring(document)  # noqa: S314 - of the server under test

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
                raise refusal(answer.status, body)
        self._form["CallStatus"] = "in-progress"
        return ElementTree.fromstring(body)  # noqa: S314 - of the server under test

    async def _follow(
        self, session: aiohttp.ClientSession, address: str, response: ElementTree.Element
    ) -> tuple[str | None, Mapping[str, str]]:
        """Verb by verb. Returns where to ask next, and with which further parameters; None: the call is over."""
        twiml.check(response)
        for verb in response:
            match verb.tag:
                case "Connect":
                    await self._stream(session, verb[0])
                    if self.ended_by is not None or self._instead is not None:
                        return None, {}
                case "Redirect":
                    return urljoin(address, verb.text or ""), {}
                case "Dial":
                    return urljoin(address, verb.attrib["action"]), await self._dial(session, address, verb[0])
                case "Say":
                    self.said.append(verb.text or "")
                    await asyncio.sleep(SPEECH_S_PER_WORD * len((verb.text or "").split()))
                case "Hangup":
                    return None, {}
                case _:
                    raise CallFailedError(f"unknown verb {verb.tag}")
        return None, {}

    async def _dial(
        self, session: aiohttp.ClientSession, address: str, number: ElementTree.Element
    ) -> Mapping[str, str]:
        """The colleague's part. Returns what ``action`` is told of it."""
        self.dialled.append(number.text or "")
        if self._colleague not in ("completed", "voicemail"):
            return {"DialCallStatus": self._colleague, "DialBridged": "false"}
        leg = {"CallSid": f"CA{secrets.token_hex(16)}", "ParentCallSid": self.call_sid, "To": number.text or ""}
        is_taken = True
        if "url" in number.attrib:
            heard = await self._ask(session, urljoin(address, number.attrib["url"]), leg)
            twiml.check(heard)
            self.told_colleague += [verb.text or "" for verb in heard.iter("Say")]
            gather = heard.find("Gather")
            if gather is not None and self._colleague == "completed":
                heard = await self._ask(session, urljoin(address, gather.attrib["action"]), {**leg, "Digits": "1"})
                self.told_colleague += [verb.text or "" for verb in heard.iter("Say")]
            is_taken = heard.find("Hangup") is None
        return {"DialCallStatus": "completed", "DialBridged": "true" if is_taken else "false"}

    async def _stream(self, session: aiohttp.ClientSession, verb: ElementTree.Element) -> None:
        url = verb.attrib["url"]
        headers = {"X-Twilio-Signature": signed(self._auth_token, url, {})}
        parameters = {each.attrib["name"]: each.attrib["value"] for each in verb.iter("Parameter")}
        stream_sid = f"MZ{secrets.token_hex(16)}"
        call = {"accountSid": self._form["AccountSid"], "callSid": self.call_sid}
        start: dict[str, Any] = {
            "streamSid": stream_sid,
            **call,
            "tracks": ["inbound"],
            "customParameters": parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        opening: list[dict[str, Any]] = [
            {"event": "connected", "protocol": "Call", "version": "1.0.0"},
            {"event": "start", "sequenceNumber": "1", "streamSid": stream_sid, "start": start},
        ]
        stop = {"event": "stop", "streamSid": stream_sid, "stop": call}
        await self._run_stream(session, url, Handset(stream_sid), opening=opening, stop=stop, headers=headers)

    def _is_to_end(self) -> bool:
        if self._hung_up_by is None and self._instead is None:
            return False
        self.ended_by = self._hung_up_by
        return True
