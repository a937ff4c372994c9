"""Loads one page in a remote browser over the Chrome DevTools Protocol (chromedevtools.github.io/devtools-protocol)."""

import asyncio
import itertools
from typing import Any, Protocol

import msgspec
from aiohttp import ClientWebSocketResponse, WSMsgType
from msgspec import Struct

from crm.errors import DeadlineExceeded, ProviderUnavailable

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
_POLL_S = 0.25
_READ = "JSON.stringify({url: location.href, ready: document.readyState, html: document.documentElement.outerHTML})"


class LoadedPage(Struct, frozen=True):
    """Where the browser ended up, and what stood there."""

    url: str
    html: str
    ready: str = "complete"


class SocketOpener(Protocol):
    def socket(self, url: str, *, timeout_s: float, max_message_bytes: int) -> Any: ...


async def load(opener: SocketOpener, connect_url: str, page_url: str, *, timeout_s: float) -> LoadedPage:
    """The page once it is loaded. Raises ProviderUnavailable, DeadlineExceeded."""
    try:
        async with asyncio.timeout(timeout_s):
            async with opener.socket(connect_url, timeout_s=timeout_s, max_message_bytes=MAX_MESSAGE_BYTES) as line:
                return await _load(_DevTools(line), page_url)
    except TimeoutError as error:
        raise DeadlineExceeded("page_timeout", f"the page did not load within {timeout_s:.0f} s") from error
    except (KeyError, TypeError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ProviderUnavailable("browser_misread", "the remote browser does not speak the protocol") from error


async def _load(browser: "_DevTools", page_url: str) -> LoadedPage:
    targets = (await browser.call("Target.getTargets"))["targetInfos"]
    page = next((target for target in targets if target["type"] == "page"), None)
    if page is None:
        page = await browser.call("Target.createTarget", url="about:blank")
    attached = await browser.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
    browser.session_id = attached["sessionId"]
    went = await browser.call("Page.navigate", url=page_url)
    if went.get("errorText"):
        raise ProviderUnavailable("page_unreachable", "the remote browser could not open the page")
    while True:
        answer = await browser.call("Runtime.evaluate", expression=_READ, returnByValue=True)
        loaded = msgspec.json.decode(answer["result"]["value"], type=LoadedPage)
        if loaded.ready == "complete" and loaded.url != "about:blank":
            return loaded
        await asyncio.sleep(_POLL_S)


class _DevTools:
    """Commands, one after the other; events in between are of no interest here."""

    def __init__(self, line: ClientWebSocketResponse) -> None:
        self._line = line
        self._ids = itertools.count(1)
        self.session_id: str | None = None

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        command: dict[str, Any] = {"id": next(self._ids), "method": method, "params": params}
        if self.session_id is not None:
            command["sessionId"] = self.session_id
        await self._line.send_str(msgspec.json.encode(command).decode())
        while True:
            message = await self._line.receive()
            if message.type is not WSMsgType.TEXT:
                raise ProviderUnavailable("connection_dropped", "the remote browser closed the line")
            answer = msgspec.json.decode(message.data, type=dict[str, Any])
            if answer.get("id") == command["id"]:
                break
        if "result" not in answer:
            raise ProviderUnavailable("browser_refused", f"the remote browser refused {method}")
        result: dict[str, Any] = answer["result"]
        return result
