"""Deepgram's doors: the two sockets, token grants, and the key check."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

import msgspec
from aiohttp import web

from simulators.deepgram import flux, nova
from simulators.deepgram.handshake import Credentials, refusal, refusal_of
from simulators.deepgram.query import QueryError, parse_flux, parse_nova
from simulators.delays import Constant, Distribution
from simulators.flow import Flow
from simulators.simulation import BaseUrls, Simulation
from simulators.speech_socket import SpeechSocket

DELAYS: dict[str, Distribution] = {
    f"{flux.NAME}.connect_ms": Constant(0),
    f"{flux.NAME}.start_ms": Constant(200),
    f"{flux.NAME}.update_ms": Constant(250),
    f"{flux.NAME}.eager_ms": Constant(150),
    f"{flux.NAME}.end_ms": Constant(350),
    f"{flux.NAME}.latency_ms": Constant(0),
    f"{flux.NAME}.idle_close_ms": Constant(10_000),
    f"{nova.NAME}.connect_ms": Constant(0),
    f"{nova.NAME}.interim_ms": Constant(1000),
    f"{nova.NAME}.final_ms": Constant(150),
    f"{nova.NAME}.idle_close_ms": Constant(10_000),
}
"""``start``, ``eager`` and ``end`` are of audio (speech, silence, silence); ``final`` is what Nova takes on top of the
client's ``endpointing``."""


class Deepgram:
    """The provider."""

    delays: ClassVar[Mapping[str, Distribution]] = DELAYS

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._credentials = Credentials(simulation)

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/v2/listen", self._listen_v2),
            web.get("/v1/listen", self._listen_v1),
            web.post("/v1/auth/grant", self._grant),
            web.get("/v1/auth/token", self._token),
            web.get("/v1/projects", self._projects),
        )

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"DEEPGRAM_API_KEY": self._simulation.key("deepgram"), "DEEPGRAM_BASE_URL": urls.http}

    async def _listen_v2(self, request: web.Request) -> web.StreamResponse:
        def open_socket(request_id: str) -> SpeechSocket:
            return flux.FluxSocket(self._simulation, request, parse_flux(request.query), request_id)

        return await self._listen(request, flux.NAME, open_socket)

    async def _listen_v1(self, request: web.Request) -> web.StreamResponse:
        def open_socket(request_id: str) -> SpeechSocket:
            return nova.NovaSocket(self._simulation, request, parse_nova(request.query), request_id)

        return await self._listen(request, nova.NAME, open_socket)

    async def _listen(
        self, request: web.Request, name: str, open_socket: Callable[[str], SpeechSocket]
    ) -> web.StreamResponse:
        simulation = self._simulation
        seen = simulation.seen[name]
        seen.requests.append({"path": request.path, "query": list(request.query.items())})
        if fault := await Flow(simulation, name, request).reach("connect"):
            seen.count("refused")
            return refusal_of(fault)
        await simulation.clock.sleep_ms(simulation.delays.draw(name, "connect_ms"))
        if not self._credentials.allow(request):
            seen.count("refused")
            return refusal(401)
        request_id = str(uuid4())
        try:
            socket = open_socket(request_id)
        except QueryError as error:
            seen.count("refused")
            return refusal(400, str(error))
        return await socket.serve({"dg-request-id": request_id}, ("token", "bearer"))

    async def _grant(self, request: web.Request) -> web.Response:
        """https://developers.deepgram.com/reference/auth/tokens/grant: a token of 30 s, or of ``ttl_seconds``."""
        if not self._credentials.allow(request):
            return refusal(401)
        try:
            wanted: dict[str, Any] = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            ttl_s = float(wanted.get("ttl_seconds", 30))
        except (msgspec.MsgspecError, TypeError, ValueError):
            return refusal(400, "Invalid JSON submitted.")
        return web.json_response({"access_token": self._credentials.grant(ttl_s), "expires_in": ttl_s})

    async def _token(self, request: web.Request) -> web.Response:
        return web.json_response({"scopes": ["usage:write"]}) if self._credentials.allow(request) else refusal(401)

    async def _projects(self, request: web.Request) -> web.Response:
        if not self._credentials.allow(request):
            return refusal(401)
        return web.json_response({"projects": [{"project_id": "simulated", "name": "Simulated project"}]})
