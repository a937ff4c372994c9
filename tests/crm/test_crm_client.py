"""One vendor's requests with limiter, breaker and retry around them, against the simulators."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from crm_world import CrmWorld

from crm.client import BACKGROUND, LIVE, CallOptions
from crm.close import contacts, leads, me
from crm.close.provider import CloseProvider
from crm.contact import ContactFields, RemoteContact
from crm.errors import CircuitOpen, DeadlineExceeded, ProviderUnavailable, RateLimited
from simulators.close.options import GroupLimit

JANE = ContactFields(email="jane@acme.example", first_name="Jane", company="Acme")
HASTY = CallOptions(deadline_s=150.0, share=1.0, try_timeout_s=0.2)


async def test_a_429_is_waited_out_and_tried_again(world: CrmWorld) -> None:
    world.faults("close:rate_limit,nth=1,retry_after_s=7")
    await world.close_client().send(me.get())
    assert sum(world.clock.slept) >= 7.0
    (report,) = world.reports
    assert (report.tries, report.code, report.status) == (2, "", 200)


async def test_a_429_on_one_group_does_not_hold_the_others(world: CrmWorld) -> None:
    client = world.close_client()
    slow = GroupLimit(limit=1, window_s=50.0)
    world.close.store.options = msgspec.structs.replace(world.close.store.options, slow_groups={"lead:read": slow})
    lead = world.close.store.create_lead({"name": "Acme"})
    await client.send(leads.get(lead["id"]))
    with pytest.raises(RateLimited) as refused:
        await client.send(leads.get(lead["id"]), LIVE)
    assert refused.value.retry_after_s == pytest.approx(50.0)
    assert world.clock.slept == []
    await client.send(me.get(), LIVE)
    await client.send(contacts.count(), LIVE)
    assert world.clock.slept == []


async def test_the_header_keeps_requests_back_before_they_are_refused(world: CrmWorld) -> None:
    world.close.store.options = msgspec.structs.replace(
        world.close.store.options, groups=GroupLimit(limit=10, window_s=5.0)
    )
    client = world.close_client()
    for _ in range(35):
        await client.send(me.get(), CallOptions(deadline_s=60.0, share=1.0))
    assert "status_429" not in world.simulation.seen["close"].counters
    assert len(world.clock.slept) == 3


@pytest.mark.parametrize(
    "fault",
    # aiohttp itself repeats a GET once whose connection breaks without an answer
    ["server_error,nth=1", "garbage,nth=1", "drop@connect,nth=1,times=2", "drop@mid,nth=1"],
)
async def test_a_read_survives_one_fault(world: CrmWorld, fault: str) -> None:
    world.faults(f"close:{fault}")
    assert (await world.close_client().send(me.get())).status == 200
    assert world.reports[-1].tries == 2


async def test_html_has_its_own_code(world: CrmWorld) -> None:
    world.faults("close:garbage")
    with pytest.raises(ProviderUnavailable) as failed:
        await world.close_client().send(me.get())
    assert (failed.value.code, failed.value.platform) == ("provider_answered_html", "close")
    assert world.reports[-1].tries == 3


@pytest.mark.parametrize("fault", ["stall@first", "drop@first", "drop@mid", "server_error@first", "garbage@first"])
async def test_a_creation_that_was_applied_without_an_answer_is_never_repeated(world: CrmWorld, fault: str) -> None:
    world.faults(f"close:{fault},nth=1")
    provider = world.close_provider()
    with pytest.raises((ProviderUnavailable, DeadlineExceeded)) as failed:
        await provider.create_contact(JANE, reference="ref-1", options=HASTY)
    assert failed.value.outcome == "unknown"
    assert len(world.close.store.contacts) == 1
    world.faults("")
    found = await provider.find_created("ref-1", JANE, since=datetime.fromtimestamp(world.clock() - 60, UTC))
    assert isinstance(found, RemoteContact)
    assert found.external_id in world.close.store.contacts


async def test_an_update_that_was_applied_without_an_answer_is_repeated_safely(world: CrmWorld) -> None:
    provider = world.close_provider()
    made = await provider.create_contact(JANE, reference="ref-1")
    events = len(world.close.store.log.entries)
    world.faults("close:drop@first,nth=2")  # the first is the reading before the write
    changed = await provider.update_contact(made, ContactFields(title="CRO"))
    assert changed.fields.title == "CRO"
    assert len(world.close.store.log.entries) == events + 1


async def test_a_vendor_that_is_down_is_left_alone_and_then_tried_once(world: CrmWorld) -> None:
    world.faults("close:server_error")
    client = world.close_client()
    for _ in range(2):
        with pytest.raises((ProviderUnavailable, CircuitOpen)):
            await client.send(me.get(), LIVE)
    with pytest.raises(CircuitOpen):
        await client.send(me.get(), LIVE)
    seen = world.simulation.seen["close"].counters["requests"]
    with pytest.raises(CircuitOpen):
        await client.send(me.get(), LIVE)
    assert world.simulation.seen["close"].counters["requests"] == seen

    world.faults("")
    world.clock.now += 31
    assert (await client.send(me.get(), LIVE)).status == 200
    assert (await client.send(me.get(), LIVE)).status == 200


async def test_impatient_callers_do_not_open_the_circuit(world: CrmWorld) -> None:
    client = world.close_client()
    world.faults("close:stall@accepted")
    for _ in range(6):
        with pytest.raises(DeadlineExceeded):
            await client.send(me.get(), CallOptions(deadline_s=0.15, share=1.0))
    world.faults("")
    assert (await client.send(me.get(), LIVE)).status == 200


async def test_without_time_left_nothing_is_sent(world: CrmWorld) -> None:
    with pytest.raises(DeadlineExceeded) as refused:
        await world.close_client().send(me.get(), CallOptions(deadline_s=0.05, share=1.0))
    assert (refused.value.code, refused.value.outcome) == ("deadline_too_close", "not_applied")
    assert world.requests_to("close") == []


async def test_a_refused_request_does_not_open_the_circuit(world: CrmWorld) -> None:
    client = world.close_client()
    provider = CloseProvider(client)
    for _ in range(10):
        await provider.get_contact("cont_nobody")
    assert (await client.send(me.get(), LIVE)).status == 200


async def test_cancelling_a_call_ends_it_at_once(world: CrmWorld) -> None:
    world.faults("close:stall@accepted")
    task = asyncio.create_task(world.close_client().send(me.get(), BACKGROUND))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(2):
            await task
