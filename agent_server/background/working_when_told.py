"""Background work that begins when the database tells of it, and when its time has come; it does not poll."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from storage.errors import StorageError
from storage.postgres.notification_line import NotificationLine

log = logging.getLogger(__name__)

LONGEST_S: Final = 60.0
"""Whatever was missed is found by then."""
_AGAIN_S: Final = 3.0
_GATHER_S: Final = 0.05
"""Several things are told of together."""


async def working_when_told(
    line: NotificationLine,
    channel: str,
    work: Callable[[], Awaitable[float]],
    *,
    name: str,
    wanted: asyncio.Event | None = None,
) -> None:
    """Until cancelled. ``work`` returns after how many seconds it is to be done again, told or not; it may raise
    StorageError. ``wanted``: this process itself has something. ``name``: what is not done when it cannot be."""
    awake = wanted or asyncio.Event()
    is_away = False
    while True:
        is_lost = asyncio.Event()

        def lose(lost: asyncio.Event = is_lost) -> None:
            lost.set()
            awake.set()

        try:
            async with line.listening(channel, heard=lambda _: awake.set(), lost=lose):
                while not is_lost.is_set():
                    awake.clear()
                    wait_s = await work()
                    is_away = False
                    try:
                        async with asyncio.timeout(wait_s):
                            await awake.wait()
                            await asyncio.sleep(_GATHER_S)
                    except TimeoutError:
                        pass
        except StorageError as error:
            if not is_away:
                log.warning("%s now (%s), trying again", name, error.code)
            is_away = True
        await asyncio.sleep(_AGAIN_S)
