"""Work that is done again every so often for as long as the process lives, whatever becomes of it once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.outage import Outage

log = logging.getLogger(__name__)


async def regularly(every_s: float, look: Callable[[], Awaitable[None]], *, what: str) -> None:
    """Until cancelled, first after ``every_s``. ``what``: is done, in the words of a log."""
    outage = Outage(log, f"{what}: later")
    while True:
        await asyncio.sleep(every_s)
        try:
            with outage.waited_out():
                await look()
        except Exception:
            log.exception("%s broke; it is done again", what)
