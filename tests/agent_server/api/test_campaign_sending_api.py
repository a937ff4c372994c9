"""A campaign goes out through Close, its recipients find the way out of it, and it tells what came of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from api_server import ApiServer, StartApi, error_of
from close_server import CloseServer, serving_close

from agent_server.campaigns import releasing
from agent_server.crm_sync.parts import CrmParts, crm_parts
from agent_server.telephony.outbound.place import zones_of_number
from crm.sync.engine import SyncEngine
from storage.postgres.named_query import Query

LAWFUL = {
    "PUBLIC_URL": "https://agent.example.com",
    "CAMPAIGN_POSTAL_ADDRESS": "1 Main Street, Springfield",
    "CAMPAIGN_SENDER": "Ann Smith <ann@acme.test>",
    "CAMPAIGN_MESSAGES_PER_HOUR": "60",
    "CAMPAIGN_HOURS": "mon-sun 00:00-24:00",
    "COMPANY_NAME": "Acme",
    "SYNC_WORKER": "false",
}
TRY_LOCK = Query("try_lock", "SELECT pg_try_advisory_xact_lock(hashtext('campaign_release'))")
ERASED = Query(
    "erased",
    "INSERT INTO erased_people (digest, do_not_call, crm, erased_at) VALUES (%(digest)s, false, 'keep', now())",
)
HELD = Query("held", "SELECT FROM campaign_messages WHERE lead_id = %(lead_id)s FOR UPDATE")
IDS = Query("message_ids", "SELECT id FROM campaign_messages")


@pytest.fixture
async def close() -> AsyncIterator[CloseServer]:
    async with serving_close() as running:
        yield running


class Worker:
    """Does in a moment what the background worker does in hours."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api
        self._ahead = timedelta(minutes=-10)
        self.parts: CrmParts

    def now(self) -> datetime:
        return self._api.services.utc_now() + self._ahead

    async def release(self) -> None:
        """All whose turn comes within an hour."""
        ends_at = self.now() + timedelta(hours=1)
        while (at := await self.parts.campaigns.release_next()) is not None and at < ends_at:
            self._ahead += max(timedelta(), at - self.now())

    async def sync(self) -> None:
        store = self.parts.store
        for _ in range(2):  # what it sent it hears of afterwards
            run_id = await store.runs.queue("close", "bidirectional", trigger="schedule", now=self.now())
            assert await SyncEngine(store, self.parts.crm.providers, now=self.now).run(run_id) == "completed"


@asynccontextmanager
async def working(api: ApiServer) -> AsyncIterator[Worker]:
    worker = Worker(api)
    async with crm_parts(api.services.settings, api.services.database, worker.now) as worker.parts:
        yield worker


