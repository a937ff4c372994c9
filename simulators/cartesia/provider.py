"""Cartesia's doors: speech, transcription, tokens, voices and the status page."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from uuid import NAMESPACE_DNS, uuid5

import msgspec
from aiohttp import web
from multidict import MultiMapping

from simulators.cartesia import context, ink
from simulators.cartesia.access import LATEST_VERSION, Access, TokenRequest, version_of
from simulators.cartesia.context import raise_fault
from simulators.cartesia.errors import CartesiaError, http_error, invalid, stt_error_event
from simulators.cartesia.ink_query import InkQuery, parse_manual, parse_turns
from simulators.cartesia.tts_http import TtsHttp
from simulators.cartesia.tts_socket import TtsSocket
from simulators.delays import Constant, Distribution
from simulators.flow import Flow
from simulators.simulation import BaseUrls, Simulation

DELAYS: dict[str, Distribution] = {
    f"{context.NAME}.connect_ms": Constant(0),
    f"{context.NAME}.first_audio_ms": Constant(60),
    f"{context.NAME}.realtime_factor": Constant(5),
    f"{context.NAME}.step_ms": Constant(12),
    f"{context.NAME}.context_expiry_ms": Constant(1000),
    f"{context.NAME}.idle_close_ms": Constant(300_000),
    f"{ink.NAME}.connect_ms": Constant(0),
    f"{ink.NAME}.start_ms": Constant(200),
    f"{ink.NAME}.update_ms": Constant(250),
    f"{ink.NAME}.eager_ms": Constant(150),
    f"{ink.NAME}.end_ms": Constant(350),
    f"{ink.NAME}.latency_ms": Constant(0),
    f"{ink.NAME}.final_ms": Constant(150),
    f"{ink.NAME}.idle_close_ms": Constant(180_000),
}
"""``realtime_factor``: audio is made so many times faster than it plays; ``step_ms`` is only reported."""

_VOICES = ("Katie", "Theo", "Ariana")


class Cartesia:
    """The provider."""

    delays: ClassVar[Mapping[str, Distribution]] = DELAYS

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._access = Access(simulation)
        self._speech = TtsHttp(simulation, self._access)

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/", self._status),
            web.post("/access-token", self._token),
            web.get("/voices", self._voices),
            web.get("/tts/websocket", self._tts_socket),
            web.post("/tts/bytes", self._speech.bytes),
            web.post("/tts/sse", self._speech.sse),
            web.get("/stt/turns/websocket", self._stt_turns),
            web.get("/stt/websocket", self._stt_manual),
        )

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"CARTESIA_API_KEY": self._simulation.key("cartesia"), "CARTESIA_BASE_URL": urls.http}

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "version": "simulated"})

    async def _token(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read() or b"{}", type=TokenRequest)
            return web.json_response({"token": self._access.make_token(request, wanted)})
        except (CartesiaError, msgspec.MsgspecError) as error:
            refused = error if isinstance(error, CartesiaError) else invalid(str(error))
            return http_error(refused, version_of(request) or LATEST_VERSION)

    async def _voices(self, request: web.Request) -> web.Response:
        try:
            self._access.check(request, "tts")
        except CartesiaError as error:
            return http_error(error, version_of(request) or LATEST_VERSION)
        return web.json_response({"data": [_voice(name) for name in _VOICES], "has_more": False})

    async def _tts_socket(self, request: web.Request) -> web.StreamResponse:
        try:
            version = await self._admit(request, context.NAME, "tts")
        except CartesiaError as error:
            return http_error(error, version_of(request) or LATEST_VERSION)
        return await TtsSocket(self._simulation, request, version).serve()

    async def _stt_turns(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, parse_turns, ink.TurnSocket)

    async def _stt_manual(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, parse_manual, ink.ManualSocket)

    async def _listen(
        self,
        request: web.Request,
        parse: Callable[[MultiMapping[str]], InkQuery],
        kind: type[ink.TurnSocket] | type[ink.ManualSocket],
    ) -> web.StreamResponse:
        try:
            version = await self._admit(request, ink.NAME, "stt")
        except CartesiaError as error:
            return http_error(error, version_of(request) or LATEST_VERSION)
        try:
            query = parse(request.query)
        except CartesiaError as error:
            return await _refuse_in_socket(request, error, version)
        return await kind(self._simulation, request, query, version).serve({})

    async def _admit(self, request: web.Request, name: str, capability: str) -> str:
        """The version spoken. Raises CartesiaError."""
        seen = self._simulation.seen[name]
        query = {key: value for key, value in request.query.items() if key != "access_token"}
        seen.requests.append({"path": request.path, "query": query})
        try:
            await raise_fault(Flow(self._simulation, name, request).reach("connect"))
            await self._simulation.clock.sleep_ms(self._simulation.delays.draw(name, "connect_ms"))
            return self._access.check(request, capability)
        except CartesiaError:
            seen.count("refused")
            raise


async def _refuse_in_socket(request: web.Request, error: CartesiaError, version: str) -> web.StreamResponse:
    """Bad parameters are told within the socket: an error message, then the end."""
    ws = web.WebSocketResponse(compress=False, timeout=1.0)
    await ws.prepare(request)
    await ws.send_str(msgspec.json.encode(stt_error_event(error, version)).decode())
    await ws.close(code=1008, message=error.title.encode())
    return ws


def _voice(name: str) -> dict[str, Any]:
    return {
        "id": str(uuid5(NAMESPACE_DNS, f"{name}.simulated")),
        "name": name,
        "description": "A synthetic voice of the simulator.",
        "language": "en",
        "is_owner": False,
        "is_public": True,
        "created_at": "2026-01-01T00:00:00Z",
    }
