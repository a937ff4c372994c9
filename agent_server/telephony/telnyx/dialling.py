"""Calls to people through Telnyx (Telnyx, "Dial", "Call Information"). Nobody is dialled twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from agent_server.telephony.carrier_http import decoded
from agent_server.telephony.outbound.carrier import Answer, Made, NotKnown, NotMade
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.telnyx.rest import TelnyxRest, codes_of, command_id
from agent_server.telephony.telnyx.states import State, opened_state, sealed_state
from agent_server.telephony.telnyx.steps import VOICE

RING_S: Final = 30
LONGEST_S: Final = 14_400
"""Telnyx's own limit, and the least is a minute."""

MOST_LISTED: Final = 250
WEBHOOK: Final = "/telephony/telnyx/calls"

_INVALID_NUMBER: Final = frozenset({"10002", "10016"})
"""Telnyx's codes for a "to" that is no number."""


class _Call(Struct, frozen=True):
    call_control_id: str
    client_state: str | None = None
    is_alive: bool = True


class _One(Struct, frozen=True):
    data: _Call


class _Many(Struct, frozen=True):
    data: tuple[_Call, ...] = ()


class TelnyxDialling:
    """Implements ``telephony.outbound.carrier.Carrier``."""

    name = "telnyx"
    lists_ended = False

    def __init__(self, api_base: str, api_key: str, connection_id: str, calls_from: str) -> None:
        self.account = f"telnyx {connection_id}"
        self._connection_id = connection_id
        self.calls_from = calls_from
        self._api_key = api_key
        self._rest = TelnyxRest(api_base, api_key)

    async def dial(self, number: str, *, call_id: str, base_url: str, longest_s: int) -> Answer:
        body = {
            "connection_id": self._connection_id,
            "to": number,
            "from": self.calls_from,
            "webhook_url": f"{base_url}{WEBHOOK}",
            "client_state": sealed_state(State("dialled", call=call_id), self._api_key),
            "command_id": command_id(f"{call_id} dial"),
            "timeout_secs": RING_S,
            "time_limit_secs": min(max(longest_s, 60), LONGEST_S),
            "answering_machine_detection": "premium",
        }
        return await self._rest.dial(body, _answer)

    async def hang_up(self, carrier_call_id: str) -> None:
        await self._rest.command(carrier_call_id, "hangup", "hang up", {})

    async def leave_message(self, carrier_call_id: str, text: str, *, call_id: str, voice: str) -> None:
        told = {"client_state": sealed_state(State("told", call=call_id), self._api_key)}
        if await self._rest.command(carrier_call_id, "streaming_stop", "stop for message", told):
            spoken = {"payload": text, **VOICE, "language": voice, **told}
            await self._rest.command(carrier_call_id, "speak", "leave message", spoken)

    async def news_of(self, carrier_call_id: str) -> News | None:
        """Of a call that is over Telnyx does not tell how it ended."""
        status, answer = await self._rest.get(f"/calls/{quote(carrier_call_id, safe='')}")
        if status == 404:
            return None
        return _news(decoded(status, answer, _One).data)

    async def dialled(self, number: str, since: datetime, until: datetime, *, call_id: str) -> Sequence[News]:
        """Those under way; of others their webhooks tell."""
        path = f"/connections/{quote(self._connection_id, safe='')}/active_calls?page[limit]={MOST_LISTED}"
        found = decoded(*await self._rest.get(path), _Many)
        return [_news(call) for call in found.data if self._is_of(call, call_id)]

    async def aclose(self) -> None:
        await self._rest.aclose()

    def _is_of(self, call: _Call, call_id: str) -> bool:
        state = opened_state(call.client_state, self._api_key)
        return state is not None and state.call == call_id


def _answer(status: int, body: bytes) -> Answer:
    if status in (200, 201):
        try:
            return Made(msgspec.json.decode(body, type=_One).data.call_control_id)
        except msgspec.MsgspecError:
            return NotKnown("unreadable")
    if status == 429:
        return NotMade("lines_busy", "The carrier takes no more calls just now.")
    if status == 401:
        return NotMade("carrier_unauthorised", "The carrier refuses TELNYX_API_KEY.")
    if 400 <= status < 500:
        codes = codes_of(body)
        told = ", ".join(sorted(codes)) or status
        if codes & _INVALID_NUMBER:
            return NotMade("number_invalid", f"The carrier cannot call this number ({told}).")
        return NotMade("carrier_refused", f"The carrier refused the call ({told}).")
    return NotKnown(f"status_{status}")


def _news(call: _Call) -> News:
    return News(carrier_call_id=call.call_control_id, status=None if call.is_alive else "completed", is_sure=False)
