"""``POST /v1/realtime/calls``: the WebRTC door, from the offer to the end of the conversation."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web
from msgspec import Struct
from prometheus_client import Counter

from agent_server.capacity.admission import Ticket
from agent_server.hosting.host import FLUSH_TIMEOUT_S, ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.realtime.arriving import caller_at, opening_of, visitor_at
from agent_server.realtime.session_terms import terms_of
from agent_server.services import Services
from agent_server.web.auth import Caller
from agent_server.web.errors import Problem
from agent_server.webrtc.calls import Calls, call_id, call_of
from agent_server.webrtc.events_channel import EventsChannel
from agent_server.webrtc.line import WebRtcLine
from agent_server.webrtc.offer import Offer, read_offer
from agent_server.webrtc.offer_body import read_offer_body
from agent_server.webrtc.ways import Ways, ways_of
from pipelines.loading import loaded

if TYPE_CHECKING:
    from agent_server.webrtc.peer import Peer

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 15.0
"""From the answer on; a client that does not come gives its place back."""

CALLS = Counter(
    "sales_agent_webrtc_calls",
    "Calls by WebRTC by how they ended: hung_up, left, ended (by this server), never_connected.",
    ["outcome"],
)


class _Asked(Struct, frozen=True):
    """What a client wants, once it can be read."""

    offer: Offer
    session: dict[str, Any] | None
    ways: Ways


class WebRtcDoor:
    """Answers offers, and hands the conversations to the host."""

    def __init__(self, services: Services, host: ConversationHost) -> None:
        self._services = services
        self._host = host
        self._calls = Calls()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/realtime/calls", self.call), web.post("/v1/realtime/calls/{id}/hangup", self.hang_up)]

    async def end_calls(self, _app: web.Application) -> None:
        """For ``on_shutdown``: no call outlives the application."""
        self._services.admission.ending.set()
        await self._calls.ended()

    async def call(self, request: web.Request) -> web.Response:
        """Raises Problem or ProtocolError."""
        services = self._services
        caller = await caller_at(request, services)
        sdp, session = await read_offer_body(request)
        ways = await ways_of(services.settings)
        asked = _Asked(read_offer(sdp, keep_candidates=bool(ways.ice_servers)), session, ways)
        async with contextlib.AsyncExitStack() as undo:
            visitor = visitor_at(request, caller, services)
            await services.admission.wait_for_room(visitor=visitor)
            ticket = undo.enter_context(services.admission.admit(visitor=visitor))
            call, answer, work, line = await self._answered(request.query, caller, asked, ticket, undo)
            self._calls.begin(call, work, hang_up=line.hung_up.set)
            undo.pop_all()  # all of it is the call's from now on
        return web.Response(
            status=201,
            text=answer,
            content_type="application/sdp",
            headers={hdrs.LOCATION: f"/v1/realtime/calls/{call}"},
        )

    async def hang_up(self, request: web.Request) -> web.Response:
        """Whoever holds the call's id may."""
        await caller_at(request, self._services)
        call = request.match_info["id"]
        if not self._calls.hang_up(call) and not await self._hang_up_elsewhere(call):
            raise Problem(404, "call_not_found", "There is no such call in progress.", param="id")
        return web.Response()

    async def _hang_up_elsewhere(self, call: str) -> bool:
        """The process that holds the call lets go of the conversation, and this one closes it. False: nobody does."""
        services, found = self._services, call_of(call)
        claim = await services.claims.take_from(*found) if found is not None else None
        if claim is None:
            return False
        await services.claims.departure(claim)
        await self._host.end(claim.conversation_id, claim.fence, "closed")
        return True

    async def _answered(
        self,
        query: Mapping[str, str],
        caller: Caller,
        asked: "_Asked",
        ticket: Ticket,
        undo: contextlib.AsyncExitStack,
    ) -> tuple[str, str, Any, WebRtcLine]:
        services = self._services
        opening = await opening_of(
            query, caller, services, self._host, channel="webrtc", visitor=ticket.visitor, session=asked.session
        )
        undo.push_async_callback(self._host.let_go, opening)
        events = EventsChannel(expected=asked.offer.has_events)
        line = WebRtcLine(events, opening, await terms_of(opening, services))
        peer_class = await loaded(_load_peer)
        peer = peer_class(asked.ways, events, hear=line.receive_voice, next_frame=line.next_frame)
        undo.push_async_callback(peer.close)
        line.media = peer
        try:
            answer = await peer.answer(asked.offer)
        except TimeoutError:
            raise Problem(504, "ice_timeout", "This server's addresses could not be found out in time.") from None
        call = call_id(opening.conversation_id, opening.fence)
        return call, answer, self._hold(ticket, peer, line, events, opening), line

    async def _hold(
        self, ticket: Ticket, peer: "Peer", line: WebRtcLine, events: EventsChannel, opening: Opening
    ) -> None:
        """The call, from its answer to its end."""
        outcome = "never_connected"
        with ticket:
            try:
                if await self._connected(peer, line):
                    await self._host.converse(line, opening)
                    outcome = "hung_up" if line.ended_properly else "left" if peer.is_over.is_set() else "ended"
                    await events.flush(FLUSH_TIMEOUT_S)
                else:
                    log.info("a call was answered, and its client did not come")
                    await self._host.let_go(opening)
            finally:
                CALLS.labels(outcome).inc()
                await peer.close()

    async def _connected(self, peer: "Peer", line: WebRtcLine) -> bool:
        """False: the client does not come in time, or nobody waits for it any more."""
        settling = asyncio.create_task(peer.settled.wait(), name="connecting")
        waits = {
            settling,
            asyncio.create_task(line.hung_up.wait(), name="hang-up"),
            asyncio.create_task(self._services.admission.ending.wait(), name="ending"),
        }
        try:
            await asyncio.wait(waits, timeout=CONNECT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            return settling.done() and peer.is_connected
        finally:
            for task in waits:
                task.cancel()
            await asyncio.wait(waits)


def _load_peer() -> "type[Peer]":
    from agent_server.webrtc.peer import Peer  # noqa: PLC0415 - heavy: when the first call comes

    return Peer
