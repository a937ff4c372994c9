"""Twilio's REST API for calls (2010-04-01), and the people who are called by it."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from aiohttp import web

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation
from simulators.telephone.person import behaviour_of
from simulators.twilio.called import CalledPerson
from simulators.twilio.phone_call import ACCOUNT_SID

NAME = "twilio"
PREFIX = "/twilio"
OUR_NUMBER = "+14155550100"
MOST_CALLS = 1000
"""That are remembered; the oldest are forgotten."""

MOST_TWIML_CHARS = 4000
"""In a request; behind a ``Url`` there may be more."""
MOST_RING_S = 600

_API = f"{PREFIX}/2010-04-01/Accounts/{{account}}"
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class Twilio:
    """The provider. ``calls``: all that were made, by sid, the oldest first."""

    delays: ClassVar[Mapping[str, Distribution]] = {
        f"{NAME}.answer_ms": Constant(0),
        f"{NAME}.ring_ms": Constant(1000),
        f"{NAME}.detection_ms": Constant(2000),
    }

    def __init__(self, simulation: Simulation) -> None:
        self.calls: dict[str, CalledPerson] = {}
        self._simulation = simulation
        self._token = simulation.key(NAME)
        self._tasks: set[asyncio.Task[None]] = set()
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words, decode=_form)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": self._token,
            "TWILIO_API_BASE": f"{urls.http}{PREFIX}",
            "TWILIO_FROM_NUMBER": OUR_NUMBER,
        }

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{_API}.json", self._door.handler(self._account))
        yield web.post(f"{_API}/Calls.json", self._door.handler(self._create))
        yield web.get(f"{_API}/Calls.json", self._door.handler(self._list))
        yield web.get(f"{_API}/Calls/{{sid}}.json", self._door.handler(self._get))
        yield web.post(f"{_API}/Calls/{{sid}}.json", self._door.handler(self._update))

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``: calls end with it."""
        yield
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _guard(self, request: web.Request) -> dict[str, str]:
        expected = b64encode(f"{ACCOUNT_SID}:{self._token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            raise _refused(401, 20003, "Authenticate")
        if request.match_info["account"] != ACCOUNT_SID:
            raise _refused(404, 20404, "The requested resource was not found")
        return {}

    def _account(self, request: web.Request, body: Any) -> Answer:
        return Answer({"sid": ACCOUNT_SID, "status": "active", "friendly_name": "Simulated"})

    def _create(self, request: web.Request, body: Any) -> Answer:
        form = dict(body)
        if not _E164.fullmatch(form.get("To", "")) or behaviour_of(form["To"]) == "invalid":
            raise _refused(400, 21211, "The 'To' number is not a valid phone number.")
        if form.get("From") != OUR_NUMBER:
            raise _refused(400, 21210, "The source phone number provided is not yet verified for your account.")
        if not form.get("Url"):
            raise _refused(400, 21205, "Url is not a valid URL")
        if not 0 < int(form.get("Timeout", "60")) <= MOST_RING_S:
            raise _refused(400, 21201, f"Timeout is from 1 to {MOST_RING_S}")
        if form.get("MachineDetection", "Enable") not in ("Enable", "DetectMessageEnd"):
            raise _refused(400, 20001, "MachineDetection is Enable or DetectMessageEnd")
        call = CalledPerson(body, account_sid=ACCOUNT_SID, auth_token=self._token, does=behaviour_of(form["To"]))
        self.calls[call.sid] = call
        while len(self.calls) > MOST_CALLS:
            self.calls.pop(next(iter(self.calls)))
        self._simulation.seen[NAME].count("calls")
        draw = self._simulation.delays.draw
        ring_s, detection_s = (draw(NAME, what) / 1000 for what in ("ring_ms", "detection_ms"))
        task = asyncio.create_task(call.run(ring_s=ring_s, detection_s=detection_s), name=f"{call.sid} called")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Answer(call.shown(), 201)

    def _list(self, request: web.Request, body: Any) -> Answer:
        """The newest first."""
        wanted = {name: request.query.get(name) for name in ("To", "From", "Status")}
        found = [
            shown
            for call in reversed(self.calls.values())
            if all(value in (None, (shown := call.shown())[name.lower()]) for name, value in wanted.items())
        ]
        size = min(int(request.query.get("PageSize", "50")), 1000)
        return Answer({"calls": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

    def _get(self, request: web.Request, body: Any) -> Answer:
        return Answer(self._call(request).shown())

    def _update(self, request: web.Request, body: Any) -> Answer:
        call, form = self._call(request), dict(body)
        if call.is_over:
            raise _refused(400, 21220, "Call is not in-progress. Cannot redirect.")
        if form.get("Status") == "completed" or (form.get("Status") == "canceled" and call.status != "in-progress"):
            call.end()  # who talks already is not cancelled
        elif "Twiml" in form:
            if len(form["Twiml"]) > MOST_TWIML_CHARS:
                raise _refused(400, 20001, f"Twiml has more than {MOST_TWIML_CHARS} characters")
            try:
                call.carry_out(form["Twiml"])
            except ElementTree.ParseError:
                raise _refused(400, 12100, "Document parse failure") from None
        return Answer(call.shown())

    def _call(self, request: web.Request) -> CalledPerson:
        call = self.calls.get(request.match_info["sid"])
        if call is None:
            raise _refused(404, 20404, "The requested resource was not found")
        return call


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def _refused(status: int, code: int, message: str) -> Refused:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Refused(status, {"code": code, "message": message, "more_info": more, "status": status})


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        return _refused(429, 20429, "Too Many Requests")
    return _refused(fault.status or 500, 20500, "An internal server error has occurred")
