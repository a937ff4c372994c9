"""``GET /v1/realtime``: the WebSocket door, from the handshake to the end of the conversation."""

import asyncio
import contextlib
import logging
import secrets
from typing import Any, get_args
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from agent_server.auth import REALTIME_PROTOCOL, Caller, offered_protocols
from agent_server.errors import Problem
from agent_server.http_server import HttpProtocol
from agent_server.live_insight import LiveInsight
from agent_server.realtime.client_events import MAX_EVENT_BYTES
from agent_server.realtime.connection import Connection
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.live import LiveConversations
from agent_server.realtime.memory import ConversationMemory, remembered_items
from agent_server.realtime.message_gate import CEILING_BYTES
from agent_server.realtime.render import error_event, wire_item
from agent_server.realtime.session import conversation_settings, effective_session, merged
from agent_server.realtime.session_object import SessionConfig
from agent_server.realtime.who_calls import lead_of_caller
from agent_server.services import Services
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item
from pipelines.conversation.recording import FORMAT, Header, Recording
from pipelines.conversation.runner import ConversationRunner
from storage.records import Channel, ConversationHistory, ConversationRecord, ConversationStatus

log = logging.getLogger(__name__)

HEARTBEAT_S = 20.0
FLUSH_TIMEOUT_S = 2.0
CHANNELS = frozenset(get_args(Channel))
REPORTING_CHANNELS = frozenset({"widget", "terminal"})
"""Our own clients, which tell what they play and hold it when asked to."""

CONTINUED_ITEMS = 200
"""How many of the latest items a client is told of when it continues; it can retrieve others by their id."""


class Opening(Struct, frozen=True):
    """What a conversation starts from."""

    conversation_id: str
    channel: Channel
    config: SessionConfig
    visitor: bool
    """Came through the widget's open door: may talk, but not give the agent other instructions or tools."""
    items: list[tuple[Item, float]] = []
    history: ConversationHistory | None = None
    fence: int = 0
    """The number it is held with."""
    lead_id: UUID | None = None
    """Who is talking, where that is known before a word is said."""


