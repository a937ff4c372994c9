"""Request and answer of simulated REST vendors, with the faults that may strike between the two.

Moments of a request: ``connect`` (nothing was read), ``accepted`` (read, nothing applied), then the vendor does what
was asked, ``first`` (applied, not a byte answered), ``mid`` (half of the answer is out). So ``stall@first`` is a
time-out after the write was applied, ``drop@mid`` a page that breaks off, ``garbage`` a web page where JSON belongs.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from simulators.faults import Fault
from simulators.flow import Flow
from simulators.simulation import Simulation

HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


class Refused(Exception):  # noqa: N818 - names the fact
    """A request the vendor turns down. ``body`` is JSON, or plain text when it is a str."""

    def __init__(self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body
        self.headers = headers or {}


class Answer(Struct, frozen=True):
    """``body`` as JSON; None: no body at all."""

    body: Any
    status: int = 200
    headers: dict[str, str] = {}


Work = Callable[[web.Request, Any], Answer]
"""Does what one request asks for, synchronously: request and decoded JSON body in, answer out. Raises Refused."""


class RestDoor:
    """Serves one vendor's requests."""

    def __init__(
        self,
        simulation: Simulation,
        name: str,
        *,
        guard: Callable[[web.Request], dict[str, str]],
        word: Callable[[Fault], Refused],
        decode: Callable[[bytes], Any] | None = None,
    ) -> None:
        """``guard`` checks key and rate limit and returns the headers every answer carries; ``word`` puts a fault into
        the vendor's words; ``decode`` reads a body that is not JSON."""
        self._simulation = simulation
        self._name = name
        self._guard = guard
        self._word = word
        self._decode = decode or _decoded

    def handler(self, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, work)

        return handle

    async def _handle(self, request: web.Request, work: Work) -> web.StreamResponse:
        simulation, garbled = self._simulation, False

        async def garble() -> None:
            nonlocal garbled
            garbled = True

        flow = Flow(simulation, self._name, request, garble)
        seen = simulation.seen[self._name]
        seen.count("requests")
        seen.requests.append({"method": request.method, "path": request.path, "query": list(request.query.items())})
        headers: dict[str, str] = {}
        try:
            await self._reach(flow, "connect")
            await simulation.clock.sleep_ms(simulation.delays.draw(self._name, "answer_ms"))
            headers = self._guard(request)
            body = self._decode(await request.read())
            await self._reach(flow, "accepted")
            answer = work(request, body)
            await self._reach(flow, "first")
        except Refused as refusal:
            seen.count(f"status_{refusal.status}")
            return _response(Answer(refusal.body, refusal.status, headers | refusal.headers))
        if garbled:
            return web.Response(text=HTML, content_type="text/html", status=200)
        whole = _response(Answer(answer.body, answer.status, headers | answer.headers))
        return await self._in_two(request, flow, whole) if simulation.faults.armed else whole

    async def _reach(self, flow: Flow, moment: Any) -> None:
        fault = await flow.reach(moment)
        if fault is not None:
            raise self._word(fault)

    async def _in_two(self, request: web.Request, flow: Flow, whole: web.Response) -> web.StreamResponse:
        """The answer in two halves, so that a fault may strike in between."""
        body = whole.body if isinstance(whole.body, bytes) else b""
        response = web.StreamResponse(status=whole.status, headers=whole.headers)
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        await flow.reach("mid")
        await response.write(body[len(body) // 2 :])
        await response.write_eof()
        return response


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        return {}


def _response(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.body, str):
        return web.Response(text=answer.body, status=answer.status, headers=answer.headers)
    body = msgspec.json.encode(answer.body)
    return web.Response(body=body, status=answer.status, headers=answer.headers, content_type="application/json")
