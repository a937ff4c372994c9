"""The lease that lets one worker at a time sync a platform, kept for as long as its work takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from storage.crm.sync_state import CrmSyncState
from storage.errors import StorageError

LEASE_S = 30.0
"""A worker that dies is replaced after this long."""


class Busy(Exception):  # noqa: N818 - names the fact
    """Another worker syncs this platform."""


@asynccontextmanager
async def lease(state: CrmSyncState, platform: str, owner: str, *, lease_s: float = LEASE_S) -> AsyncIterator[None]:
    """Hold it, renewed every third of its time. Raises Busy. Whether it is still held is checked by every transaction
    of the run, so that a renewal that fails needs no alarm here."""
    if not await state.take_lease(platform, owner, lease_s):
        raise Busy
    keeping = asyncio.create_task(_keep(state, platform, owner, lease_s), name=f"sync-lease-{platform}")
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        with suppress(StorageError):
            await state.leave_lease(platform, owner)


async def _keep(state: CrmSyncState, platform: str, owner: str, lease_s: float) -> None:
    while True:
        await asyncio.sleep(lease_s / 3)
        with suppress(StorageError):
            await state.take_lease(platform, owner, lease_s)
