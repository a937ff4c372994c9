"""A webhook that is there for as long as a command runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import aiohttp

from agent_server.cli.outcome import CommandError

_TIMEOUT = aiohttp.ClientTimeout(total=10)


Added = Callable[[str], AbstractAsyncContextManager[str]]
"""A webhook with this URL, and its secret, until the block ends."""


def added(server: str, key: str | None, *, events: Sequence[str], include_words: bool) -> Added:
    """Raises CommandError, once it is entered."""
    asked = {"events": [*events], "include_words": include_words}
    return lambda url: _added(server, key, {"url": url, "description": "sales-agent webhooks listen", **asked})


@asynccontextmanager
async def _added(server: str, key: str | None, body: dict[str, Any]) -> AsyncIterator[str]:
    """One with this URL, which a command left that was killed, is taken over."""
    if key is None:
        raise CommandError(f"A key is needed for {server}: give --api-key, or set SALES_AGENT_API_KEY.")
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT, trust_env=True) as session:
        made = await _ask(session, "POST", f"{server}/api/webhooks", body, taken_is_none=True)
        if made is None:
            found = await _ask(session, "GET", f"{server}/api/webhooks")
            (known,) = [one for one in found["items"] if one["url"] == body["url"]]
            place = f"{server}/api/webhooks/{known['id']}"
            await _ask(session, "PATCH", place, {**body, "enabled": True})
            secret = (await _ask(session, "POST", f"{place}/rotate-secret"))["secret"]
        else:
            place, secret = f"{server}/api/webhooks/{made['id']}", made["secret"]
        try:
            yield str(secret)
        finally:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(5), session.delete(place):
                    pass


async def _ask(
    session: aiohttp.ClientSession, method: str, address: str, body: Any = None, *, taken_is_none: bool = False
) -> Any:
    try:
        async with session.request(method, address, json=body) as answer:
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise CommandError(
            f"No server answers at {address.partition('/api/')[0]}; start one, or give --url."
        ) from error
    if answer.status < 400:
        return told
    refusal = told.get("error", {}) if isinstance(told, dict) else {}
    if taken_is_none and refusal.get("code") == "webhook_url_taken":
        return None
    raise CommandError(f"{refusal.get('message', f'The server answered {answer.status}.')} ({refusal.get('code')})")
