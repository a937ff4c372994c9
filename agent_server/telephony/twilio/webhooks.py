"""What Twilio asks of us, proven to be Twilio's."""

import logging
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from agent_server.services import Services
from agent_server.telephony.addresses import public_address
from agent_server.telephony.twilio.signature import is_signed
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body

log = logging.getLogger(__name__)

SIGNATURE = "X-Twilio-Signature"
MAX_FORM_BYTES = 64 * 1024


class TwilioWebhooks:
    """Of one account. There when ``TWILIO_AUTH_TOKEN`` is set."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings

    async def form(self, request: web.Request) -> dict[str, str]:
        """The parameters of a webhook. Raises Problem."""
        body = await read_body(request, max_bytes=MAX_FORM_BYTES)
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
        except ValueError:
            raise Problem(400, "unreadable_body", "The body is no form.") from None
        address = self.address(request, request.rel_url.raw_path_qs)
        form = dict(pairs)
        account = self._settings.telephony.twilio_account_sid
        if not is_signed(request.headers.get(SIGNATURE), self.token, address, pairs):
            raise _not_twilio(request)
        if "CallSid" not in form or (account is not None and form.get("AccountSid") != account):
            raise Problem(403, "wrong_account", "This is no call of the account that is configured.")
        return form

    def check_socket(self, request: web.Request, path: str) -> None:
        """Raises Problem."""
        address = self.address(request, path, socket=True)
        if not is_signed(request.headers.get(SIGNATURE), self.token, address):
            raise _not_twilio(request)

    def address(self, request: web.Request, path: str, *, socket: bool = False) -> str:
        return public_address(self._settings, request, path, socket=socket)

    @property
    def token(self) -> str:
        token = self._settings.telephony.twilio_auth_token
        assert token is not None, "the door is there when it is set"
        return token


def twiml_answer(document: bytes) -> web.Response:
    return web.Response(body=document, content_type="text/xml", headers={hdrs.CACHE_CONTROL: "no-store"})


def _not_twilio(request: web.Request) -> Problem:
    given = "wrong" if SIGNATURE in request.headers else "no"
    log.warning("a request with %s signature of Twilio's", given)
    return Problem(403, "invalid_signature", "Only Twilio may call this. Check TWILIO_AUTH_TOKEN and PUBLIC_URL.")
