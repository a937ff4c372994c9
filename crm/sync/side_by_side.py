"""Several pieces of work at once, each of which comes to its own end: cutting off a write that is under way would only
make its outcome unknown."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from crm.errors import CrmError, RateLimited


async def side_by_side(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Raises the gravest failure, once all have ended; when cancelled, cancels them."""
    tasks = [asyncio.create_task(piece) for piece in work]
    try:
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    failures = [failure for failure in ended if failure is not None]
    if failures:
        raise gravest(failures)


def gravest(failures: Iterable[BaseException]) -> BaseException:
    """The one that says most about what is left."""
    return max(failures, key=_weight)


def _weight(failure: BaseException) -> int:
    """A full limit passes by itself; of other failures at the CRM somebody may have to hear; the rest (a lost lease, a
    lost database, the wish to stop) ends the run."""
    if isinstance(failure, RateLimited):
        return 0
    return 1 if isinstance(failure, CrmError) else 2
