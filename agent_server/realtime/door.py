"""``GET /v1/realtime``: the WebSocket door, from the handshake to the end of the conversation."""

import asyncio
import secrets
from typing import get_args

import msgspec
from aiohttp import web

from agent_server.auth import REALTIME_PROTOCOL, Caller, offered_protocols
from agent_server.errors import Problem
from agent_server.http_server import HttpProtocol
from agent_server.realtime.client_events import MAX_EVENT_BYTES
from agent_server.realtime.connection import Connection
from agent_server.realtime.host import FLUSH_TIMEOUT_S, ConversationHost
from agent_server.realtime.message_gate import CEILING_BYTES
from agent_server.realtime.opening import Opening
from agent_server.realtime.session import effective_session
from agent_server.realtime.who_calls import lead_of_caller
from agent_server.services import Services
from storage.records import Channel

HEARTBEAT_S = 20.0
CHANNELS = frozenset(get_args(Channel))
REPORTING_CHANNELS = frozenset({"widget", "terminal"})
"""Our own clients, which tell what they play and hold it when asked to."""


class RealtimeDoor:
    """Lets clients in and hands their conversations to the host."""

    def __init__(self, services: Services, host: ConversationHost) -> None:
        self._services = services
        self._host = host

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/v1/realtime", self.open)]

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        """Raises Problem before the upgrade: who may not come in never gets a socket."""
        services = self._services
        if not services.origins.allows(request.headers.get("Origin"), request.host):
            raise Problem(403, "origin_not_allowed", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
        caller = await services.authenticator.authenticate(request, "realtime")
        if offered_protocols(request.headers) and REALTIME_PROTOCOL not in offered_protocols(request.headers):
            raise Problem(400, "missing_subprotocol", "Offer the sub-protocol 'realtime'.")
        if "call_id" in request.query:
            raise Problem(404, "call_not_found", "There is no such call in progress.", param="call_id")
        with services.admission.admit():
            opening = await self._opening(request, caller)
            socket = web.WebSocketResponse(
                protocols=(REALTIME_PROTOCOL,),
                heartbeat=HEARTBEAT_S,
                max_msg_size=CEILING_BYTES,
                compress=False,
                autoping=False,  # a flood of pings is read as slowly as any other
            )
            if isinstance(request.protocol, HttpProtocol):
                request.protocol.max_message_bytes = MAX_EVENT_BYTES
            await socket.prepare(request)
            await self._converse(socket, opening)
        return socket

    async def _opening(self, request: web.Request, caller: Caller) -> Opening:
        config = self._services.session_defaults
        if caller.session:
            config = effective_session(config, {"type": "realtime", **caller.session})
        model = request.query.get("model")
        if model:
            config = msgspec.structs.replace(config, model=model[:128])
        channel = _channel(request.query.get("channel"))
        wanted = request.query.get("conversation")
        conversation_id = wanted if wanted is not None else f"conv_{secrets.token_hex(12)}"
        lead_id = await lead_of_caller(self._services, request.query, caller, conversation_id)
        opening = Opening(conversation_id, channel, config, visitor=caller.is_visitor, lead_id=lead_id)
        if wanted is None:
            return opening
        continued = await self._host.continued(opening)
        if continued is None:
            raise Problem(404, "conversation_not_found", "There is no such conversation.", param="conversation")
        return continued

    async def _converse(self, socket: web.WebSocketResponse, opening: Opening) -> None:
        services = self._services
        lifetime_s = services.settings.process.session_max_minutes * 60
        connection = Connection(
            socket,
            opening,
            session_id=f"sess_{secrets.token_hex(12)}",
            base=await services.agent_service.usable(services.conversation_defaults),
            reports_playback=opening.channel in REPORTING_CHANNELS,
            recognisers=services.engines.recognisers,
            expires_at=int(services.utc_now().timestamp() + lifetime_s),
            on_session=lambda session: services.conversation_log.session(
                opening.conversation_id, session, now=services.utc_now(), fence=opening.fence
            ),
        )
        sender = asyncio.create_task(connection.outbox.run(), name=f"{opening.conversation_id} sender")
        try:
            await self._host.converse(connection, opening)
        finally:
            connection.outbox.close()
            await asyncio.wait([sender], timeout=FLUSH_TIMEOUT_S)
            sender.cancel()
            await socket.close()


def _channel(given: str | None) -> Channel:
    """Our own clients say what they are; everybody else comes by WebSocket."""
    return given if given in CHANNELS else "websocket"  # type: ignore[return-value]
