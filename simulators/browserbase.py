"""Browserbase: remote browsers by the session, and as much of the Chrome DevTools Protocol as loading a page takes."""

import time
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, ClassVar

import msgspec
from aiohttp import WSMsgType, web
from msgspec import Struct

from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

NAME = "browserbase"
PREFIX = "/browserbase"
_API = f"{PREFIX}/v1"
_CONNECT_WITHIN_S = 300.0


class WebPage(Struct, frozen=True):
    """What a browser finds at an address. ``url``: where it ends up, None: where it was sent."""

    html: str
    url: str | None = None


class BrowserbaseOptions(Struct, frozen=True):
    """``concurrent`` sessions may run, ``creations_per_minute`` be opened: the free plan's by default."""

    concurrent: int = 3
    creations_per_minute: int = 5


class Session(msgspec.Struct):
    id: str
    secret: str
    created_at: float
    ends_at: float
    status: str = "RUNNING"


class Browserbase:
    """The provider. ``pages`` by address; any other address is a page that is not there."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation, clock: Callable[[], float] = time.time) -> None:
        self.options = BrowserbaseOptions()
        self.pages: dict[str, WebPage] = {}
        self.sessions: dict[str, Session] = {}
        self._key = simulation.key(NAME)
        self._clock = clock
        self._random = Random(f"{simulation.config.seed}/browserbase")
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {
            "BROWSERBASE_API_KEY": self._key,
            "BROWSERBASE_PROJECT_ID": "simulated-project",
            "BROWSERBASE_API_BASE": f"{urls.http}{PREFIX}",
        }

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post(f"{_API}/sessions", self._door.handler(self._create))
        yield web.get(f"{_API}/sessions/{{id}}", self._door.handler(self._show))
        yield web.post(f"{_API}/sessions/{{id}}", self._door.handler(self._release))
        yield web.get(f"{_API}/connect", self._connect)

    @property
    def running(self) -> list[Session]:
        """Sessions that count against the plan now."""
        for session in self.sessions.values():
            if session.status == "RUNNING" and self._clock() >= session.ends_at:
                session.status = "TIMED_OUT"
        return [session for session in self.sessions.values() if session.status == "RUNNING"]

    def _guard(self, request: web.Request) -> dict[str, str]:
        if request.headers.get("X-BB-API-Key") != self._key:
            raise Refused(401, {"statusCode": 401, "error": "Unauthorized", "message": "Invalid API key"})
        return {}

    def _create(self, request: web.Request, body: Any) -> Answer:
        now = self._clock()
        recent = [session for session in self.sessions.values() if now - session.created_at < 60]
        if len(self.running) >= self.options.concurrent or len(recent) >= self.options.creations_per_minute:
            raise Refused(429, {"statusCode": 429, "error": "Too Many Requests"}, {"retry-after": "10"})
        lifetime_s = float(body.get("timeout", 300))
        if not 60 <= lifetime_s <= 21600:
            raise Refused(400, {"statusCode": 400, "error": "Bad Request", "message": "timeout out of range"})
        session = Session(self._random.randbytes(8).hex(), self._random.randbytes(8).hex(), now, now + lifetime_s)
        self.sessions[session.id] = session
        return Answer(self._shown(request, session), 201)

    def _show(self, request: web.Request, body: Any) -> Answer:
        return Answer(self._shown(request, self._found(request)))

    def _release(self, request: web.Request, body: Any) -> Answer:
        session = self._found(request)
        if body.get("status") != "REQUEST_RELEASE":
            raise Refused(400, {"statusCode": 400, "error": "Bad Request"})
        if session.status == "RUNNING":
            session.status = "COMPLETED"
        return Answer(self._shown(request, session))

    def _found(self, request: web.Request) -> Session:
        session = self.sessions.get(request.match_info["id"])
        if session is None:
            raise Refused(404, {"statusCode": 404, "error": "Not Found"})
        return session

    def _shown(self, request: web.Request, session: Session) -> dict[str, Any]:
        address = f"ws://{request.host}{_API}/connect?session={session.id}&signingKey={session.secret}"
        return {
            "id": session.id,
            "projectId": "simulated-project",
            "status": session.status,
            "connectUrl": address,
            "keepAlive": False,
            "region": "us-west-2",
        }

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        session = self.sessions.get(request.query.get("session", ""))
        if session is None or session.secret != request.query.get("signingKey") or session not in self.running:
            return web.json_response({"error": "Session not found"}, status=404)
        if self._clock() - session.created_at > _CONNECT_WITHIN_S:
            return web.json_response({"error": "Session expired"}, status=410)
        line = web.WebSocketResponse()
        await line.prepare(request)
        browser = _Browser(self.pages)
        async for message in line:
            if message.type is WSMsgType.TEXT:
                for answer in browser.take(msgspec.json.decode(message.data, type=dict[str, Any])):
                    await line.send_str(msgspec.json.encode(answer).decode())
        session.status = "COMPLETED"
        return line


class _Browser:
    """One tab."""

    def __init__(self, pages: Mapping[str, WebPage]) -> None:
        self._pages = pages
        self._url = "about:blank"
        self._page = WebPage("<html></html>")

    def take(self, command: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """The answer to a command, and the events before it."""
        envelope = {"id": command["id"]} | ({"sessionId": command["sessionId"]} if "sessionId" in command else {})
        params = command.get("params", {})
        match command["method"]:
            case "Target.getTargets":
                target = {"targetId": "T1", "type": "page", "url": self._url, "attached": False}
                yield envelope | {"result": {"targetInfos": [{"targetId": "W1", "type": "worker"}, target]}}
            case "Target.attachToTarget":
                yield {"method": "Target.attachedToTarget", "params": {"sessionId": "S1"}}
                yield envelope | {"result": {"sessionId": "S1"}}
            case "Page.navigate":
                self._go(params["url"])
                yield {"method": "Page.frameStartedLoading", "params": {"frameId": "F1"}, "sessionId": "S1"}
                yield envelope | {"result": {"frameId": "F1", "loaderId": "L1"}}
            case "Runtime.evaluate":
                state = {"url": self._url, "ready": "complete", "html": self._page.html}
                value = msgspec.json.encode(state).decode()
                yield envelope | {"result": {"result": {"type": "string", "value": value}}}
            case method:
                yield envelope | {"error": {"code": -32601, "message": f"'{method}' wasn't found"}}

    def _go(self, url: str) -> None:
        gone = WebPage("<html><body>Page not found</body></html>", "https://www.linkedin.com/404")
        self._page = self._pages.get(url, gone)
        self._url = self._page.url or url


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        wait_s = 10.0 if fault.retry_after_s is None else fault.retry_after_s
        return Refused(429, {"statusCode": 429, "error": "Too Many Requests"}, {"retry-after": f"{wait_s:.0f}"})
    return Refused(fault.status or 500, {"statusCode": fault.status or 500, "error": "Internal Server Error"})