class RealtimeDoor:
    """Lets clients in, runs their conversations, and keeps track of those that are live in this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._live = LiveConversations()

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
        opening = Opening(conversation_id, channel, config, caller.is_visitor, lead_id=lead_id)
        return await self._continued(opening) if wanted is not None else opening

    async def _continued(self, opening: Opening) -> Opening:
        """Whoever holds the id continues: it is as hard to guess as a key. A line that is still open is taken over, be
        it in another process."""
        services, conversation_id, config = self._services, opening.conversation_id, opening.config
        await services.conversation_log.flush(conversation_id, FLUSH_TIMEOUT_S)
        claim = await services.claims.take(conversation_id)
        await self._live.take_over(conversation_id)
        if claim is not None:
            await services.claims.departure(claim)
        history = await services.conversations.resume(conversation_id, now=services.utc_now())
        if history is None or claim is None:
            raise Problem(404, "conversation_not_found", "There is no such conversation.", param="conversation")
        saved = history.conversation.session
        if saved:
            with contextlib.suppress(ProtocolError):  # saved by an older version: the defaults serve
                config = merged(config, {"type": "realtime", **saved})
        items = remembered_items(history.items)
        return msgspec.structs.replace(opening, config=config, items=items, history=history, fence=claim.fence)

    async def _converse(self, socket: web.WebSocketResponse, opening: Opening) -> None:
        services = self._services
        settings = services.settings
        lifetime_s = settings.process.session_max_minutes * 60
        connection = Connection(
            socket,
            session_id=f"sess_{secrets.token_hex(12)}",
            conversation_id=opening.conversation_id,
            config=opening.config,
            base=await services.agent_service.usable(services.conversation_defaults),
            reports_playback=opening.channel in REPORTING_CHANNELS,
            visitor=opening.visitor,
            recognisers=services.engines.recognisers,
            expires_at=int(services.utc_now().timestamp() + lifetime_s),
            on_session=lambda session: services.conversation_log.session(
                opening.conversation_id, session, now=services.utc_now(), fence=opening.fence
            ),
        )
        self._begin_record(opening)
        sender = asyncio.create_task(connection.outbox.run(), name=f"{opening.conversation_id} sender")
        status: ConversationStatus | None = "closed"
        try:
            # The place is free for another connection only when this runner has written its last.
            with (
                self._live.entered(opening.conversation_id) as replaced,
                services.presence.holding(opening.conversation_id),
                services.claims.holding(opening.conversation_id, opening.fence) as lost,
            ):
                status = await self._run(connection, socket, opening, (replaced, lost), lifetime_s)
        finally:
            if status is not None:
                services.conversation_log.status(
                    opening.conversation_id, status, now=services.utc_now(), fence=opening.fence
                )
            else:
                await services.conversation_log.flush(opening.conversation_id, FLUSH_TIMEOUT_S)
                await services.claims.release(opening.conversation_id, opening.fence)
            connection.outbox.close()
            await asyncio.wait([sender], timeout=FLUSH_TIMEOUT_S)
            sender.cancel()
            await socket.close()

    async def _run(
        self,
        connection: Connection,
        socket: web.WebSocketResponse,
        opening: Opening,
        taken_over: tuple[asyncio.Event, ...],
        lifetime_s: float,
    ) -> ConversationStatus | None:
        """The conversation itself. ``taken_over``: in this process, or by another."""
        insight = self._insight(opening)
        async with self._runner(connection, opening, insight) as runner, insight.following(runner):
            connection.send_session("session.created")
            connection.send(_created_event(opening))
            if opening.history is not None:
                connection.send(_resumed_event(opening))
            return await self._serve_until_over(connection, socket, runner, taken_over, lifetime_s)

    async def _serve_until_over(
        self,
        connection: Connection,
        socket: web.WebSocketResponse,
        runner: ConversationRunner,
        taken_over: tuple[asyncio.Event, ...],
        lifetime_s: float,
    ) -> ConversationStatus | None:
        """Returns the conversation's status after it: "dropped" when the line broke without a goodbye, None when it
        goes on over another connection."""
        serving = asyncio.create_task(connection.serve(runner), name="client")
        ending = asyncio.create_task(self._services.admission.ending.wait(), name="ending")
        taken = [asyncio.create_task(event.wait(), name="taken over") for event in taken_over]
        watched = {serving, ending, *taken}
        try:
            await asyncio.wait(watched, timeout=lifetime_s, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
                return "closed" if socket.close_code in (1000, 1001) else "dropped"
            if any(task.done() for task in taken):
                connection.send(error_event("conversation_continued_elsewhere", "Another connection took over."))
                return None
            if ending.done():
                message = "The server stops; continue elsewhere now."
                connection.send(error_event("server_draining", message, type_="server_error"))
            else:
                connection.send(error_event("session_expired", "The session reached its maximum length."))
            return "dropped"
        finally:
            for task in watched:
                task.cancel()
            await asyncio.wait(watched)

    def _insight(self, opening: Opening) -> LiveInsight:
        services = self._services
        return LiveInsight(
            opening.conversation_id,
            services.agent_service,
            services.database,
            services.utc_now,
            office=services.meetings.rules.zone,
            items=[item for item, _ in opening.items],
            lead_id=opening.lead_id,
        )

    def _runner(self, connection: Connection, opening: Opening, insight: LiveInsight) -> ConversationRunner:
        services = self._services
        settings = conversation_settings(opening.config, connection.base)
        prefix = secrets.token_hex(5)
        core = ConversationCore(settings, id_prefix=prefix, items=opening.items)
        memory = ConversationMemory(
            services.conversation_log,
            opening.conversation_id,
            opening.channel,
            services.utc_now,
            known=opening.history.items if opening.history else (),
        )
        meter = services.meter(opening.conversation_id)
        return ConversationRunner(
            opening.conversation_id,
            core,
            meter.engines,
            client=connection,
            memory=memory,
            recording=self._recording(opening, core, prefix),
            observers=(meter, insight, *services.watch(opening.conversation_id, opening.channel)),
            lead_id=opening.lead_id,
        )

    def _recording(self, opening: Opening, core: ConversationCore, prefix: str) -> Recording | None:
        directory = self._services.settings.process.recordings_dir
        if directory is None:
            return None
        header = Header(FORMAT, opening.conversation_id, prefix, core.settings, opening.items)
        return Recording(directory / f"{opening.conversation_id}-{prefix}.jsonl", header)

    def _begin_record(self, opening: Opening) -> None:
        if opening.history is not None:
            return
        now = self._services.utc_now()
        session: dict[str, Any] = msgspec.to_builtins(opening.config)
        self._services.conversation_log.conversation(
            ConversationRecord(
                id=opening.conversation_id,
                channel=opening.channel,
                session=session,
                lead_id=opening.lead_id,
                created_at=now,
                updated_at=now,
            )
        )


def _channel(given: str | None) -> Channel:
    """Our own clients say what they are; everybody else comes by WebSocket."""
    return given if given in CHANNELS else "websocket"  # type: ignore[return-value]


def _created_event(opening: Opening) -> dict[str, Any]:
    conversation = {"id": opening.conversation_id, "object": "realtime.conversation"}
    return {"type": "conversation.created", "conversation": conversation}


def _resumed_event(opening: Opening) -> dict[str, Any]:
    shown = [item for item, _ in opening.items if not item.own_tool][-CONTINUED_ITEMS:]
    return {
        "type": "sales_agent.conversation.resumed",
        "conversation_id": opening.conversation_id,
        "items": [wire_item(item) for item in shown],
    }
