"""A call is dialled with a line kept for it: whichever process its carrier brings it to, somebody is there to talk.

The process that dials keeps it at once (``dialler``), every other one within a second.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agent_server.admission import Admission
from storage.errors import StorageError
from storage.outbound_calls import OutboundCalls

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0
COMES_WITHIN: Final = timedelta(seconds=10)
"""From a call's answer to its audio."""


class KeptLines:
    """``run`` as long as the process lives."""

    def __init__(self, records: OutboundCalls, admission: Admission, utc_now: Callable[[], datetime]) -> None:
        self._records = records
        self._admission = admission
        self._utc_now = utc_now

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except StorageError as error:
                log.warning("lines for calls that ring are counted later: %s", error.code)
            except Exception:
                log.exception("counting lines broke")

    async def look(self) -> None:
        self._admission.expect(await self._records.awaited(self._utc_now() - COMES_WITHIN))
