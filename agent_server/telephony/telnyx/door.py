"""``/telephony/telnyx/…``: Telnyx tells of its calls at one address, and streams their audio to another.

A call that comes in is answered with a stream. When that ends, the agent hung up or puts the caller through; or the
process died, or nobody took a call that was put through, and then whichever process is told of it has the call
streamed again, in the same conversation.
"""

import logging
import secrets
from collections.abc import AsyncIterator

from aiohttp import web
from msgspec import structs

from agent_server.hosting.host import ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.services import Services
from agent_server.telephony import apologies
from agent_server.telephony.conversing import PhoneCalls
from agent_server.telephony.outbound.carrier import CarrierError
from agent_server.telephony.settled import Settled
from agent_server.telephony.telnyx.called import TelnyxCalled
from agent_server.telephony.telnyx.commands import MEDIA, TelnyxCommands
from agent_server.telephony.telnyx.dialling import WEBHOOK
from agent_server.telephony.telnyx.events import Event, read_event
from agent_server.telephony.telnyx.rest import TelnyxRest
from agent_server.telephony.telnyx.signature import SIGNATURE, TIMESTAMP, TelnyxKey
from agent_server.telephony.telnyx.states import State, Ticket, call_mark, opened_state, opened_ticket
from agent_server.telephony.telnyx.steps import (
    PickUp,
    Step,
    Stream,
    elsewhere,
    for_caller,
    is_new_call,
    step_after,
)
from agent_server.telephony.telnyx.stream import TelnyxStream
from agent_server.telephony.telnyx.wire import StartDetails
from agent_server.telephony.wire import MAX_MESSAGE_BYTES
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body
from storage.agents.profiles import AgentProfile
from storage.errors import StorageError

log = logging.getLogger(__name__)

MAX_WEBHOOK_BYTES = 64 * 1024
_TALKS, _NO_ROOM = "conv_", "none_"
_WHY = {False: "the stream of a call broke", True: "nobody took a call that was put through"}


