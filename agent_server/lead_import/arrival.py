"""How long a file may take to arrive. A sender that stalls, or trickles, holds a place that others wait for."""

import asyncio
import time
from collections.abc import AsyncIterator

from agent_server.web.errors import Problem

IDLE_S = 20.0
"""A sender of whom nothing comes for so long is stuck."""

GRACE_S = 60.0
BYTES_PER_S = 4096.0
"""Above ``GRACE_S`` a file comes at least so fast on average: a tenth of a poor mobile line."""


async def in_time(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces as they come. Only waiting for them counts, not what is done with them. Raises Problem (408)."""
    waited_s, came = 0.0, 0
    while True:
        began = time.monotonic()
        left_s = GRACE_S + came / BYTES_PER_S - waited_s
        try:
            async with asyncio.timeout(min(IDLE_S, left_s)):
                piece = await anext(pieces, None)
        except TimeoutError:
            why = "Nothing more of the file came" if left_s > IDLE_S else "The file comes too slowly"
            raise Problem(408, "request_timeout", f"{why}; {came} bytes of it arrived.") from None
        if piece is None:
            return
        waited_s, came = waited_s + time.monotonic() - began, came + len(piece)
        yield piece
