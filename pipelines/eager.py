"""Runs a coroutine up to its first wait, at once and without a task.

Sending on a socket hardly ever waits. A queue, an event and a task in between cost a frame as much again as sending it,
and a turn of the event loop.
"""

import types
from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, cast


def begin(work: Coroutine[Any, Any, None]) -> Awaitable[None] | None:
    """None: it is done. Otherwise it waits for something: await what is returned, in a task.

    Raises what it raised. ``work`` must not rely on a current task before its first wait, as ``asyncio.timeout`` does.
    """
    try:
        waited_for = work.send(None)
    except StopIteration:
        return None
    return cast("Awaitable[None]", _rest(work, waited_for))


@types.coroutine
def _rest(work: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    try:
        yield waited_for
    except BaseException:  # cancelled, for one
        work.close()
        raise
    yield from cast("Generator[Any, Any, None]", work)
