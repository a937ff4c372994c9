"""The colleague's part of a call that is put through: hears who calls and why, and takes the call by pressing a key."""

from aiohttp import web

from agent_server.services import Services
from agent_server.telephony.announcing import Announcing
from agent_server.telephony.twilio import twiml
from agent_server.telephony.twilio.so_far import so_far_of
from agent_server.telephony.twilio.webhooks import TwilioWebhooks, twiml_answer

COLLEAGUE, ACCEPTED = (f"/telephony/twilio/colleague{rest}" for rest in ("", "/accepted"))

PRESS = "Press any key to take the call."


class TwilioColleague:
    """Handlers of ``TwilioDoor``."""

    def __init__(self, services: Services, webhooks: TwilioWebhooks) -> None:
        self._wants_key = services.settings.telephony.transfer_announcement == "key"
        self._announcing = Announcing(services)
        self._webhooks = webhooks

    async def answered(self, request: web.Request) -> web.Response:
        """Somebody, or a voicemail, has picked up."""
        await self._webhooks.form(request)
        text = await self._announcing.text(so_far_of(request).conversation_id)
        if not self._wants_key:
            return twiml_answer(twiml.say(text))
        return twiml_answer(twiml.ask_for_key(f"{text} {PRESS}", self._webhooks.address(request, ACCEPTED)))

    async def accepted(self, request: web.Request) -> web.Response:
        """A key was pressed."""
        await self._webhooks.form(request)
        return twiml_answer(twiml.nothing_more())
