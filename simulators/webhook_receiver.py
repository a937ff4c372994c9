"""A program that is told of what happens: takes webhooks as the Standard Webhooks specification has them, and checks
their signatures before it believes them."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web
from msgspec import Struct

TOLERANCE_S: Final = 300.0
MOST_KEPT: Final = 1000
_PREFIX: Final = "whsec_"
_LARGEST_BODY: Final = 4 * 1024 * 1024


class Received(Struct, frozen=True):
    """One request. ``problem``: why it is not believed; None: it is genuine. ``again``: the event was there before."""

    headers: Mapping[str, str]
    body: bytes
    problem: str | None
    again: bool

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


Respond = Callable[[Received], Awaitable[web.StreamResponse]]


class WebhookReceiver:
    """``secret`` may be set once it is known. ``respond``: what is answered to what is genuine; the rest gets 401."""

    def __init__(self, secret: str = "", *, told: Callable[[Received], object] = lambda _: None) -> None:
        self.secret = secret
        self.respond: Respond = _thanks
        self.received: deque[Received] = deque(maxlen=MOST_KEPT)
        self._told = told
        self._known: deque[str] = deque(maxlen=MOST_KEPT)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Listen; port 0 lets the system choose. Raises OSError."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return self

    @property
    def url(self) -> str:
        assert self._runner is not None, "it is to be started first"
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/webhooks"

    async def aclose(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Those that were genuine, each once."""
        events = [one.event for one in self.received if one.problem is None and not one.again]
        return [event for event in events if kind in (None, event["type"])]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        problem = refusal(self.secret, headers, body, now_s=time.time())
        received = Received(headers, body, problem, headers.get("webhook-id") in self._known)
        self.received.append(received)
        self._told(received)
        if problem is not None:
            return web.Response(status=401, text=problem)
        answer = await self.respond(received)
        if 200 <= answer.status < 300:
            self._known.append(received.id)
        return answer


async def _thanks(_received: Received) -> web.StreamResponse:
    return web.Response(text="Thank you.")


def refusal(secret: str, headers: Mapping[str, str], body: bytes, *, now_s: float) -> str | None:
    """Why a request is not believed; None: one of its signatures is good and not old. ``headers`` in lower case."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split()
    if not event_id or not timestamp.isdecimal() or not signatures:
        return "no_signature"
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return "too_old"
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return "secret_invalid"
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    wanted = "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    # Compared as bytes: a header may hold anything.
    if not any(hmac.compare_digest(wanted.encode(), each.encode("utf-8", "replace")) for each in signatures):
        return "wrong_signature"
    return None
