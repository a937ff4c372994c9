"""Waits for a moment in which heavy work disturbs nobody."""

import asyncio
from collections.abc import Callable

LOOK_AGAIN_S = 0.25


async def quiet(is_busy: Callable[[], bool], *, after_s: float, at_latest_s: float) -> None:
    """Returns when nothing is going on, not before ``after_s``; at ``at_latest_s`` in any case."""
    loop = asyncio.get_running_loop()
    latest = loop.time() + at_latest_s
    await asyncio.sleep(after_s)
    while is_busy() and (left_s := latest - loop.time()) > 0:  # noqa: ASYNC110 - asked, since nobody tells
        await asyncio.sleep(min(LOOK_AGAIN_S, left_s))
