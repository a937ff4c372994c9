"""Requests to a carrier's API, none of which is made twice, whichever carrier it is."""

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import msgspec

from agent_server.telephony.outbound.carrier import Answer, CarrierError, NotKnown, NotMade


class CarrierHttp:
    def __init__(self, headers: Mapping[str, str], *, deadline_s: float) -> None:
        self._headers = headers
        self._deadline_s = deadline_s
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, url: str, **body: Any) -> tuple[int, bytes]:
        """Status and answer. ``body``: as aiohttp takes it. Raises CarrierError ``carrier_unreachable``: it may have
        been done."""
        try:
            return await self._request(method, url, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CarrierError("carrier_unreachable", "The carrier did not answer.") from error

    async def dial(self, url: str, read: Callable[[int, bytes], Answer], **body: Any) -> Answer:
        """``read`` tells what an answer says of the call."""
        try:
            status, answer = await self._request("POST", url, body)
        except aiohttp.ClientConnectorError:
            return NotMade("carrier_unreachable", "The carrier cannot be reached; nobody was called.")
        except (aiohttp.ClientError, TimeoutError) as error:
            return NotKnown(type(error).__name__)
        return read(status, answer)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _request(self, method: str, url: str, body: Mapping[str, Any]) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=self._deadline_s),
                trust_env=True,
                # A connection for each request: on one that was kept, aiohttp sends again what broke off.
                connector=aiohttp.TCPConnector(force_close=True),
            )
        async with self._session.request(method, url, allow_redirects=False, **body) as reply:
            return reply.status, await reply.read()


def decoded(status: int, body: bytes, kind: type[Any]) -> Any:
    """The answer to a question. Raises CarrierError."""
    if status != 200:
        raise CarrierError("carrier_refused", f"The carrier refused ({status}).")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise CarrierError("carrier_unreadable", "The carrier's answer is none.") from error
