"""A key of another organisation at Close: what is known of the one before is not over there, and is not gone."""

from sync_world import SimulatorTransport, SyncWorld

from crm.sync.phases import OTHER_ACCOUNT
from simulators.close.options import GroupLimit
from simulators.close.provider import Close
from simulators.config import SimulatorConfig
from simulators.simulation import Simulation


def take_key_of_another_organisation(sync: SyncWorld) -> None:
    sync.close = Close(Simulation(SimulatorConfig(seed=77), dict(Close.delays)), sync.clock)
    sync.close.me = {**sync.close.me, "organizations": [{"id": "orga_other", "name": "Somebody Else"}]}
    sync.options(groups=GroupLimit(limit=1_000_000, window_s=1.0))
    sync.transport = SimulatorTransport(sync.close, sync.switch)
    sync.transport.passes = sync.pass_time
    sync.restart()


async def test_nothing_is_believed_to_be_gone_nor_sent_there(sync: SyncWorld) -> None:
    _, contact_id = sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    (known,) = (await sync.store.contacts.list()).items
    take_key_of_another_organisation(sync)
    await sync.edits.edit(known.id, {"title": "Countess"})
    sync.pass_time(60)
    assert await sync.poll(mode="full") == "failed"
    assert await sync.poll(trigger="change") == "failed"
    (run, *_) = (await sync.store.runs.list()).items
    assert [error["code"] for error in run.errors] == [OTHER_ACCOUNT]
    assert set(await sync.ours()) == {contact_id}
    assert sync.theirs() == {}


async def test_who_moves_there_has_its_records_and_no_others(sync: SyncWorld) -> None:
    sync.make("Acme", name="Ada Byron", email="ada@example.com")
    await sync.poll()
    take_key_of_another_organisation(sync)
    sync.make("Other", name="Bob Babbage", email="bob@example.com")
    await sync.store.accounts.forget("close")
    sync.pass_time(60)
    for _ in range(2):
        assert await sync.poll() == "completed"
    assert {fields["email"] for fields in (await sync.ours()).values()} == {"bob@example.com"}
