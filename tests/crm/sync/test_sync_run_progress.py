"""What a run says of itself while it is under way."""

from collections.abc import Callable

from sync_world import SyncWorld

from crm.sync.run import Run
from storage.crm.sync_runs import SyncRun, Tally


async def test_a_run_says_what_is_new_and_now_and_then_that_it_goes_on(sync: SyncWorld) -> None:
    run_id = await sync.store.runs.queue("close", "bidirectional", trigger="manual", now=sync.now())
    assert await sync.store.state.take_lease("close", "worker", 30.0)
    run = Run(sync.store, platform="close", owner="worker", run_id=run_id, now=sync.now)

    async def written(counts: Callable[[], Tally] | None = None) -> SyncRun:
        async with run.writing(counts):
            pass
        noted = await sync.store.runs.get(run_id)
        assert noted is not None
        return noted

    run.enter("inbox", 5)
    noted, began = await written(), sync.now()
    assert (noted.phase, noted.total, noted.heartbeat_at) == ("inbox", 5, began)
    sync.pass_time(0.5)
    assert (await written()).heartbeat_at == began
    noted = await written(lambda: Tally(processed=1))
    assert (noted.contacts_processed, noted.heartbeat_at) == (1, sync.now())
    sync.pass_time(1.0)
    assert (await written()).heartbeat_at == sync.now()
    run.enter("outbox")
    assert (await written()).phase == "outbox"
