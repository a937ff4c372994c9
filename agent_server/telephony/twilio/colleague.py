"""The colleague's part of a call that is put through: hears who calls and why, and takes the call by pressing a key."""

from aiohttp import web

from agent_server.services import Services
from agent_server.telephony.announcing import Announcing
from agent_server.telephony.apologies import voice_tag
from agent_server.telephony.twilio import twiml
from agent_server.telephony.twilio.so_far import so_far_of
from agent_server.telephony.twilio.webhooks import TwilioWebhooks, twiml_answer
from pipelines.language.words import said

COLLEAGUE, ACCEPTED = (f"/telephony/twilio/colleague{rest}" for rest in ("", "/accepted"))

PRESS = "Press any key to take the call."


class TwilioColleague:
    """Handlers of ``TwilioDoor``."""

    def __init__(self, services: Services, webhooks: TwilioWebhooks) -> None:
        self._services = services
        self._wants_key = services.settings.telephony.transfer_announcement == "key"
        self._announcing = Announcing(services)
        self._webhooks = webhooks

    async def answered(self, request: web.Request) -> web.Response:
        """Somebody, or a voicemail, has picked up."""
        await self._webhooks.form(request)
        so_far = so_far_of(request)
        language = self._services.profiles.get(so_far.agent).facts.language
        text, voice = await self._announcing.text(so_far.conversation_id, language), voice_tag(language)
        if not self._wants_key:
            return twiml_answer(twiml.say(text, voice))
        told = f"{text} {said(PRESS, language)}"
        return twiml_answer(twiml.ask_for_key(told, self._webhooks.address(request, ACCEPTED), voice))

    async def accepted(self, request: web.Request) -> web.Response:
        """A key was pressed."""
        await self._webhooks.form(request)
        return twiml_answer(twiml.nothing_more())