class TelnyxDoor:
    """There when ``TELNYX_API_KEY`` and ``TELNYX_PUBLIC_KEY`` are set."""

    def __init__(self, services: Services, host: ConversationHost, api_key: str, public_key: str) -> None:
        """Raises ValueError for what is no public key."""
        self._services = services
        self._api_key = api_key
        self._key = TelnyxKey(public_key)
        self._calls = PhoneCalls(services, host, "telnyx")
        self._settled = Settled(services.agent_service.redis)
        self._rest = TelnyxRest(services.settings.telephony.telnyx_api_base, api_key)
        self._commands = TelnyxCommands(services, self._rest, api_key)
        self._called = TelnyxCalled(services, self._calls)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(WEBHOOK, self.told), web.get(f"{MEDIA}/{{ticket}}", self.stream)]

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``."""
        async with self._calls.made_ready():
            yield
        await self._rest.aclose()

    # What Telnyx tells

    async def told(self, request: web.Request) -> web.Response:
        """Telnyx tells again what is not answered with success. Raises Problem."""
        event = await self._event(request)
        step = await self._step(event) if event is not None else None
        if step is not None:
            try:
                await self._commands.carry_out(step, request)
            except CarrierError as error:
                raise Problem(503, error.code, str(error), retry_after_s=1) from error
        return web.json_response({})

    async def _event(self, request: web.Request) -> Event | None:
        body = await read_body(request, max_bytes=MAX_WEBHOOK_BYTES)
        signature, timestamp = request.headers.get(SIGNATURE), request.headers.get(TIMESTAMP)
        now_s = self._services.utc_now().timestamp()
        if not self._key.has_signed(body, signature=signature, timestamp=timestamp, now_s=now_s):
            log.warning("a request with %s signature of Telnyx's", "a wrong" if signature else "no")
            raise Problem(403, "invalid_signature", "Only Telnyx may call this. Check TELNYX_PUBLIC_KEY and the clock.")
        try:
            return read_event(body)
        except ValueError:
            raise Problem(400, "unreadable_body", "The body is no webhook of Telnyx's.") from None

    async def _step(self, event: Event) -> Step | None:
        if is_new_call(event):
            return await self._first_step(event)
        state = opened_state(event.payload.client_state, self._api_key)
        if state is None:
            return None
        call_id = event.payload.call_control_id
        if event.event_type == "call.hangup" and state.step == "talking":
            await self._calls.afterwards.keep(call_id, "hang_up")
        if state.call and state.step != "colleague" and (first := await self._called.told(event, state)) is not None:
            return first
        agent = await self._agent(event, state)
        step = step_after(
            event,
            state,
            then=await self._calls.afterwards.of(call_id),
            has_room=self._calls.may_go_on(),
            transfer_number=self._services.profiles.transfer_number(agent.slug),
        )
        if step is None:
            return None
        if isinstance(step.deed, Stream):
            log.warning("%s; the call is taken up again", _WHY[step.deed.unreached])
        return structs.replace(step, language=agent.facts.language)

    async def _agent(self, event: Event, state: State) -> AgentProfile:
        """Whose call it is: looked up where it talked, by the number that was called where none did."""
        profiles = self._services.profiles
        if not (event.event_type.startswith("streaming.") or state.step == "colleague"):
            return profiles.of_number(event.payload.calls_to)
        try:
            conversation = await self._services.conversations.get(state.conversation_id)
        except StorageError as error:
            log.warning("whose a call is is not known (%s): the default agent's", error.code)
            conversation = None
        return profiles.get(conversation.agent if conversation is not None else None)

    async def _first_step(self, event: Event) -> Step:
        """The same, however often the call is told of: it may itself have taken the last place."""
        call_id = event.payload.call_control_id
        wish = f"{_TALKS if await self._calls.may_come_in() else _NO_ROOM}{secrets.token_hex(12)}"
        settled = await self._settled.settle(f"call:{call_mark(call_id)}", wish)
        if settled.startswith(_TALKS):
            return Step(call_id, Stream(settled, 1))
        if settled == wish:
            self._calls.refused()
        return Step(call_id, PickUp())

    # The call itself

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """Raises Problem before the upgrade."""
        ticket = opened_ticket(request.match_info["ticket"], self._api_key, self._services.utc_now().timestamp())
        if ticket is None or await self._is_used(ticket):
            log.warning("a media stream without a ticket of ours")
            raise Problem(403, "invalid_ticket", "Only a call that was answered here may stream, once.")
        with self._services.admission.admit(promised=True):
            socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, compress=False)
            await socket.prepare(request)
            try:
                await self._take_call(socket, ticket, request)
            finally:
                await socket.close()
        return socket

    async def _is_used(self, ticket: Ticket) -> bool:
        mine = secrets.token_hex(8)
        return await self._settled.settle(f"ticket:{ticket.serial}", mine) != mine

    async def _take_call(self, socket: web.WebSocketResponse, ticket: Ticket, request: web.Request) -> None:
        stream = TelnyxStream(socket)
        start = await stream.started()
        if start is None or call_mark(start.start.call_control_id) != ticket.mark:
            log.warning("a media stream of another call than its ticket's")
            return
        step = await self._talked(stream, start.start, ticket)
        if step is None or stream.was_stopped:
            return  # whoever is told that the stream ended goes on; or the call is over, or does without an agent
        try:
            await self._commands.carry_out(step, request)
        except CarrierError as error:
            log.warning("a call cannot be ended now: %s", error.code)  # it is tried again when the stream's end is told

    async def _talked(self, stream: TelnyxStream, details: StartDetails, ticket: Ticket) -> Step | None:
        """The conversation, and what is to become of the call; None: its stream broke."""
        call_id, profiles = details.call_control_id, self._services.profiles
        if details.media_format.known is None:
            log.error("a call comes in %s: allow PCMU and PCMA alone at Telnyx", details.media_format.encoding[:20])
            agent = profiles.of_number(details.calls_to)
            step = elsewhere(call_id, profiles.transfer_number(agent.slug), apologies.BROKEN, ticket.call)
            return structs.replace(step, language=agent.facts.language)
        opening = await self._opening(ticket, details)
        then = await self._calls.converse(stream, opening, call_id)
        if then is None:
            return None
        number, language = profiles.transfer_number(opening.agent), profiles.get(opening.agent).facts.language
        step = for_caller(
            call_id, then, number, conversation_id=ticket.conversation_id, streams=ticket.stream, call=ticket.call
        )
        return structs.replace(step, language=language)

    async def _opening(self, ticket: Ticket, details: StartDetails) -> Opening:
        opening = await (self._called.people if ticket.call else self._calls).opening(
            ticket.conversation_id,
            call_id=details.call_control_id,
            calls_from=(details.calls_from or "")[:64],
            calls_to=(details.calls_to or "")[:64],
        )
        if not ticket.continued:
            return opening
        return structs.replace(await self._calls.continued(opening), unreached=ticket.unreached)
