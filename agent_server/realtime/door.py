"""``GET /v1/realtime``: the WebSocket door, from the handshake to the end of the conversation."""

import asyncio

from aiohttp import web

from agent_server.hosting.host import FLUSH_TIMEOUT_S, ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.realtime.arriving import caller_at, opening_of, visitor_at
from agent_server.realtime.client_events import MAX_EVENT_BYTES
from agent_server.realtime.connection import Connection
from agent_server.realtime.message_gate import CEILING_BYTES
from agent_server.realtime.session_terms import terms_of
from agent_server.services import Services
from agent_server.web.auth import REALTIME_PROTOCOL, offered_protocols
from agent_server.web.errors import Problem
from agent_server.web.http_server import HttpProtocol

HEARTBEAT_S = 20.0
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
        caller = await caller_at(request, services)
        if offered_protocols(request.headers) and REALTIME_PROTOCOL not in offered_protocols(request.headers):
            raise Problem(400, "missing_subprotocol", "Offer the sub-protocol 'realtime'.")
        if "call_id" in request.query:
            raise Problem(404, "call_not_found", "There is no such call in progress.", param="call_id")
        socket = web.WebSocketResponse(
            protocols=(REALTIME_PROTOCOL,),
            heartbeat=HEARTBEAT_S,
            max_msg_size=CEILING_BYTES,
            compress=False,
            autoping=False,  # a flood of pings is read as slowly as any other
        )
        upgrades = socket.can_prepare(request).ok
        visitor = visitor_at(request, caller, services)
        if upgrades:
            await services.admission.wait_for_room(visitor=visitor)
        with services.admission.admit(visitor=visitor):
            opening = await opening_of(
                request.query,
                caller,
                services,
                self._host,
                channel="websocket",
                visitor=visitor,
                takes_over=upgrades,
            )
            if not upgrades:  # a page that asks why it was refused, which browsers do not tell it
                raise Problem(400, "not_a_websocket", "Upgrade to a WebSocket.")
            if isinstance(request.protocol, HttpProtocol):
                request.protocol.max_message_bytes = MAX_EVENT_BYTES
            try:
                await socket.prepare(request)
            except ConnectionError:
                await self._host.let_go(opening)
                raise
            await self._converse(socket, opening)
        return socket

    async def _converse(self, socket: web.WebSocketResponse, opening: Opening) -> None:
        terms = await terms_of(opening, self._services)
        connection = Connection(socket, opening, terms, reports_playback=opening.channel in REPORTING_CHANNELS)
        sender = asyncio.create_task(connection.outbox.run(), name=f"{opening.conversation_id} sender")
        try:
            await self._host.converse(connection, opening)
        finally:
            connection.outbox.close()
            await asyncio.wait([sender], timeout=FLUSH_TIMEOUT_S)
            sender.cancel()
            await socket.close()
