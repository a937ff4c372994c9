"""What Twilio tells and asks of calls we made: somebody answered, who, and how it ended."""

from collections.abc import Mapping

from aiohttp import web

from agent_server.hosting.opening import Opening
from agent_server.services import Services
from agent_server.telephony.outbound.answering import CalledPeople
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.twilio.dialling import status_of
from agent_server.telephony.twilio.ticket import Ticket
from agent_server.telephony.twilio.webhooks import TwilioWebhooks
from storage.calls.outbound import OutboundCall


class TwilioCalled:
    """Handlers of ``TwilioDoor``. All raise Problem for a call that is none of ours."""

    def __init__(self, services: Services, webhooks: TwilioWebhooks) -> None:
        self._called = CalledPeople(services, "twilio")
        self._webhooks = webhooks

    async def status(self, request: web.Request) -> web.Response:
        form = await self._webhooks.form(request)
        status = status_of(form.get("CallStatus", ""))
        await self._called.tell(_call_id(request), News(carrier_call_id=form["CallSid"], status=status))
        return web.Response(status=204)

    async def answered_by(self, request: web.Request) -> web.Response:
        """A voicemail is told of after its beep."""
        form = await self._webhooks.form(request)
        await self._called.answered_by(_call_id(request), form["CallSid"], form.get("AnsweredBy", "")[:64])
        return web.Response(status=204)

    async def answered(self, request: web.Request, form: Mapping[str, str]) -> OutboundCall | None:
        """The call, to be talked. None: nobody wants it any more."""
        return await self._called.answered(_call_id(request), form["CallSid"])

    async def opening(self, ticket: Ticket) -> Opening:
        return await self._called.opening(
            ticket.conversation_id, call_id=ticket.call_sid, calls_from=ticket.calls_from, calls_to=ticket.calls_to
        )


def _call_id(request: web.Request) -> str:
    return request.query.get("call", "")
