"""Calls to people through Twilio (Twilio, "Calls resource"). Nobody is dialled twice."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from aiohttp import hdrs
from msgspec import Struct

from agent_server.telephony.carrier_http import CarrierHttp, decoded
from agent_server.telephony.outbound.carrier import Answer, CarrierError, Made, NotKnown, NotMade
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.twilio import twiml
from storage.calls.outbound import CallStatus

DEADLINE_S: Final = 10.0
RING_S: Final = 30
OUTBOUND, STATUS, ANSWERED_BY = (f"/telephony/twilio/{name}" for name in ("outbound", "status", "answered-by"))

_INVALID_NUMBER: Final = frozenset({21211, 21214, 21217, 21401, 21421})
"""Twilio's codes for a "To" that is no number, or none it can reach."""

_STATUSES: Final[dict[str, CallStatus]] = {
    "queued": "dialling",
    "initiated": "dialling",
    "ringing": "ringing",
    "in-progress": "in_progress",
    "answered": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "canceled",
}


class _Call(Struct, frozen=True):
    sid: str
    status: str = ""
    answered_by: str | None = None
    date_created: str | None = None


class _Calls(Struct, frozen=True):
    calls: tuple[_Call, ...] = ()


class _Error(Struct, frozen=True):
    code: int | None = None


class TwilioDialling:
    """Implements ``telephony.outbound.carrier.Carrier``."""

    name = "twilio"
    lists_ended = True

    def __init__(self, api_base: str, account_sid: str, auth_token: str, calls_from: str) -> None:
        self.account = account_sid
        self.calls_from = calls_from
        self._calls = f"{api_base}/2010-04-01/Accounts/{account_sid}/Calls"
        authorization = aiohttp.encode_basic_auth(account_sid, auth_token)
        self._http = CarrierHttp({hdrs.AUTHORIZATION: authorization}, deadline_s=DEADLINE_S)

    async def dial(self, number: str, *, call_id: str, base_url: str, longest_s: int) -> Answer:
        query = urlencode({"call": call_id})
        form = [
            ("To", number),
            ("From", self.calls_from),
            ("Url", f"{base_url}{OUTBOUND}?{query}"),
            ("StatusCallback", f"{base_url}{STATUS}?{query}"),
            *(("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")),
            ("Timeout", str(RING_S)),
            ("TimeLimit", str(longest_s)),
            ("MachineDetection", "DetectMessageEnd"),
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", f"{base_url}{ANSWERED_BY}?{query}"),
        ]
        return await self._http.dial(f"{self._calls}.json", _answer, data=form)

    async def hang_up(self, carrier_call_id: str) -> None:
        await self._change(carrier_call_id, [("Status", "completed")])

    async def leave_message(self, carrier_call_id: str, text: str, *, call_id: str, voice: str) -> None:
        await self._change(carrier_call_id, [("Twiml", twiml.say_and_hang_up(text, voice).decode())])

    async def news_of(self, carrier_call_id: str) -> News | None:
        status, body = await self._http.ask("GET", self._address(carrier_call_id))
        if status == 404:
            return None
        return _news(decoded(status, body, _Call))

    async def dialled(self, number: str, since: datetime, until: datetime, *, call_id: str) -> Sequence[News]:
        query = urlencode({"To": number, "From": self.calls_from, "PageSize": "50"})
        found = decoded(*await self._http.ask("GET", f"{self._calls}.json?{query}"), _Calls)
        return [_news(call) for call in found.calls if (at := _date(call.date_created)) and since <= at <= until]

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _change(self, carrier_call_id: str, form: list[tuple[str, str]]) -> None:
        status, body = await self._http.ask("POST", self._address(carrier_call_id), data=form)
        if status == 404 or (status == 400 and _code(body) == 21220):  # it is over already
            return
        if status >= 300:
            raise CarrierError("carrier_refused", f"The carrier refused ({status}).")

    def _address(self, carrier_call_id: str) -> str:
        return f"{self._calls}/{quote(carrier_call_id, safe='')}.json"


def status_of(told: str) -> CallStatus | None:
    """None: a status that is not known here."""
    return _STATUSES.get(told)


def _answer(status: int, body: bytes) -> Answer:
    if status in (200, 201):
        try:
            return Made(msgspec.json.decode(body, type=_Call).sid)
        except msgspec.MsgspecError:
            return NotKnown("unreadable")
    if status == 429:
        return NotMade("lines_busy", "The carrier takes no more calls just now.")
    if status in (401, 403):
        message = "The carrier refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
        return NotMade("carrier_unauthorised", message)
    if 400 <= status < 500:
        code = _code(body)
        if code in _INVALID_NUMBER:
            return NotMade("number_invalid", f"The carrier cannot call this number ({code}).")
        return NotMade("carrier_refused", f"The carrier refused the call ({code or status}).")
    return NotKnown(f"status_{status}")


def _news(call: _Call) -> News:
    return News(carrier_call_id=call.sid, status=status_of(call.status), answered_by=call.answered_by)


def _code(body: bytes) -> int | None:
    try:
        return msgspec.json.decode(body, type=_Error).code
    except msgspec.MsgspecError:
        return None


def _date(text: str | None) -> datetime | None:
    """As in RFC 2822."""
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return None