async def sent(api: ApiServer, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    async with getattr(api.operator, method)(path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def written(api: ApiServer, **about: Any) -> str:
    """A campaign whose messages are to be read; its place."""
    body = {"name": "Spring", "goal": "Invite them to a talk.", **about}
    campaign = await sent(api, "post", "/api/campaigns", body, 201)
    place = f"/api/campaigns/{campaign['id']}"
    await sent(api, "post", f"{place}/start")
    async with asyncio.timeout(20):
        while (await sent(api, "get", place))["status"] != "ready":
            await asyncio.sleep(0.03)
    return place


async def ann_and_bob(api: ApiServer, **about: str) -> None:
    for name in ("ann", "bob"):
        lead = {"contact_email": f"{name}@one.test", "contact_name": name.title(), **about}
        await sent(api, "post", "/api/leads", lead, 201)


async def refusal(api: ApiServer, place: str) -> dict[str, Any]:
    async with api.operator.post(f"{place}/send") as answer:
        assert answer.status == 409
        return await error_of(answer)


async def test_a_campaign_goes_out_and_tells_what_came_of_it(
    start_api: StartApi, close: CloseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await start_api(**LAWFUL, **close.settings)
    nobody_waits: list[bool] = []

    async def looked_up(number: str) -> tuple[ZoneInfo, ...]:
        nobody_waits.append(await api.services.database.fetch_value(TRY_LOCK))
        return await zones_of_number(number)

    monkeypatch.setattr(releasing, "zones_of_number", looked_up)
    await ann_and_bob(api, contact_phone="+14155550132")
    await sent(api, "post", "/api/agent-profiles", {"slug": "bikes", "company": "Bol Bikes"}, 201)
    place = await written(api, send=True, follow_up_days=[3], variants=2, agent="bikes")
    messages = (await sent(api, "get", f"{place}/messages"))["items"]
    assert [message["step"] for message in messages] == [0, 0, 1, 1]
    assert messages[2]["subject"] == f"Re: {messages[0]['subject']}"
    writer = await api.key("read", "write")
    for path in ("approve", "send"):
        async with api.client.post(f"{place}/{path}", headers=writer) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (403, "insufficient_permissions")
    assert await sent(api, "post", f"{place}/approve") == {"approved": 4}
    bobs = f"{place}/messages/{messages[1]['lead_id']}"
    async with api.client.patch(bobs, json={"body": "Words nobody approved."}, headers=writer) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "drafted")
    assert (await sent(api, "patch", bobs, {"status": "approved"}))["status"] == "approved"
    assert (await sent(api, "patch", bobs, {"body": "Words of an approver's."}))["status"] == "approved"
    assert (await sent(api, "post", f"{place}/send"))["sending"] == "on"
    async with working(api) as worker:
        await worker.release()
        assert nobody_waits
        assert all(nobody_waits), "numbers are looked up before others are kept out"
        await worker.sync()
        counts = (await sent(api, "get", place))["messages"]
        assert (counts["sent"], counts["approved"]) == (2, 2), "what follows waits"
        mails = {mail["to"][0]: mail for mail in close.close.mail.every()}
        ann = mails["ann@one.test"]
        assert ann["sender"] == "Ann Smith <ann@acme.test>"
        *_, whence, _why, link = ann["body_text"].splitlines()
        assert whence == "Bol Bikes, 1 Main Street, Springfield", "of whom it was written for"
        way_out = link.removeprefix("https://agent.example.com")
        async with api.client.get(way_out) as page:
            assert (page.status, page.content_type, "<button>" in await page.text()) == (200, "text/html", True)
            assert "from Bol Bikes like" in await page.text()
        assert (await sent(api, "get", f"{place}/figures"))["days"][0]["unsubscribed"] == 0, "to look changes nothing"
        async with api.client.post(way_out, data={"List-Unsubscribe": "One-Click"}) as page:
            assert (page.status, "unsubscribed" in await page.text()) == (200, True)
        async with api.client.post(way_out[:-3] + "AAA") as page:
            assert page.status == 404
        close.close.mail.receive("Bob <bob@one.test>", mails["bob@one.test"]["id"], "Yes, please.")
        await worker.sync()
    figures = await sent(api, "get", f"{place}/figures")
    told = {name: sum(day[name] for day in figures["days"]) for name in ("sent", "replied", "unsubscribed", "booked")}
    assert told == {"sent": 2, "replied": 1, "unsubscribed": 1, "booked": 0}
    assert (sum(variant["people"] for variant in figures["variants"]), figures["winner"]) == (2, None)
    assert (await sent(api, "get", place))["skipped"] == {"replied": 1, "unsubscribed": 1}
    booking = {"email": "Bob@one.test", "start": (await free_time(api)), "name": "Bob"}
    await sent(api, "post", "/api/bookings", booking, 201)
    assert sum(day["booked"] for day in (await sent(api, "get", f"{place}/figures"))["days"]) == 1


async def free_time(api: ApiServer) -> str:
    found = await sent(api, "get", "/api/bookings/free")
    return str(found["items"][0]["start"] if isinstance(found, dict) else found[0]["start"])


async def exported(api: ApiServer, place: str) -> set[str]:
    """Addresses in the file for another mail program."""
    async with api.operator.get(f"{place}/export.csv") as file:
        told = await file.text()
    return {address for address in ("ann@one.test", "bob@one.test") if address in told}


async def test_what_may_not_go_out_does_not(start_api: StartApi, api: ApiServer) -> None:
    place = await written(api, send=True)
    error = await refusal(api, place)
    assert error["code"] == "campaign_not_lawful"
    assert all(name in error["message"] for name in ("PUBLIC_URL", "CAMPAIGN_POSTAL_ADDRESS", "CAMPAIGN_SENDER"))
    for days in ([3, 3], [7, 3], [0]):
        body = {"name": "x", "goal": "y", "follow_up_days": days}
        async with api.operator.post("/api/campaigns", json=body) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (400, "invalid_value")
    async with api.client.get("/unsubscribe/nothing") as page:
        assert page.status == 404
    lawful = await start_api(**LAWFUL)
    assert (await refusal(lawful, place))["code"] == "crm_not_connected"


async def test_nobody_is_written_to_who_unsubscribed_from_another_campaign(start_api: StartApi) -> None:
    api = await start_api(**LAWFUL, CLOSE_API_KEY="never-asked", CLOSE_API_BASE="http://127.0.0.1:9")
    await ann_and_bob(api)
    first = await written(api, max_leads=1)
    async with working(api) as worker:
        (row,) = await api.services.database.fetch_all(IDS)
        token = worker.parts.unsubscribing.token(row["id"], "bob@one.test")
        async with api.client.get(f"/unsubscribe/{token}", headers={"Accept-Language": "de-AT,en;q=0.5"}) as page:
            told = await page.text()
            assert all(text in told for text in ('<html lang="de">', "Keine Nachrichten mehr?", "<button>Abmelden"))
        async with api.client.post(f"/unsubscribe/{token}") as page:
            assert page.status == 200
            assert "You are unsubscribed" in await page.text()
        assert (await sent(api, "get", first))["skipped"] == {"unsubscribed": 1}
        async with api.operator.post("/api/campaigns/audience", json={}) as answer:
            assert await answer.json() == {"messages": 1, "skipped": {"suppressed": 1}}
        second = await written(api, per_hour=1)
        assert (await sent(api, "get", second))["skipped"] == {"suppressed": 1}, "no message was written in vain"
        await sent(api, "post", f"{second}/approve")
        await sent(api, "post", f"{second}/send")
        await worker.release()
    campaign = await sent(api, "get", second)
    assert (campaign["skipped"], campaign["messages"]["queued"]) == ({"suppressed": 1}, 1)
    third = await written(api)
    await api.services.database.execute(Query("approve", "UPDATE campaign_messages SET status = 'approved'"))
    assert await exported(api, third) == {"ann@one.test"}
    digest = api.services.calls.suppressed.erased.digests.of("email", "ann@one.test")
    await api.services.database.execute(ERASED, digest=digest)
    assert not await exported(api, third)
    assert (await sent(api, "post", f"{second}/send/pause"))["sending"] == "paused"
    assert (await sent(api, "post", f"{second}/send/stop"))["sending"] == "stopped"
    assert (await refusal(api, second))["code"] == "campaign_state"


async def test_who_has_a_meeting_coming_is_written_to_when_a_person_says_so(start_api: StartApi) -> None:
    api = await start_api(**LAWFUL, CLOSE_API_KEY="never-asked", CLOSE_API_BASE="http://127.0.0.1:9")
    await ann_and_bob(api)
    place = await written(api)
    await sent(api, "post", f"{place}/approve")
    await sent(api, "post", f"{place}/send")
    bob, _ = (await sent(api, "get", f"{place}/messages"))["items"]
    meeting = {"email": "bob@one.test", "lead_id": bob["lead_id"], "start": await free_time(api)}
    assert await exported(api, place) == {"ann@one.test", "bob@one.test"}
    await sent(api, "post", "/api/bookings", meeting, 201)
    assert await exported(api, place) == {"ann@one.test"}
    async with working(api) as worker:
        await worker.release()
        (held,) = (await sent(api, "get", f"{place}/messages?status=drafted"))["items"]
        assert (held["lead_id"], held["reason"]) == (bob["lead_id"], "in_touch")
        assert (await sent(api, "get", place))["messages"]["queued"] == 1
        assert await sent(api, "post", f"{place}/approve") == {"approved": 0}
        alone = await sent(api, "patch", f"{place}/messages/{bob['lead_id']}", {"status": "approved"})
        assert (alone["status"], alone["reason"]) == ("approved", None)
        assert await exported(api, place) == {"bob@one.test"}, "the other is queued"
        await worker.release()
    assert (await sent(api, "get", place))["messages"]["queued"] == 2


async def test_what_somebody_is_changing_is_released_after_that(start_api: StartApi) -> None:
    api = await start_api(**LAWFUL, CLOSE_API_KEY="never-asked", CLOSE_API_BASE="http://127.0.0.1:9")
    await ann_and_bob(api)
    place = await written(api)
    await sent(api, "post", f"{place}/approve")
    await sent(api, "post", f"{place}/send")
    first, last = (await sent(api, "get", f"{place}/messages"))["items"]
    async with working(api) as worker:
        async with api.services.database.transaction() as changing:
            await changing.execute(HELD, lead_id=UUID(last["lead_id"]))
            async with asyncio.timeout(5):
                await worker.parts.campaigns.release_next()
            await changing.execute(HELD, lead_id=UUID(first["lead_id"]))
        assert (await sent(api, "get", place))["messages"]["queued"] == 1
        await worker.release()
    assert (await sent(api, "get", place))["messages"]["queued"] == 2
