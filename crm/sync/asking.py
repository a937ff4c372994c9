"""Asking for a sync by hand: what can be asked of which platform, decided in one place for every door."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from crm.assembly import Crm
from crm.platforms import NOT_CONNECTED
from crm.provider import Capability
from crm.sync.filtered import Filters
from crm.sync.jobs import SyncQueue
from storage.crm.sync_runs import Mode, Operation

Direction = Literal["import", "export", "bidirectional"]


class SyncRefused(Exception):  # noqa: N818 - names the fact
    """``code``: platform_not_connected, read_only_platform, sync_already_running. ``param``: what was asked wrongly."""

    def __init__(self, code: str, message: str, param: str) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class SyncWish(Struct, frozen=True):
    """``full`` compares everything rather than what changed; ``filters`` limit it to what is looked for."""

    platform: str
    direction: Direction = "bidirectional"
    full: bool = False
    filters: Filters = Filters()


async def ask(crm: Crm, queue: SyncQueue, wish: SyncWish) -> str:
    """Queue it; returns the run's id. Raises SyncRefused, StorageError."""
    if not await crm.is_set_up(wish.platform):
        raise SyncRefused("platform_not_connected", NOT_CONNECTED[wish.platform], "platform")
    can = crm.providers[wish.platform].capabilities
    if wish.direction == "export" and Capability.UPDATE not in can:
        raise SyncRefused("read_only_platform", f"Nothing is sent to {wish.platform}.", "direction")
    filters: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(wish.filters).items() if value not in (None, "", [], ())
    }
    mode: Mode = "filtered" if filters else "full" if wish.full else "incremental"
    operation: Operation = wish.direction if Capability.LIST in can else "enrich"
    run_id = await queue.start(wish.platform, operation, trigger="manual", mode=mode, filters=filters)
    if run_id is None:
        message = f"A sync with {wish.platform} is at work (or its worker died less than a minute ago)."
        raise SyncRefused("sync_already_running", message, "platform")
    return run_id
