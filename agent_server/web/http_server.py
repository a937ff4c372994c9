"""The HTTP server below the application: what does not even parse is answered in the same form as everything else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from agent_server.realtime.message_gate import CEILING_BYTES, MessageGate
from agent_server.telemetry.metrics import CONNECTIONS_REFUSED
from agent_server.web.doorstep import Doorstep, DoorstepLimits
from agent_server.web.errors import Problem
from agent_server.web.http_headers import SERVER_NAME

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 75.0
"""A connection without a complete request for so long is closed: idle ones, and those that trickle headers."""

LINGER_S = 2.0
"""How long the rest of a refused body is read and thrown away, so that its sender gets to read why."""

_TOO_MANY = Problem(429, "too_many_connections", "Too many connections are open from this address; close some.")


class HttpProtocol(RequestHandler):
    """One connection."""

    __slots__ = ("_entered", "max_message_bytes")

    _manager: "HttpServer | None"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.max_message_bytes: int | None = None
        """Of a WebSocket's messages; to be set before it is prepared. Larger ones are dropped as they come."""
        self._entered: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self._manager is not None
        doorstep = self._manager.doorstep
        peer: str = (transport.get_extra_info("peername") or ("",))[0]
        if not doorstep.is_counted(peer):
            return
        self._entered = doorstep.enter(peer)
        if self._entered is None:
            self._turn_away()
            return
        self._expect_request(doorstep.limits.first_request_s)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._leave_doorstep()
        super().connection_lost(exc)

    def _leave_doorstep(self) -> None:
        if self._entered is not None and self._manager is not None:
            self._manager.doorstep.leave(self._entered)
            self._entered = None

    def _turn_away(self) -> None:
        """Before anything is read: whoever has so many connections open learns it on the next."""
        CONNECTIONS_REFUSED.inc()
        assert self.transport is not None
        body = _TOO_MANY.body()
        head = (
            f"HTTP/1.1 {_TOO_MANY.status} Too Many Requests\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        transport, self.transport = self.transport, None
        transport.write(head.encode() + body)
        transport.write_eof()
        self._loop.call_later(LINGER_S, transport.close)  # at once, a request on its way would reset the answer
        self.force_close()

    def _expect_request(self, within_s: float) -> None:
        """Closed by aiohttp's own timer, which the first request sets to ``KEEP_ALIVE_S``."""
        if self._keepalive_handle is not None:
            self._keepalive_handle.cancel()
        self._next_keepalive_close_time = self._loop.time() + within_s
        self._keepalive_handle = self._loop.call_at(self._next_keepalive_close_time, self._process_keepalive)

    def set_parser(self, parser: Any, data_received_cb: Callable[[], None] | None = None) -> None:
        self._leave_doorstep()  # who talks has shown a key, and conversations are counted elsewhere
        if self.max_message_bytes is not None:
            parser = MessageGate(parser, max_bytes=self.max_message_bytes, ceiling=CEILING_BYTES)
        super().set_parser(parser, data_received_cb)

    async def _handle_request(
        self, request: Any, start_time: float | None, request_handler: Callable[[Any], Awaitable[web.StreamResponse]]
    ) -> tuple[web.StreamResponse, bool]:
        """A request whose end nobody waits for any more, since the time to stop is over, ends like a lost line: aiohttp
        fails on telling the waiter that gave up."""
        try:
            return await super()._handle_request(request, start_time, request_handler)
        except asyncio.InvalidStateError as error:
            raise ConnectionResetError("the server stops") from error

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The parser's words quote the headers, keys among them: they reach neither the log nor the answer."""
        if isinstance(exc, ConnectionError):
            raise exc  # the client left
        log.info("request not understood: %s", type(exc).__name__, extra={"fields": {"status": status}})
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        if isinstance(exc, HttpProcessingError) or status == 400:
            problem = Problem(status, "bad_request", "This is not an HTTP request the server understands.")
        else:
            problem = Problem(status, "internal_error", "The server made an error.")
        response = web.Response(status=status, body=problem.body(), content_type="application/json")
        response.headers[hdrs.SERVER] = SERVER_NAME
        response.force_close()
        return response


class HttpServer(Server):
    """Makes an ``HttpProtocol`` for each connection."""

    def __init__(self, made: Server, options: dict[str, Any], doorstep: Doorstep) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory, **options)
        self._options = options
        self.doorstep = doorstep

    def __call__(self) -> RequestHandler:
        return HttpProtocol(self, loop=asyncio.get_running_loop(), **self._options)


class HttpRunner(web.AppRunner):
    """Runs an application on ``HttpServer``."""

    def __init__(
        self, app: web.Application, *, shutdown_timeout_s: float, limits: DoorstepLimits | None = None
    ) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout_s)
        self._doorstep = Doorstep(limits or DoorstepLimits())

    def hurry(self) -> None:
        """Wait for no answer under way when it stops."""
        self._shutdown_timeout = 0.1

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        options = {"access_log": None, "keepalive_timeout": KEEP_ALIVE_S, "lingering_time": LINGER_S}
        return HttpServer(made, options, self._doorstep)
