"""What Twilio tells and asks of calls we made: somebody answered, who, and how it ended."""

import logging
from collections.abc import Mapping

from aiohttp import web
from msgspec import structs

from agent_server.errors import Problem
from agent_server.realtime.opening import Opening
from agent_server.realtime.who_calls import lead_from
from agent_server.services import Services
from agent_server.telephony.outbound import opening as words
from agent_server.telephony.outbound.carrier import CarrierError
from agent_server.telephony.outbound.dialler import OUTBOUND_CALLS
from agent_server.telephony.outbound.progress import News, after_news, is_machine
from agent_server.telephony.twilio.rest import status_of
from agent_server.telephony.twilio.ticket import Ticket
from agent_server.telephony.twilio.webhooks import TwilioWebhooks
from storage.outbound_calls import OutboundCall

log = logging.getLogger(__name__)


class TwilioOutbound:
    """Handlers of ``TwilioDoor``."""

    def __init__(self, services: Services, webhooks: TwilioWebhooks) -> None:
        self._services = services
        self._webhooks = webhooks

    async def status(self, request: web.Request) -> web.Response:
        form = await self._webhooks.form(request)
        status = status_of(form.get("CallStatus", ""))
        await self._tell(request, News(carrier_call_id=form["CallSid"], status=status))
        return web.Response(status=204)

    async def answered_by(self, request: web.Request) -> web.Response:
        """A person, a voicemail after its beep, or a fax; it comes while the agent talks already."""
        form = await self._webhooks.form(request)
        who = form.get("AnsweredBy", "")[:64]
        call = await self._tell(request, News(carrier_call_id=form["CallSid"], answered_by=who))
        if call.is_open and (is_machine(who) or who == "fax"):
            await self._end_with(call, form["CallSid"], leaves_message=is_machine(who))
        return web.Response(status=204)

    async def answered(self, request: web.Request, form: Mapping[str, str]) -> OutboundCall | None:
        """The call, to be talked. None: nobody wants it any more."""
        call = await self._tell(request, News(carrier_call_id=form["CallSid"], status="in_progress"))
        is_wanted = call.is_open and not call.cancel_requested and call.carrier_call_id == form["CallSid"]
        return call if is_wanted else None

    async def opening(self, ticket: Ticket) -> Opening:
        """The conversation with somebody we called: the agent says who calls and why."""
        services, process = self._services, self._services.settings.process
        call = await services.calls.records.of_conversation(ticket.conversation_id)
        lead_id = call.lead_id if call is not None else None
        if lead_id is None:
            lead_id = await lead_from(services, ticket.calls_to, ticket.conversation_id)
        lead = await services.leads.get(lead_id) if lead_id is not None else None
        purpose = call.purpose if call is not None else None
        greeting = words.greeting(
            process.agent_name,
            process.company_name,
            name=lead.contact_name if lead is not None else None,
            purpose=purpose,
        )
        defaults = services.session_defaults
        told = f"{defaults.instructions} {words.instructions(greeting, purpose=purpose)}"
        return Opening(
            ticket.conversation_id,
            "phone",
            structs.replace(defaults, instructions=told),
            lead_id=lead_id,
            metadata={
                "carrier": "twilio",
                "call_id": ticket.call_sid,
                "calls_from": ticket.calls_from,
                "calls_to": ticket.calls_to,
                "direction": "outbound",
                "phone": ticket.calls_to,
            },
        )

    async def _end_with(self, call: OutboundCall, carrier_call_id: str, *, leaves_message: bool) -> None:
        """The agent's own stream ends with it."""
        carrier, settings = self._services.calls.carrier, self._services.settings
        if carrier is None:
            return
        leaves_message = leaves_message and settings.telephony.voicemail == "message"
        text = words.message(settings.process.agent_name, settings.process.company_name, purpose=call.purpose)
        try:
            if leaves_message:
                await self._keep_message(call.id, left=True)  # before the call can be over, and told of as it is then
                await carrier.leave_message(carrier_call_id, text)
            else:
                await carrier.hang_up(carrier_call_id)
        except CarrierError as error:
            log.warning("a call that a machine answered goes on: %s", error.code)
            if leaves_message:
                await self._keep_message(call.id, left=False)

    async def _keep_message(self, call_id: str, *, left: bool) -> None:
        await self._services.calls.records.change(call_id, lambda call: structs.replace(call, left_message=left))

    async def _tell(self, request: web.Request, news: News) -> OutboundCall:
        """Raises Problem for a call that is none of ours."""
        now = self._services.utc_now()
        was_open = False

        def change(call: OutboundCall) -> OutboundCall:
            nonlocal was_open
            was_open = call.is_open
            return after_news(call, news, now)

        call = await self._services.calls.records.change(request.query.get("call", ""), change)
        if call is None:
            raise Problem(404, "call_not_found", "There is no such call.")
        if was_open and not call.is_open:
            OUTBOUND_CALLS.labels(call.status).inc()
        return call
