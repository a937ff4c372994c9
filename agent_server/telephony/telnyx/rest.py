"""Telnyx's API, as far as calls need it (Telnyx, "Call Commands").

None is made twice here, and its ``command_id`` lets Telnyx pass over one that another process made already.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec
from aiohttp import hdrs
from msgspec import Struct

from agent_server.telephony.carrier_http import CarrierHttp
from agent_server.telephony.outbound.carrier import Answer, CarrierError

DEADLINE_S: Final = 8.0
_COMMANDS: Final = UUID("9d8f2a60-6d9e-4f0e-8f0b-3c1a7d1f5a11")
_OVER: Final = frozenset({"90015", "90018", "90053"})
"""Telnyx's codes for a call that is not there, or no longer."""


class _Error(Struct, frozen=True):
    code: str | int | None = None


class _Errors(Struct, frozen=True):
    errors: tuple[_Error, ...] = ()


class TelnyxRest:
    def __init__(self, api_base: str, api_key: str) -> None:
        self._base = api_base
        self._http = CarrierHttp({hdrs.AUTHORIZATION: f"Bearer {api_key}"}, deadline_s=DEADLINE_S)

    async def command(self, call_id: str, action: str, key: str, body: dict[str, Any]) -> bool:
        """False: the call is over. ``key``: one for all that are to be done once. Raises CarrierError:
        ``carrier_unreachable`` when it may be asked again."""
        path = f"/calls/{quote(call_id, safe='')}/actions/{action}"
        body = {**body, "command_id": command_id(f"{call_id} {key}")}
        status, answer = await self._http.ask("POST", f"{self._base}{path}", json=body)
        if status < 300:
            return True
        if status == 404 or (status == 422 and codes_of(answer) & _OVER):
            return False
        if status == 429 or status >= 500:
            raise CarrierError("carrier_unreachable", f"The carrier cannot do it just now ({status}).")
        if status in (401, 403):
            raise CarrierError("carrier_unauthorised", "The carrier refuses TELNYX_API_KEY.")
        codes = ", ".join(sorted(codes_of(answer)))
        raise CarrierError("carrier_refused", f"The carrier refused ({codes or status}).")

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and answer. Raises CarrierError ``carrier_unreachable``."""
        return await self._http.ask("GET", f"{self._base}{path}")

    async def dial(self, body: dict[str, Any], read: Callable[[int, bytes], Answer]) -> Answer:
        """``read`` tells what an answer says of the call."""
        return await self._http.dial(f"{self._base}/calls", read, json=body)

    async def aclose(self) -> None:
        await self._http.aclose()


def codes_of(body: bytes) -> set[str]:
    try:
        return {str(error.code) for error in msgspec.json.decode(body, type=_Errors).errors if error.code is not None}
    except msgspec.MsgspecError:
        return set()


def command_id(what: str) -> str:
    """The same for the same thing, whichever process does it."""
    return str(uuid5(_COMMANDS, what))
