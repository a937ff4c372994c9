"""Webhook signatures, and deliveries from the simulator to a real listener."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from crm_world import CrmWorld

from crm.close import webhooks
from crm.close.records import WebhookSubscription
from crm.contact import Change
from crm.errors import NotSupported
from crm.provider import WebhookRefused
from simulators.close.options import WebhookOptions

KEY = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c"
NOW = 1_790_000_000.0
BODY = b'{"event": {"id": "ev_1"}, "subscription_id": "whsub_1"}'
NO_TEXT = b"\xff".decode("utf-8", "surrogateescape")
"""As aiohttp shows a header's byte that is no text."""


def signed(body: bytes = BODY, timestamp: str = "1790000000", key: str = KEY) -> dict[str, str]:
    return {"close-sig-hash": webhooks.signature(key, timestamp, body), "close-sig-timestamp": timestamp}


def refusal(headers: dict[str, str], body: bytes = BODY, keys: tuple[str, ...] = (KEY,), now: float = NOW) -> str:
    with pytest.raises(WebhookRefused) as refused:
        webhooks.verify(keys, headers, body, now)
    return refused.value.code


def test_a_good_signature_passes_also_while_keys_are_being_replaced() -> None:
    webhooks.verify((KEY,), signed(), BODY, NOW)
    webhooks.verify(("00" * 32, KEY), signed(), BODY, NOW + 299)


def test_the_signature_is_closes() -> None:
    """HMAC-SHA256 of timestamp and body under the decoded key; the expected value is OpenSSL's."""
    assert webhooks.signature("00" * 32, "1544271440", b"{}") == (
        "b7b6029c643ad2b0fa56ed182425cc1923f941eb123680063cf32d3c9d4fcb84"
    )


def test_what_is_not_surely_from_close_is_refused() -> None:
    assert refusal({}) == "missing_signature"
    assert refusal({"close-sig-hash": "00"}) == "missing_signature"
    assert refusal(signed(), BODY + b" ") == "bad_signature"
    assert refusal(signed(), keys=("11" * 32,)) == "bad_signature"
    assert refusal(signed(), keys=()) == "bad_signature"
    assert refusal(signed() | {"close-sig-hash": "é"}) == "bad_signature"
    assert refusal(signed() | {"close-sig-hash": NO_TEXT}) == "bad_signature"
    assert refusal(signed(), now=NOW + 301) == "stale_timestamp"
    assert refusal(signed(), now=NOW - 301) == "stale_timestamp"
    assert refusal(signed() | {"close-sig-timestamp": "soon"}) == "stale_timestamp"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": 1, "subscription_id": "x"}', b'{"subscription_id": "x"}'])
def test_a_body_that_is_no_delivery_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRefused) as refused:
        webhooks.delivered(body)
    assert refused.value.code == "unreadable_body"


class Listener:
    """Takes deliveries; ``refuse`` of them with a 500 first."""

    def __init__(self, world: CrmWorld) -> None:
        self.world = world
        self.refuse = 0
        self.changes: list[Change | None] = []
        self.keys: tuple[str, ...] = ()
        self.url = ""
        self.came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=500)
        headers = {name.lower(): value for name, value in request.headers.items()}
        provider = self.world.close_provider()
        body, now = await request.read(), self.world.clock()
        self.changes.append(provider.receive(headers, body, keys=self.keys, now=now))
        self.came.set()
        return web.Response()

    async def subscribe(self) -> None:
        api = self.world.close_provider().api
        made = await api.one(webhooks.create(self.url), WebhookSubscription)
        assert made.signature_key is not None
        self.keys = (made.signature_key,)

    async def deliver(self) -> int:
        async with aiohttp.ClientSession() as session:
            return await self.world.close.webhooks.deliver_due(session)


@pytest.fixture
async def listener(world: CrmWorld) -> AsyncIterator[Listener]:
    listening = Listener(world)
    app = web.Application()
    app.router.add_post("/webhooks/close", listening.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listening.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/close"
    yield listening
    await runner.cleanup()


def switches(world: CrmWorld, **options: Any) -> None:
    world.close.store.options = msgspec.structs.replace(world.close.store.options, webhooks=WebhookOptions(**options))


async def test_what_happens_at_close_is_delivered_signed(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    lead = world.close.store.create_lead({"name": "Acme", "contacts": [{"name": "Jane"}]})
    assert await listener.deliver() == 2
    about = [(change.kind, change.record, change.parent_id) for change in listener.changes if change]
    assert about == [("created", "contact", lead["id"]), ("created", "parent", lead["id"])]


async def test_a_failed_delivery_is_tried_again_later(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    listener.refuse = 1
    world.close.store.create_lead({"name": "Acme"})
    await listener.deliver()
    assert await listener.deliver() == 0
    world.clock.now += 1
    assert await listener.deliver() == 1
    assert len(listener.changes) == 1


async def test_after_three_days_of_failures_a_subscription_pauses_until_resumed(
    world: CrmWorld, listener: Listener
) -> None:
    await listener.subscribe()
    listener.refuse = 10_000
    world.close.store.create_lead({"name": "Acme"})
    for _ in range(300):
        await listener.deliver()
        world.clock.now += 1200
    api = world.close_provider().api
    (subscription,) = await api.every(lambda skip: webhooks.listing(), WebhookSubscription)
    assert (subscription.status, subscription.signature_key) == ("paused", None)
    resumed = await api.one(webhooks.repair(subscription.id), WebhookSubscription)
    assert resumed.status == "active"
    await api.remove(webhooks.delete(subscription.id))
    assert await api.every(lambda skip: webhooks.listing(), WebhookSubscription) == ()


async def test_deliveries_may_come_twice_or_never(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    switches(world, duplicate=1.0)
    world.close.store.create_lead({"name": "Acme"})
    await listener.deliver()
    assert len(listener.changes) == 2
    assert listener.changes[0] == listener.changes[1]
    switches(world, lose=1.0)
    world.close.store.create_lead({"name": "Acme"})
    assert await listener.deliver() == 0


async def test_updates_are_held_back_and_consolidated(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    lead = world.close.store.create_lead({"name": "Acme"})
    await listener.deliver()
    switches(world, delay_s=30.0)
    world.close.store.update_lead(lead["id"], {"name": "Acme Inc"})
    world.close.store.update_lead(lead["id"], {"name": "Acme Incorporated"})
    assert await listener.deliver() == 0
    world.clock.now += 30
    assert await listener.deliver() == 1


async def test_order_is_not_kept_when_told_so(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    switches(world, reorder=0.5)
    made = [world.close.store.create_lead({"name": f"Lead {number}"})["id"] for number in range(20)]
    world.clock.now += 10
    await listener.deliver()
    came = [change.external_id for change in listener.changes if change]
    assert sorted(came) == sorted(made)
    assert came != made


async def test_the_simulator_delivers_on_its_own_while_it_runs(world: CrmWorld, listener: Listener) -> None:
    await listener.subscribe()
    running = world.close.webhooks.running(web.Application())
    await anext(running)
    world.close.store.create_lead({"name": "Acme"})
    async with asyncio.timeout(5):
        await listener.came.wait()
    with pytest.raises(StopAsyncIteration):
        await anext(running)


async def test_apollo_takes_no_webhooks(world: CrmWorld) -> None:
    with pytest.raises(NotSupported):
        world.apollo_provider().receive({}, b"", keys=(), now=NOW)
