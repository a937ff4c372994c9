"""One thread imports whatever is too slow to import on the event loop.

Two threads that import at once may each hold what the other needs. Python then breaks the deadlock by handing out
modules half made, and who gets one fails with "partially initialized module". Large packages of third parties import in
circles, so that happens to them: here imports wait for each other instead.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_SWITCH_S = 0.0005
"""How long the event loop waits for its turn while something is imported; by default Python lets it wait ten times as
long, and a reply takes a dozen turns."""

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imports")


async def loaded(load: Callable[[], T]) -> T:
    """What ``load`` returns, which imports and perhaps makes something of it; the first to ask is served first.

    ``load`` must not wait for another load. Cancelled, it is not run unless it has begun.
    """
    return await asyncio.get_running_loop().run_in_executor(_thread, _courteously, load)


def _courteously(load: Callable[[], T]) -> T:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        return load()
    finally:
        sys.setswitchinterval(usual_s)
