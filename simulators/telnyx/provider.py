"""Telnyx's call control commands (v2), for the calls of people who dial through it."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation
from simulators.telnyx.phone_call import RefusedCommandError, TelnyxCall
from simulators.telnyx.signing import public_key

NAME = "telnyx"
PREFIX = "/telnyx/v2"


class Telnyx:
    """The provider. ``calls``: those under way, by ``call_control_id``."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation) -> None:
        self.calls: dict[str, TelnyxCall] = {}
        self._simulation = simulation
        self.api_key = simulation.key(NAME)
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {
            "TELNYX_API_KEY": self.api_key,
            "TELNYX_PUBLIC_KEY": public_key(self.api_key),
            "TELNYX_API_BASE": f"{urls.http}{PREFIX}",
        }

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{PREFIX}/balance", self._door.handler(self._balance))
        yield web.post(f"{PREFIX}/calls/{{call}}/actions/{{action}}", self._door.handler(self._command))

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
