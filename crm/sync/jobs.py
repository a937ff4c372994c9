"""The sync as background jobs: schedules, single changes, and what a dead worker left behind."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from crm.assembly import Crm
from crm.errors import CrmError
from crm.provider import Capability
from crm.sync import phones
from crm.sync.engine import SyncEngine
from crm.sync.lease import LEASE_S, Busy
from crm.sync.store import SyncStore
from crm.sync.subscription import SubscriptionKeeper
from crm.vault import VaultError
from storage.crm.phone_requests import forget_phone_requests
from storage.crm.sync_runs import Mode, Operation, Trigger
from storage.errors import StorageError
from storage.postgres.jobs import Jobs

if TYPE_CHECKING:
    import procrastinate

_log = logging.getLogger(__name__)

RUN = "crm_sync_run"
CHANGES = "crm_sync_changes"
SCHEDULED = "crm_sync_scheduled"
TICK = "crm_sync_tick"
WEBHOOKS = "crm_webhooks_keep"
_HINT_TIMEOUT_S = 2.0
_BUSY_WAIT_S = 0.5
_BUSY_DEADLINE_S = 900.0
_CHANGES_DEADLINE_S = 45.0
"""Less than the time between two ticks."""
STALE = timedelta(seconds=2 * LEASE_S)
"""A run that gave no sign of life for so long has lost its worker."""
_KEEP_RUNS = timedelta(days=90)
_KEEP_IDLE = timedelta(days=1)
_KEEP_JOBS = timedelta(days=3)


class SyncQueue:
    """Asks for syncs. Every method raises StorageError."""

    def __init__(self, store: SyncStore, jobs: Jobs, now: Callable[[], datetime]) -> None:
        self._store = store
        self._jobs = jobs
        self._now = now

    async def start(
        self,
        platform: str,
        operation: Operation,
        *,
        trigger: Trigger,
        mode: Mode = "incremental",
        filters: dict[str, Any] | None = None,
    ) -> str | None:
        """Queue a run and return its id; None while one waits or runs."""
        now = self._now()
        run_id = await self._store.runs.queue_alone(
            platform, operation, trigger=trigger, now=now, stale=now - STALE, mode=mode, filters=filters
        )
        if run_id is not None:
            await self._jobs.defer(RUN, {"run_id": run_id}, once=run_id)
        return run_id

    async def changed(self, platform: str) -> None:
        """Something waits in the inbox or outbox of ``platform``."""
        await self._jobs.defer(CHANGES, {"platform": platform}, once=f"{CHANGES}/{platform}")


class SyncHints:
    """Has what waits be looked at soon. Nobody waits for a hint: one that fails is logged, and the next tick makes up
    for it."""

    def __init__(self, queue: SyncQueue) -> None:
        self._queue = queue
        self._under_way: set[asyncio.Task[None]] = set()

    def changed(self, platform: str) -> None:
        hint = asyncio.create_task(self._give(platform), name="sync-hint")
        self._under_way.add(hint)
        hint.add_done_callback(self._under_way.discard)

    async def aclose(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_HINT_TIMEOUT_S)

    async def _give(self, platform: str) -> None:
        try:
            await self._queue.changed(platform)
        except StorageError as error:
            _log.warning("a hint to the sync was put off: %s", error.code)


class SyncJobs(Struct, frozen=True):
    """What the jobs of one worker work with. ``schedules``: by platform, as cron has them, in UTC."""

    store: SyncStore
    crm: Crm
    queue: SyncQueue
    jobs: Jobs
    stop: asyncio.Event
    now: Callable[[], datetime]
    schedules: Mapping[str, str]
    keepers: Mapping[str, SubscriptionKeeper] = {}
    in_line: set[str] = field(default_factory=set)
    """Platforms for whose changes a run waits for its turn."""

    def register(self, app: "procrastinate.App") -> None:
        """Make the tasks and schedules known to ``app``."""
        app.task(name=RUN)(self.run)
        app.task(name=CHANGES)(self.changes)
        app.periodic(cron="* * * * *")(app.task(name=TICK, queueing_lock=TICK)(self.tick))
        app.periodic(cron="17 * * * *")(app.task(name=WEBHOOKS, queueing_lock=WEBHOOKS, lock=WEBHOOKS)(self.webhooks))
        for platform, cron in self.schedules.items():
            if platform in self.crm.providers:
                name = f"{SCHEDULED}_{platform}"
                task = app.task(name=name, queueing_lock=name)(self._scheduled_for(platform))
                app.periodic(cron=cron, periodic_id=platform)(task)

    async def run(self, run_id: str) -> None:
        """Carry out a queued run. One that waits for too long is taken up again by a tick."""
        await self._run_in_turn(run_id, _BUSY_DEADLINE_S)

    async def changes(self, platform: str) -> None:
        """Read and send what waits. Behind a long run nothing is lost: the next tick looks again. One that waits for
        its turn is enough, since it will see what is there then."""
        if platform in self.in_line or not await self.crm.is_set_up(platform):
            return
        self.in_line.add(platform)
        try:
            run_id = await self.store.runs.queue(platform, "bidirectional", trigger="change", now=self.now())
            if not await self._run_in_turn(run_id, _CHANGES_DEADLINE_S, began=partial(self.in_line.discard, platform)):
                await self.store.runs.end(run_id, "completed", [], now=self.now())
        finally:
            self.in_line.discard(platform)

    async def _run_in_turn(self, run_id: str, deadline_s: float, began: Callable[[], None] | None = None) -> bool:
        """Another run of its platform may be at work just now. False: it still was at the deadline, or this worker is
        to end."""
        waited_s = 0.0
        while not self.stop.is_set() and waited_s <= deadline_s:
            try:
                await self._engine().run(run_id, began=began)
            except Busy:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_BUSY_WAIT_S):
                        await self.stop.wait()
                waited_s += _BUSY_WAIT_S
            else:
                return True
        return False

    async def scheduled(self, platform: str) -> None:
        """A schedule's hour has come."""
        if not await self.crm.is_set_up(platform):
            return
        can = self.crm.providers[platform].capabilities
        await self.queue.start(platform, "bidirectional" if Capability.UPDATE in can else "import", trigger="schedule")

    async def webhooks(self, timestamp: int = 0) -> None:
        """Once an hour, and when a worker starts: whether the CRMs still tell us what changes."""
        for platform in self.crm.providers:
            keeper = self.keepers.get(platform)
            wanted = keeper is not None and await self.crm.is_set_up(platform)
            state = await self._keep_subscription(keeper) if keeper is not None and wanted else None
            await self.store.state.save_webhook(platform, state, now=self.now())

    async def _keep_subscription(self, keeper: SubscriptionKeeper) -> str:
        try:
            await keeper.keep()
        except CrmError as error:
            _log.warning("webhook subscription: %s", error.code)
            return error.code
        return "active"

    async def tick(self, timestamp: int) -> None:
        """Once a minute: runs whose worker is gone, changes whose time has come, and what is too old to keep."""
        now = self.now()
        for run_id in await self.store.runs.orphans(stale=now - STALE):
            _log.info("taking up a sync whose worker is gone", extra={"fields": {"run": run_id}})
            await self.jobs.defer(RUN, {"run_id": run_id}, once=run_id)
        for platform in self.crm.providers:
            waiting = await self.store.inbox.due(platform, now=now, rows=1)
            if waiting or await self.store.outbox.is_due(platform, now=now):
                await self.queue.changed(platform)
        if now.minute == 0:
            await self._keep_house(now)

    async def _keep_house(self, now: datetime) -> None:
        await self.store.runs.forget(before=now - _KEEP_RUNS, idle_before=now - _KEEP_IDLE)
        await self.store.outbox.forget(now - _KEEP_IDLE)
        await self.store.inbox.forget_events(now - _KEEP_JOBS)
        await forget_phone_requests(self.store.database, now - phones.EXPECTED_FOR)
        await self.jobs.forget(now - _KEEP_JOBS)
        await self._renew_secrets()

    async def _renew_secrets(self) -> None:
        """What an older ENCRYPTION_KEY encrypted is encrypted anew, so that the older one can be dropped."""
        try:
            renewed = await self.crm.store.rotate()
        except VaultError as error:
            _log.warning("stored credentials cannot be read: %s", error.code)
            return
        if renewed:
            _log.info("%d credentials are encrypted under the newest key now", renewed)

    def _engine(self) -> SyncEngine:
        return SyncEngine(self.store, self.crm.providers, now=self.now, stop=self.stop, scraper=self.crm.scraper)

    def _scheduled_for(self, platform: str) -> Callable[[int], Any]:
        async def scheduled(timestamp: int) -> None:
            await self.scheduled(platform)

        return scheduled
