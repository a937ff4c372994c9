"""Close's webhook subscription is made, kept, repaired and replaced by itself, its key known where it is needed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from crm_world import CrmWorld
from sync_world import SyncWorld

from crm.assembly import Crm
from crm.contact import NewSubscription
from crm.credentials import CredentialStore
from crm.errors import DeadlineExceeded
from crm.provider import WebhookRefused
from crm.sync.jobs import SyncJobs, SyncQueue
from crm.sync.signature_keys import SignatureKeys
from crm.sync.subscription import ACCOUNT, SubscriptionKeeper
from crm.sync.webhooks import WebhookDoor
from storage.postgres.database import Database
from storage.postgres.jobs import Jobs


class Ours:
    """Our server's webhook door at an address, with the credential store behind it."""

    def __init__(self, sync: SyncWorld, world: CrmWorld) -> None:
        self.sync = sync
        self.world = world
        self.store: CredentialStore = sync.credentials
        self.provider = world.close_provider()
        self.answers: list[int] = []
        self.url = ""
        self.monotonic_s = 0.0
        self.door = self.new_door()

    def new_door(self) -> WebhookDoor:
        """As another process has it."""
        keys = SignatureKeys(self.store, "close", monotonic=lambda: self.monotonic_s)
        return WebhookDoor(self.sync.store, self.provider, keys, self.now)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.world.clock(), UTC)

    def keeper(self, url: str | None = None) -> SubscriptionKeeper:
        return SubscriptionKeeper(self.provider, self.store, url or self.url)

    def there(self) -> list[Any]:
        return list(self.world.close.webhooks.subscriptions.values())

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            await self.door.take(headers, await request.read())
            status = 204
        except WebhookRefused:
            status = 401
        self.answers.append(status)
        return web.Response(status=status)

    async def deliveries(self) -> list[int]:
        """Something happens at Close; how what it tells us was answered."""
        self.answers.clear()
        self.world.close.store.create_lead({"name": "Acme", "contacts": [{"name": "Ada Byron"}]})
        async with aiohttp.ClientSession() as session:
            await self.world.close.webhooks.deliver_due(session)
        return self.answers


@pytest.fixture
async def ours(sync: SyncWorld, world: CrmWorld) -> AsyncIterator[Ours]:
    here = Ours(sync, world)
    app = web.Application()
    app.router.add_post("/webhooks/close", here.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/close"
    yield here
    await runner.cleanup()


async def test_it_is_made_once_and_what_it_tells_is_believed(ours: Ours) -> None:
    assert await ours.keeper().keep() == "created"
    assert await ours.keeper().keep() == "kept"
    (made,) = ours.there()
    assert made.url == ours.url
    assert await ours.deliveries() == [204, 204]
    assert await ours.sync.store.inbox.count("close") == 1


async def test_its_key_is_encrypted_at_rest(ours: Ours, database: Database) -> None:
    await ours.keeper().keep()
    (made,) = ours.there()
    async with database._connection("test") as connection:
        (row,) = await connection.fetch("SELECT * FROM crm_credentials")
    assert row["account"] == ACCOUNT
    assert made.signature_key not in str(dict(row))
    stored = await ours.store.get("close", ACCOUNT)
    assert stored is not None
    assert stored.api_key == made.signature_key


async def test_a_paused_one_goes_on(ours: Ours) -> None:
    await ours.keeper().keep()
    (made,) = ours.there()
    made.status, made.events = "paused", made.events[:1]
    assert await ours.keeper().keep() == "repaired"
    assert made.status == "active"
    assert len(made.events) > 1
    assert await ours.keeper().keep() == "kept"


async def test_one_whose_creation_was_never_answered_makes_way(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe = ours.provider.subscribe

    async def unanswered(url: str) -> NewSubscription:
        await subscribe(url)
        raise DeadlineExceeded("provider_timeout", "no answer", outcome="unknown")

    monkeypatch.setattr(ours.provider, "subscribe", unanswered)
    with pytest.raises(DeadlineExceeded):
        await ours.keeper().keep()
    (unusable,) = ours.there()
    monkeypatch.undo()
    assert await ours.keeper().keep() == "created"
    assert [entry.id for entry in ours.there()] != [unusable.id]
    assert len(ours.there()) == 1
    assert await ours.deliveries() == [204, 204]


async def test_one_somebody_deleted_is_made_anew_and_another_process_learns_its_key(ours: Ours) -> None:
    await ours.keeper().keep()
    assert await ours.deliveries() == [204, 204]
    ours.world.close.webhooks.subscriptions.clear()
    assert await ours.keeper().keep() == "created"
    ours.monotonic_s += 2
    assert await ours.deliveries() == [204, 204], "known at its first delivery, long before the old key is read again"


async def test_the_one_of_an_old_address_goes_and_those_of_others_stay(ours: Ours) -> None:
    others = await ours.provider.subscribe("https://elsewhere.example/hook")
    await ours.keeper("https://old.example/webhooks/close").keep()
    assert await ours.keeper().keep() == "created"
    assert {entry.url for entry in ours.there()} == {ours.url, "https://elsewhere.example/hook"}
    assert others.id in {entry.id for entry in ours.there()}


async def test_bad_signatures_do_not_make_us_read_the_database(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    await ours.keeper().keep()
    assert await ours.deliveries() == [204, 204]
    reads = []
    monkeypatch.setattr(ours.store, "get", reads.append)
    ours.world.close.webhooks.subscriptions.clear()
    await ours.provider.subscribe(ours.url)
    for _ in range(3):
        assert await ours.deliveries() == [401, 401]
    assert reads == []


async def test_the_job_says_how_it_stands(ours: Ours, database: Database) -> None:
    crm = Crm({"close": ours.provider}, None, None, ours.store, frozenset({"close"}))
    jobs, store = Jobs(database), ours.sync.store
    queue = SyncQueue(store, jobs, ours.now)
    work = SyncJobs(store, crm, queue, jobs, asyncio.Event(), ours.now, {}, {"close": ours.keeper()})
    await work.webhooks()
    assert (await store.state.get("close")).webhook == "active"
    ours.world.close.keys.clear()
    await work.webhooks()
    assert (await store.state.get("close")).webhook == "credentials_refused"
