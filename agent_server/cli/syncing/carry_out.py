"""Sees a sync through: by the worker that takes it up, or here when there is none."""

import asyncio
from collections.abc import Callable

from agent_server.crm_sync.parts import CrmParts
from crm.sync.engine import SyncEngine
from crm.sync.lease import Busy
from storage.crm.sync_runs import SyncRun

_LOOK_EVERY_S = 0.25
_PATIENCE_S = 2.0
"""A worker takes a job up at once; after this long there is none."""


async def carry_out(parts: CrmParts, run_id: str, stop: asyncio.Event, show: Callable[[SyncRun], None]) -> SyncRun:
    """``show`` hears of the run whenever it has come on. ``stop``: what is done here ends after the record it is at,
    to be gone on with later; what a worker does goes on without us."""
    here: asyncio.Task[object] | None = None
    waited_s = 0.0
    try:
        while True:
            run = await parts.store.runs.get(run_id)
            assert run is not None  # queued by the caller, kept for months
            show(run)
            is_over = run.status not in ("queued", "running")
            if is_over or (stop.is_set() and here is None):
                return run
            if here is not None and here.done():
                await here  # raises what ended it
            if here is None and run.status == "queued" and waited_s >= _PATIENCE_S:
                here = asyncio.create_task(_run_here(parts, run_id, stop), name="sync-here")
            await asyncio.sleep(_LOOK_EVERY_S)
            waited_s += _LOOK_EVERY_S
    finally:
        if here is not None:
            here.cancel()
            await asyncio.wait([here])


async def _run_here(parts: CrmParts, run_id: str, stop: asyncio.Event) -> None:
    engine = SyncEngine(parts.store, parts.crm.providers, now=parts.now, stop=stop, scraper=parts.crm.scraper)
    while not stop.is_set():
        try:
            await engine.run(run_id)
        except Busy:  # a change of a moment ago is being sent, or a worker came after all
            await asyncio.sleep(_LOOK_EVERY_S)
        else:
            return
