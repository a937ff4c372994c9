"""The base of what does a conversation's work: it owns no tasks, and holds the conversation only as long as it runs."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from pipelines.conversation import facts

Post: TypeAlias = Callable[[facts.Fact], None]
Own: TypeAlias = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


class Work:
    """``post``: tells the conversation what happened · ``own``: runs a task of the conversation's, by a name."""

    def __init__(self, *, post: Post, own: Own) -> None:
        self._post = post
        self._own = own

    def close(self) -> None:
        """Let go of the conversation: what holds itself waits for the garbage collector."""
        self._post, self._own = _nothing_more, _nothing_to_do


def _nothing_more(_fact: facts.Fact) -> None:
    """The conversation is over; what still comes interests nobody."""


def _nothing_to_do(work: Coroutine[Any, Any, None], _name: str) -> asyncio.Task[None]:
    work.close()
    raise RuntimeError("the conversation is over")
