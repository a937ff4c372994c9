"""Carries out at Telnyx what is to be done with a call."""

import logging
import secrets
from typing import Any

from aiohttp import web

from agent_server.services import Services
from agent_server.telephony.addresses import public_address
from agent_server.telephony.apologies import voice_tag
from agent_server.telephony.outbound.carrier import CarrierError
from agent_server.telephony.telnyx.rest import TelnyxRest
from agent_server.telephony.telnyx.states import VALID_S, State, Ticket, call_mark, sealed_state, sealed_ticket
from agent_server.telephony.telnyx.steps import (
    VOICE,
    Deed,
    HangUp,
    PickUp,
    PutThrough,
    Step,
    Stream,
    Tell,
    instead,
    key,
)
from pipelines.language.words import said

log = logging.getLogger(__name__)

MEDIA = "/telephony/telnyx/media"
RING_S = 25


class TelnyxCommands:
    def __init__(self, services: Services, rest: TelnyxRest, api_key: str) -> None:
        self._services = services
        self._rest = rest
        self._api_key = api_key

    async def carry_out(self, step: Step, request: web.Request) -> None:
        """What is refused is followed by what is left to do. Raises CarrierError ``carrier_unreachable``."""
        next_step: Step | None = step
        while next_step is not None:
            step, next_step = next_step, None
            try:
                await self._command(step, request)
            except CarrierError as error:
                if error.code == "carrier_unreachable":
                    raise
                log.warning("the carrier refused to %s a call: %s (%s)", _action(step.deed), error, error.code)
                next_step = instead(step)

    async def _command(self, step: Step, request: web.Request) -> None:
        deed = step.deed
        if not await self._rest.command(step.call_id, _action(deed), key(deed), self._body(step, request)):
            log.info("a call is over before the carrier could %s it", _action(deed))

    def _body(self, step: Step, request: web.Request) -> dict[str, Any]:
        match step.deed:
            case Stream(conversation_id=conversation_id, number=number, unreached=unreached):
                state = State("talking", conversation_id, number, call=step.call)
                streaming = self._streaming(step.call_id, state, request, unreached=unreached)
                return {**streaming, **self._told(state)}
            case PickUp():
                return self._told(State("waiting"))
            case PutThrough(number, conversation_id, streams):
                colleague = State("colleague", conversation_id, streams, caller=step.call_id, call=step.call)
                return {
                    "to": number,
                    "timeout_secs": RING_S,
                    "target_leg_client_state": sealed_state(colleague, self._api_key),
                    **self._told(State("put_through", call=step.call)),
                }
            case Tell(text):
                spoken = {"payload": said(text, step.language), **VOICE, "language": voice_tag(step.language)}
                return {**spoken, **self._told(State("told", call=step.call))}
            case HangUp():
                return {}

    def _streaming(self, call_id: str, state: State, request: web.Request, *, unreached: bool) -> dict[str, Any]:
        ticket = Ticket(
            serial=secrets.token_hex(8),
            mark=call_mark(call_id),
            conversation_id=state.conversation_id,
            continued=state.streams > 1,
            expires_at=self._services.utc_now().timestamp() + VALID_S,
            call=state.call,
            stream=state.streams,
            unreached=unreached,
        )
        path = f"{MEDIA}/{sealed_ticket(ticket, self._api_key)}"
        return {
            "stream_url": public_address(self._services.settings, request, path, socket=True),
            "stream_track": "inbound_track",
            "stream_codec": "PCMU",
            "stream_bidirectional_mode": "rtp",  # without it nothing that is sent is played
            "stream_bidirectional_codec": "PCMU",
            "stream_bidirectional_sampling_rate": 8000,
        }

    def _told(self, state: State) -> dict[str, str]:
        return {"client_state": sealed_state(state, self._api_key)}


def _action(deed: Deed) -> str:
    match deed:
        case Stream(number=1, outbound=False) | PickUp():
            return "answer"
        case Stream():
            return "streaming_start"
        case PutThrough():
            return "transfer"
        case Tell():
            return "speak"
        case HangUp():
            return "hangup"
