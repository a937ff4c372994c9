"""One calendar on a CalDAV server (RFC 4791): its events, and putting one there.

With a user's name and password (basic or digest). Servers that take nothing but OAuth, as Google's, are not reached.
"""

import asyncio
from collections.abc import Coroutine
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from pipelines.calendar.port import Slot
from pipelines.loading import loaded

if TYPE_CHECKING:
    from caldav.aio import AsyncDAVClient
    from caldav.response import CalendarQueryResult, DAVResponse

READ_DEADLINE_S = 3.0
WRITE_DEADLINE_S = 10.0
LOAD_DEADLINE_S = 30.0
_CODES = {401: "caldav_unauthorised", 403: "caldav_forbidden", 404: "caldav_not_found"}


class CaldavError(Exception):
    """``caldav_unreachable``, ``caldav_timeout``, ``caldav_unauthorised``, ``caldav_not_found``, ``caldav_status_507``,
    ..."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CaldavServer:
    """Every method raises CaldavError within its deadline. ``close`` it."""

    def __init__(self, url: str, username: str | None, password: str | None) -> None:
        """``url``: of the calendar itself."""
        self._url = url.rstrip("/") + "/"
        self._username = username
        self._password = password
        self._client: AsyncDAVClient | None = None
        self._opening = asyncio.Lock()

    async def load(self) -> "AsyncDAVClient":
        """The library takes over a second to load, so it is loaded in a thread, once somebody asks."""
        async with self._opening:
            if self._client is None:
                try:
                    async with asyncio.timeout(LOAD_DEADLINE_S):
                        aio = await loaded(partial(import_module, "caldav.aio"))
                except TimeoutError:
                    raise CaldavError("caldav_timeout") from None
                self._client = aio.AsyncDAVClient(
                    url=self._url,
                    username=self._username,
                    password=self._password,
                    timeout=int(WRITE_DEADLINE_S),
                    enable_rfc6764=False,
                    rate_limit_handle=False,
                )
            return self._client

    async def events(self, within: Slot) -> list[str]:
        """Everything that may take time within, as iCalendar texts. Repeated events come once."""
        client = await self.load()
        query = client.calendar_query(self._url, start=within.start, end=within.end, event=True)
        reply = await _answered(query, READ_DEADLINE_S)
        found = cast("list[CalendarQueryResult]", reply.results or [])
        return [each.calendar_data for each in found if each.calendar_data]

    async def put(self, name: str, event: bytes) -> None:
        """Under a name of its own; what has it already is replaced."""
        client = await self.load()
        address = f"{self._url}{quote(name, safe='')}.ics"
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        await _answered(client.put(address, event.decode(), headers), WRITE_DEADLINE_S)

    async def check(self) -> None:
        """Also raises CaldavError ``caldav_no_calendar`` for an address that is something else."""
        client = await self.load()
        body = '<propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
        reply = await _answered(client.propfind(self._url, body, depth=0), READ_DEADLINE_S)
        if b"urn:ietf:params:xml:ns:caldav" not in _raw(reply):
            raise CaldavError("caldav_no_calendar")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


async def _answered(request: "Coroutine[Any, Any, DAVResponse]", deadline_s: float) -> "DAVResponse":
    from caldav.lib.error import AuthorizationError, DAVError  # noqa: PLC0415 - loaded already

    try:
        async with asyncio.timeout(deadline_s):
            reply = await request
    except TimeoutError:
        raise CaldavError("caldav_timeout") from None
    except AuthorizationError:
        raise CaldavError("caldav_unauthorised") from None
    except DAVError:
        raise CaldavError("caldav_error") from None
    except Exception as error:  # the library passes on what its HTTP and XML libraries raise
        raise CaldavError("caldav_unreachable" if isinstance(error, OSError) else "caldav_error") from None
    if reply.status >= 300:
        raise CaldavError(_CODES.get(reply.status, f"caldav_status_{reply.status}"))
    return reply


def _raw(reply: "DAVResponse") -> bytes:
    raw = reply._raw
    return raw.encode() if isinstance(raw, str) else bytes(raw or b"")
