"""The conversations that are live in this process, so that a client that comes back finds its place free."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

TAKE_OVER_TIMEOUT_S = 3.0


class _Live:
    def __init__(self) -> None:
        self.replaced = asyncio.Event()
        self.left = asyncio.Event()


class LiveConversations:
    """One connection a conversation: who continues it ends the connection that is still open (a half-dead line)."""

    def __init__(self) -> None:
        self._live: dict[str, _Live] = {}

    @contextmanager
    def entered(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """While in the block the conversation is live here; the event says that another connection takes over."""
        live = self._live[conversation_id] = _Live()
        try:
            yield live.replaced
        finally:
            live.left.set()
            if self._live.get(conversation_id) is live:
                del self._live[conversation_id]

    async def take_over(self, conversation_id: str) -> None:
        """Ask the present connection to leave and wait until it has, within a deadline."""
        live = self._live.get(conversation_id)
        if live is None:
            return
        live.replaced.set()
        try:
            async with asyncio.timeout(TAKE_OVER_TIMEOUT_S):
                await live.left.wait()
        except TimeoutError:
            return  # it is on its way out; its last words arrive late rather than keep the caller waiting
