"""``/telephony/twilio/…``: a call comes in, its audio is streamed, and Twilio asks what to do when that ends.

The voice webhook answers with a stream and, behind it, an address to ask when the stream ends. What that says depends
on why it ended: the agent hung up, or puts the caller through; or the process died, and then the call goes on with
whichever process answers, in the same conversation. So it does when nobody takes a call that is put through.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Mapping

from aiohttp import web
from msgspec import structs

from agent_server.hosting.host import ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.services import Services
from agent_server.telephony import apologies
from agent_server.telephony.conversing import PhoneCalls
from agent_server.telephony.media_stream import MOST_STREAMS
from agent_server.telephony.twilio import twiml
from agent_server.telephony.twilio.called import TwilioCalled
from agent_server.telephony.twilio.colleague import ACCEPTED, COLLEAGUE, TwilioColleague
from agent_server.telephony.twilio.dialling import ANSWERED_BY, OUTBOUND, STATUS
from agent_server.telephony.twilio.so_far import SoFar, is_over, so_far_of, was_connected
from agent_server.telephony.twilio.stream import TwilioStream
from agent_server.telephony.twilio.ticket import VALID_S, Ticket, opened, sealed
from agent_server.telephony.twilio.webhooks import TwilioWebhooks, twiml_answer
from agent_server.telephony.twilio.wire import Start
from agent_server.telephony.wire import MAX_MESSAGE_BYTES
from pipelines.language.words import said

log = logging.getLogger(__name__)

VOICE, AFTERWARDS, DIALLED, MEDIA = (
    f"/telephony/twilio/{name}" for name in ("voice", "afterwards", "dialled", "media")
)


class TwilioDoor:
    """There when ``TWILIO_AUTH_TOKEN`` is set."""

    def __init__(self, services: Services, host: ConversationHost) -> None:
        self._services = services
        self._settings = services.settings.telephony
        self._calls = PhoneCalls(services, host, "twilio")
        self._webhooks = TwilioWebhooks(services)
        self._outbound = TwilioCalled(services, self._webhooks)
        self._colleague = TwilioColleague(services, self._webhooks)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(VOICE, self.answer),
            web.post(AFTERWARDS, self.go_on),
            web.post(DIALLED, self.after_dialling),
            web.post(COLLEAGUE, self._colleague.answered),
            web.post(ACCEPTED, self._colleague.accepted),
            web.get(MEDIA, self.stream),
            web.post(OUTBOUND, self.begin_outbound),
            web.post(STATUS, self._outbound.status),
            web.post(ANSWERED_BY, self._outbound.answered_by),
        ]

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """For an application's ``cleanup_ctx``."""
        async with self._calls.made_ready():
            yield

    # What Twilio asks

    async def answer(self, request: web.Request) -> web.Response:
        """A call comes in."""
        form = await self._webhooks.form(request)
        agent = self._services.profiles.of_number(form.get("To")).slug
        if not await self._calls.may_come_in():
            self._calls.refused()
            return self._elsewhere(request, apologies.BUSY, agent)
        return self._streaming(request, form, f"conv_{secrets.token_hex(12)}", streams=1, agent=agent)

    async def begin_outbound(self, request: web.Request) -> web.Response:
        """Somebody we call has answered."""
        form = await self._webhooks.form(request)
        call = await self._outbound.answered(request, form)
        if call is None:
            return twiml_answer(twiml.hang_up())
        if not self._calls.may_go_on():  # a line is kept for it
            self._calls.refused()
            return self._elsewhere(request, apologies.NOT_NOW, call.agent)
        return self._streaming(request, form, call.conversation_id, streams=1, agent=call.agent)

    async def go_on(self, request: web.Request) -> web.Response:
        """The stream of a call ended, and its caller is still there."""
        form = await self._webhooks.form(request)
        so_far = so_far_of(request)
        match await self._calls.afterwards.of(form["CallSid"]):
            case "hang_up":
                return twiml_answer(twiml.hang_up())
            case "transfer":
                return self._elsewhere(request, apologies.NOBODY_FREE, so_far.agent)
        if not self._can_go_on(so_far):
            return self._elsewhere(request, apologies.BROKEN, so_far.agent)
        log.warning("the stream of a call broke; it is taken up again")
        return self._streaming(request, form, so_far.conversation_id, streams=so_far.streams + 1, agent=so_far.agent)

    async def after_dialling(self, request: web.Request) -> web.Response:
        """The colleague's part of the call is over; or nobody took the call, and the agent goes on with it."""
        form = await self._webhooks.form(request)
        if was_connected(form) or is_over(form):
            return twiml_answer(twiml.hang_up())
        log.warning("nobody took a call that was put through: %s", form.get("DialCallStatus"))
        so_far = so_far_of(request)
        if not self._can_go_on(so_far):
            return self._told(apologies.NOBODY_FREE, so_far.agent)
        return self._streaming(
            request, form, so_far.conversation_id, streams=so_far.streams + 1, agent=so_far.agent, unreached=True
        )

    def _can_go_on(self, so_far: SoFar) -> bool:
        is_known = bool(so_far.conversation_id) and 0 < so_far.streams < MOST_STREAMS
        return is_known and self._calls.may_go_on()

    def _streaming(
        self,
        request: web.Request,
        form: Mapping[str, str],
        conversation_id: str,
        *,
        streams: int,
        agent: str | None,
        unreached: bool = False,
    ) -> web.Response:
        """``agent``: the slug of who talks, who says to whom one is put through."""
        ticket = Ticket(
            call_sid=form["CallSid"],
            conversation_id=conversation_id,
            calls_from=form.get("From", "")[:64],
            calls_to=form.get("To", "")[:64],
            continued=streams > 1,
            expires_at=self._services.utc_now().timestamp() + VALID_S,
            outbound=form.get("Direction", "").startswith("outbound"),
            unreached=unreached,
        )
        query = SoFar(conversation_id, streams, agent or "").query
        return twiml_answer(
            twiml.stream(
                self._webhooks.address(request, MEDIA, socket=True),
                sealed(ticket, self._webhooks.token),
                f"{self._webhooks.address(request, AFTERWARDS)}?{query}",
            )
        )

    def _elsewhere(self, request: web.Request, otherwise: str, agent: str | None) -> web.Response:
        """To a colleague where there is one; else the caller is at least told."""
        number = self._services.profiles.transfer_number(agent)
        if number is None:
            return self._told(otherwise, agent)
        query = structs.replace(so_far_of(request), agent=agent or "").query
        afterwards, first = (f"{self._webhooks.address(request, path)}?{query}" for path in (DIALLED, COLLEAGUE))
        tells = self._settings.transfer_announcement != "off"
        return twiml_answer(twiml.dial(number, afterwards, first=first if tells else None))

    def _told(self, apology: str, agent: str | None) -> web.Response:
        language = self._services.profiles.get(agent).facts.language
        return twiml_answer(twiml.say_and_hang_up(said(apology, language), apologies.voice_tag(language)))

    # The call itself

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """Raises Problem before the upgrade."""
        self._webhooks.check_socket(request, MEDIA)
        with self._services.admission.admit(promised=True):
            socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, compress=False)
            await socket.prepare(request)
            try:
                await self._take_call(socket)
            finally:
                await socket.close()
        return socket

    async def _take_call(self, socket: web.WebSocketResponse) -> None:
        stream = TwilioStream(socket)
        start = await stream.started()
        opening = await self._opening(start) if start is not None else None
        if start is None or opening is None:
            log.warning("a media stream without a call of ours")
            return
        await self._calls.converse(stream, opening, start.start.call_sid)

    async def _opening(self, start: Start) -> Opening | None:
        """None: nobody here answered this call."""
        services, call_sid = self._services, start.start.call_sid
        ticket = opened(
            start.start.custom_parameters.get("ticket", ""),
            self._webhooks.token,
            call_sid=call_sid,
            now_s=services.utc_now().timestamp(),
        )
        if ticket is None:
            return None
        if ticket.outbound:
            opening = await self._outbound.opening(ticket)
        else:
            opening = await self._calls.opening(
                ticket.conversation_id, call_id=call_sid, calls_from=ticket.calls_from, calls_to=ticket.calls_to
            )
        if not ticket.continued:
            return opening
        return structs.replace(await self._calls.continued(opening), unreached=ticket.unreached)
