"""Keeps this process's runs claimed, and closes the books on runs whose process died."""

import asyncio
import logging
from collections.abc import Callable

from pipelines.agents.ledger import Ledger
from storage.agents.runs import LEASE_S, AgentRuns
from storage.outage import Outage

log = logging.getLogger(__name__)

EVERY_S = LEASE_S / 10


async def keep_runs(
    runs: AgentRuns,
    holder: str,
    ledger: Ledger,
    *,
    cancel: Callable[[str], None] = lambda _: None,
    every_s: float = EVERY_S,
) -> None:
    """Until cancelled. An outage of the database is waited out. ``cancel``: ends the run of a thread that somebody at
    another process wants ended."""
    outage = Outage(log, "the agents' runs cannot be looked after now")
    while True:
        with outage.waited_out():
            for thread_id in await runs.renew(holder):
                cancel(thread_id)
            for dead in await runs.take_expired():
                log.warning("a run of agent %s died with its process", dead.agent)
                ledger.died(dead)
        await asyncio.sleep(every_s)
