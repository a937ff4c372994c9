"""Telnyx's API, as far as calls need it (Telnyx, "Call Commands").

None is made twice here, and its ``command_id`` lets Telnyx pass over one that another process made already.
"""

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

import aiohttp
import msgspec
from aiohttp import hdrs
from msgspec import Struct

from agent_server.telephony.outbound.carrier import CarrierError

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
        self._headers = {hdrs.AUTHORIZATION: f"Bearer {api_key}"}
        self._session: aiohttp.ClientSession | None = None

    async def command(self, call_id: str, action: str, key: str, body: dict[str, Any]) -> bool:
        """False: the call is over. ``key``: one for all that are to be done once. Raises CarrierError:
        ``carrier_unreachable`` when it may be asked again."""
        path = f"/calls/{quote(call_id, safe='')}/actions/{action}"
        try:
            status, answer = await self.ask("POST", path, {**body, "command_id": command_id(f"{call_id} {key}")})
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CarrierError("carrier_unreachable", "The carrier did not answer.") from error
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

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        """Status and answer. Raises what aiohttp does, and TimeoutError."""
        async with self._client.request(method, f"{self._base}{path}", json=body, allow_redirects=False) as reply:
            return reply.status, await reply.read()

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=DEADLINE_S)
            # A connection for each request: on one that was kept, aiohttp sends again what broke off.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=timeout, trust_env=True, connector=connector
            )
        return self._session


def codes_of(body: bytes) -> set[str]:
    try:
        return {str(error.code) for error in msgspec.json.decode(body, type=_Errors).errors if error.code is not None}
    except msgspec.MsgspecError:
        return set()


def command_id(what: str) -> str:
    """The same for the same thing, whichever process does it."""
    return str(uuid5(_COMMANDS, what))
