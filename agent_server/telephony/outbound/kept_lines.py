"""A call is dialled with a line kept for it: whichever process its carrier brings it to, somebody is there to talk.

The process that dials keeps it at once (``dialler``), every other one within a second.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agent_server.background.regularly import regularly
from agent_server.capacity.admission import Admission
from storage.calls.outbound import OutboundCalls

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
        await regularly(EVERY_S, self.look, what="lines for calls that ring are not counted now")

    async def look(self) -> None:
        self._admission.expect(await self._records.awaited(self._utc_now() - COMES_WITHIN))
