"""A mail in the hands of one process, for as long as it is under way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from storage.errors import StorageError

log = logging.getLogger(__name__)

CLAIM_S = 60.0
"""What a process that died has in its hands is another's after so long."""
HOLD_EVERY_S = 15.0
NOTE_S = 900.0
"""For storage to come back and be told that a mail went out: whoever waits less sends it twice."""
_NOTE_EVERY_S = 1.0

Hold = Callable[[], Awaitable[bool]]
"""Keeps a claim for ``CLAIM_S`` from now on. False: it is another's. Raises StorageError."""


@asynccontextmanager
async def held(hold: Hold) -> AsyncIterator[None]:
    """While in the block the claim is kept up. Raises TimeoutError, and breaks the block off, once it is lost."""
    async with asyncio.timeout(CLAIM_S) as until:
        keeping = asyncio.create_task(_keep_up(hold, until), name="claim of a mail")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


async def _keep_up(hold: Hold, until: asyncio.Timeout) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(HOLD_EVERY_S)
        began = loop.time()
        try:
            is_held = await hold()
        except StorageError:  # there may be time for another try
            continue
        until.reschedule(began + CLAIM_S if is_held else began)
        if not is_held:
            return


async def noted(note: Callable[[], Awaitable[object]]) -> None:
    """What became of a mail, also where storage is away just now. Raises StorageError."""
    loop = asyncio.get_running_loop()
    until = loop.time() + NOTE_S
    while True:
        try:
            await note()
        except StorageError as error:
            if not error.retryable or loop.time() > until:
                raise
            log.warning("what became of a mail cannot be noted yet: %s", error.code)
            await asyncio.sleep(_NOTE_EVERY_S)
        else:
            return
