"""Telnyx's call control (v2), for the calls of people who dial through it, and of those who are called."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar

import aiohttp
from aiohttp import web

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation
from simulators.telephone.person import behaviour_of
from simulators.telephone.streamed_call import CallFailedError
from simulators.telnyx.called import TelnyxPerson
from simulators.telnyx.phone_call import RefusedCommandError, TelnyxCall
from simulators.telnyx.signing import public_key

NAME = "telnyx"
PREFIX = "/telnyx/v2"
OUR_NUMBER, CONNECTION = "+14155550100", "1684641123236054244"
MOST_CALLS = 1000
"""That were asked for and are remembered; the oldest are forgotten."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")


class Telnyx:
    """The provider. ``calls``: those under way, by ``call_control_id`` · ``people``: who was called, the oldest
    first."""

    delays: ClassVar[Mapping[str, Distribution]] = {
        f"{NAME}.answer_ms": Constant(0),
        f"{NAME}.ring_ms": Constant(1000),
        f"{NAME}.detection_ms": Constant(2000),
    }

    def __init__(self, simulation: Simulation) -> None:
        self.calls: dict[str, TelnyxCall] = {}
        self.people: dict[str, TelnyxPerson] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._simulation = simulation
        self.api_key = simulation.key(NAME)
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {
            "TELNYX_API_KEY": self.api_key,
            "TELNYX_PUBLIC_KEY": public_key(self.api_key),
            "TELNYX_API_BASE": f"{urls.http}{PREFIX}",
            "TELNYX_FROM_NUMBER": OUR_NUMBER,
            "TELNYX_CONNECTION_ID": CONNECTION,
        }

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{PREFIX}/balance", self._door.handler(self._balance))
        yield web.post(f"{PREFIX}/calls", self._door.handler(self._create))
        yield web.get(f"{PREFIX}/calls/{{call}}", self._door.handler(self._get))
        yield web.get(f"{PREFIX}/connections/{CONNECTION}/active_calls", self._door.handler(self._list))
        yield web.post(f"{PREFIX}/calls/{{call}}/actions/{{action}}", self._door.handler(self._command))

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``: calls that were asked for end with it."""
        yield
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def carry(self, call: TelnyxCall) -> None:
        """From its beginning to its end. Raises CallFailedError."""
        self.calls[call.call_control_id] = call
        self._simulation.seen[NAME].count("calls")
        try:
            await call.run()
        finally:
            del self.calls[call.call_control_id]

    def _guard(self, request: web.Request) -> dict[str, str]:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise _refused(401, 10009, "Authentication failed")
        return {}

    def _balance(self, request: web.Request, body: Any) -> Answer:
        return Answer({"data": {"record_type": "balance", "balance": "300.00", "currency": "USD"}})

    def _create(self, request: web.Request, body: Any) -> Answer:
        does = behaviour_of(str(body.get("to", "")))
        if not _E164.fullmatch(str(body.get("to", ""))) or does == "invalid":
            raise _refused(422, 10016, "Phone number must be in +E.164 format")
        if body.get("from") != OUR_NUMBER or body.get("connection_id") != CONNECTION:
            raise _refused(422, 10015, "Invalid value for connection_id (Call Control App ID)")
        draw = self._simulation.delays.draw
        ring_s, detection_s = (draw(NAME, what) / 1000 for what in ("ring_ms", "detection_ms"))
        person = TelnyxPerson(body, api_key=self.api_key, does=does, ring_s=ring_s, detection_s=detection_s)
        self.people[person.call_control_id] = person
        while len(self.people) > MOST_CALLS:
            self.people.pop(next(iter(self.people)))
        task = asyncio.create_task(self._call(person), name="somebody called")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Answer({"data": person.shown()})

    async def _call(self, person: TelnyxPerson) -> None:
        with contextlib.suppress(CallFailedError, aiohttp.ClientError, TimeoutError):
            await self.carry(person)

    def _get(self, request: web.Request, body: Any) -> Answer:
        person = self.people.get(request.match_info["call"])
        if person is None:
            raise _refused(404, 10005, "Resource not found")
        return Answer({"data": person.shown()})

    def _list(self, request: web.Request, body: Any) -> Answer:
        alive = [person.shown() for person in reversed(self.people.values()) if person.is_alive]
        return Answer({"data": alive[:250], "meta": {"total_items": len(alive), "cursors": {}}})

    def _command(self, request: web.Request, body: Any) -> Answer:
        call = self.calls.get(request.match_info["call"])
        if call is None:
            raise _refused(404, 10005, "Resource not found")
        try:
            call.obey(request.match_info["action"], body)
        except RefusedCommandError as refused:
            raise _refused(refused.status, refused.code, str(refused)) from None
        return Answer({"data": {"result": "ok"}})


def _refused(status: int, code: int, title: str) -> Refused:
    return Refused(status, {"errors": [{"code": str(code), "title": title, "detail": title}]})


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        return _refused(429, 10011, "Too many requests")
    return _refused(fault.status or 500, 10007, "Unexpected error")
