"""Work beside the calls that goes on for as long as the process lives: whatever breaks it is told, and it is begun
again. Each knows what may be away for a while, and waits; this is for what nobody has thought of."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from prometheus_client import Counter

from pipelines.engines.restarts import RestartRules, Restarts

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]
"""Begins it: to be cancelled at the end, or to end by itself."""

BREAKS: Final = Counter(
    "sales_agent_background_breaks", "How often work beside the calls broke and was begun again, by name.", ["work"]
)

_AGAIN: Final = RestartRules(first_delay_s=1.0, longest_delay_s=60.0, settled_after_s=60.0)


async def kept_going(name: str, work: Work, rules: RestartRules = _AGAIN) -> None:
    """Until it ends by itself, or is cancelled."""
    loop, restarts = asyncio.get_running_loop(), Restarts(rules)
    while True:
        began = loop.time()
        try:
            await work()
        except Exception:
            wait_s = restarts.delay_s(loop.time() - began)
            log.exception("%s broke, and begins again in %.0f s", name, wait_s)
            BREAKS.labels(name).inc()
            await asyncio.sleep(wait_s)
        else:
            return
