"""One thread imports whatever is too slow to import on the event loop.

Two threads that import at once may each hold what the other needs. Python then breaks the deadlock by handing out
modules half made, and who gets one fails with "partially initialized module". Large packages of third parties import in
circles, so that happens to them: here imports wait for each other instead.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imports")


async def loaded(load: Callable[[], T]) -> T:
    """What ``load`` returns, which imports and perhaps makes something of it; the first to ask is served first.

    ``load`` must not wait for another load. Cancelled, it is not run unless it has begun.
    """
    return await asyncio.get_running_loop().run_in_executor(_thread, load)
