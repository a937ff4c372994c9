"""Deliveries to real receivers over sockets: at least once each, whoever is slow, refuses, hangs or drips."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from eventually import eventually
from standardwebhooks import Webhook, WebhookVerificationError
from webhook_world import an_endpoint, told

from agent_server.webhooks import deciding, sending
from agent_server.webhooks.addresses import Reach
from agent_server.webhooks.signing import new_secret
from agent_server.webhooks.work import PER_ENDPOINT, WebhookWork
from crm.vault import Vault
from simulators.webhook_receiver import Received, WebhookReceiver
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.keys.secret_tokens import utc_now
from storage.leads.leads import Leads
from storage.postgres.database import Database
from storage.postgres.named_query import Query
from storage.webhooks.endpoints import WebhookEndpoint

KEY, OLDER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
OWN = Reach(loopback=True)
MARK = "quokka"


class World:
    """Endpoints with receivers, and processes that deliver to them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def work(self, *, reach: Reach = OWN, keys: str = KEY, timeout_s: float = 5.0, **about: Any) -> WebhookWork:
        return WebhookWork(
            self.database, Vault.from_setting(keys), reach, utc_now, days=14, timeout_s=timeout_s, **about
        )

    @asynccontextmanager
    async def delivering(self, work: WebhookWork | None = None) -> AsyncIterator[WebhookWork]:
        work = work or self.work()
        task = asyncio.create_task(work.keep())
        try:
            yield work
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def endpoint(self, url: str, endpoint_id: str = "whe_1", *events: str, **about: Any) -> str:
        """Returns its secret."""
        secret = new_secret()
        sealed = self.work().box.seal(endpoint_id, secret)
        await an_endpoint(self.database, *events, endpoint_id=endpoint_id, url=url, secret=sealed, **about)
        return secret

    async def happens(self, times: int = 1) -> None:
        for number in range(times):
            await Leads(self.database).create({"contact_name": f"{MARK} {number}"}, now=utc_now())

    async def of(self, endpoint_id: str = "whe_1") -> list[dict[str, Any]]:
        return [row for row in await told(self.database) if row["endpoint_id"] == endpoint_id]

    async def tried(self) -> list[dict[str, Any]]:
        """Once there was an attempt at each."""
        async with asyncio.timeout(15):
            while not (rows := await self.of()) or any(row["latency_ms"] is None for row in rows):
                await asyncio.sleep(0.01)
        return rows

    async def settled(self, status: str, endpoint_id: str = "whe_1") -> list[dict[str, Any]]:
        """Once all of them are so after an attempt."""
        async with asyncio.timeout(15):
            while True:
                rows = await self.of(endpoint_id)
                if rows and all(row["status"] == status and row["latency_ms"] is not None for row in rows):
                    return rows
                await asyncio.sleep(0.01)

    async def kept(self, endpoint_id: str = "whe_1") -> WebhookEndpoint:
        found = await self.work().endpoints.get(endpoint_id)
        assert found is not None
        return found

    async def run(self, statement: str) -> None:
        await self.database.execute(Query("world", statement))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as one:
        yield await one.start()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another attempt does not wait."""
    monkeypatch.setattr(deciding, "DELAYS", (timedelta(),) * 9)


def answering(*answers: int | web.Response) -> Callable[[Received], Any]:
    """One after the other, the last again and again."""
    left = list(answers)

    async def respond(_: Received) -> web.StreamResponse:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer if isinstance(answer, web.Response) else web.Response(status=answer, text=f"says {answer}")

    return respond


async def test_an_event_arrives_as_the_vendors_library_has_it(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    async with world.delivering():
        await world.happens()
        (row,) = await world.settled("delivered")
        (one,) = receiver.received
        event = Webhook(receiver.secret).verify(one.body, dict(one.headers))
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(one.body, dict(one.headers))
    assert set(event) == {"type", "timestamp", "data"}
    assert (event["type"], event["data"]) == ("lead.created", row["data"])
    assert datetime.fromisoformat(event["timestamp"]) == row["occurred_at"]
    assert one.headers["content-type"] == "application/json"
    assert (row["event_id"], row["attempts"], row["answer_status"], row["answer"]) == (one.id, 1, 200, "Thank you.")


@pytest.mark.usefixtures("at_once")
async def test_what_fails_is_sent_again_under_the_same_id(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(500, 404, 200)
    async with world.delivering():
        await world.happens()
        (row,) = await world.settled("delivered")
    assert row["attempts"] == 3
    assert len({one.id for one in receiver.received}) == 1
    assert len({one.body for one in receiver.received}) == 1
    assert all(one.problem is None for one in receiver.received)
    assert (await world.kept()).failing_since is None
    (hour,) = (await world.work().endpoints.hours(["whe_1"], since=utc_now() - timedelta(hours=2)))["whe_1"]
    assert (hour.delivered, hour.failed) == (1, 2)


@pytest.mark.usefixtures("at_once")
async def test_ten_attempts_are_all(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(500)
    async with world.delivering() as work:
        await world.happens()
        (row,) = await world.settled("given_up")
        assert (row["attempts"], row["answer_status"], row["answer"]) == (10, 500, "says 500")
        assert (await world.kept()).failing_since is not None
        receiver.respond = answering(200)
        assert await work.deliveries.redeliver_since("whe_1", row["occurred_at"] + timedelta(seconds=1), rows=9) == 0
        assert await work.deliveries.redeliver_since("whe_1", row["occurred_at"], rows=9) == 1
        await world.settled("delivered")
        assert await work.deliveries.redeliver("whe_1", row["id"]), "also what has arrived"
        await eventually(lambda: len(receiver.received) == 12)
        await world.settled("delivered")
    assert len({one.id for one in receiver.received}) == 1


async def test_one_that_hangs_keeps_nobody_else_waiting(world: World, receiver: WebhookReceiver) -> None:
    async with WebhookReceiver() as hanging:
        hanging.secret = await world.endpoint((await hanging.start()).url, "whe_2")
        receiver.secret = await world.endpoint(receiver.url)
        let_go = asyncio.Event()

        async def hang(_: Received) -> web.StreamResponse:
            await let_go.wait()
            return web.Response()

        hanging.respond = hang
        async with world.delivering():
            await world.happens(20)
            await world.settled("delivered")
            assert len(hanging.received) == PER_ENDPOINT
            let_go.set()
            await world.settled("delivered", "whe_2")
            assert len(hanging.received) == 20


@pytest.mark.usefixtures("at_once")
async def test_processes_share_the_work_and_the_bound(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    now, most = 0, 0

    async def respond(_: Received) -> web.StreamResponse:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return web.Response()

    receiver.respond = respond
    async with world.delivering(), world.delivering():
        await world.happens(30)
        await world.settled("delivered")
    assert len(receiver.received) == 30, "each was one process's"
    assert most <= PER_ENDPOINT


async def test_what_a_dead_process_had_is_another_s(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    await world.happens()
    (claimed,) = await world.work().deliveries.claim(at_once=4, rows=9, lease_s=0.5)
    assert await world.work().deliveries.claim(at_once=4, rows=9, lease_s=0.5) == []
    async with world.delivering():
        (row,) = await world.settled("delivered")
    assert (row["event_id"], row["attempts"]) == (claimed.event_id, 2)


async def test_what_is_under_way_when_a_process_stops_is_another_s_at_once(
    world: World, receiver: WebhookReceiver
) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = lambda _: asyncio.Event().wait()
    async with world.delivering(world.work(finish_s=0.05)):
        await world.happens()
        await eventually(lambda: receiver.received)
    receiver.respond = answering(200)
    async with world.delivering():
        await world.settled("delivered")
    assert len({one.id for one in receiver.received}) == 1


async def test_a_process_that_stops_lets_a_receiver_answer(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    answer = asyncio.Event()

    async def respond(_: Received) -> web.StreamResponse:
        await answer.wait()
        return web.Response()

    receiver.respond = respond
    async with world.delivering():
        await world.happens()
        await eventually(lambda: receiver.received)
        asyncio.get_running_loop().call_later(0.05, answer.set)
    await world.settled("delivered")
    assert len(receiver.received) == 1


async def test_who_is_gone_is_told_nothing_more(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(410)
    async with world.delivering():
        await world.happens()
        await world.settled("given_up")
        endpoint = await world.kept()
        assert (endpoint.enabled, endpoint.disabled_reason) == (False, "gone")
        await world.happens()
    assert len(receiver.received) == len(await world.of()) == 1, "and nothing more is written down"


async def test_who_fails_for_five_days_is_told_nothing_more(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(500)
    await world.run("UPDATE webhook_endpoints SET failing_since = now() - interval '5 days 1 second'")
    async with world.delivering():
        await world.happens()
        await world.settled("waiting")
    endpoint = await world.kept()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "failing")


async def test_who_is_too_busy_is_left_alone_for_as_long_as_they_say(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(web.Response(status=429, headers={"Retry-After": "60"}))
    async with world.delivering() as work:
        await world.happens()
        (row,) = await world.settled("waiting")
        assert timedelta(seconds=58) < row["due_at"] - datetime.now(UTC) <= timedelta(seconds=60)
        await world.happens()
        assert (await work.deliveries.next_s(at_once=PER_ENDPOINT) or 0) > 55
    assert len(receiver.received) == 1


async def test_a_queue_that_is_full_disables_and_keeps(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url)
    await world.run("UPDATE webhook_endpoints SET hold_until = now() + interval '1 hour'")
    await world.happens(3)
    await world.work(most_waiting=3).disable_full()
    assert (await world.kept()).enabled
    await world.happens()
    async with world.delivering(world.work(most_waiting=3)) as work:
        await work.disable_full()
        endpoint = await world.kept()
        assert (endpoint.enabled, endpoint.disabled_reason) == (False, "queue_full")
        await world.happens()
        changes = dict.fromkeys(("url", "description", "events", "include_words"))
        await work.endpoints.change("whe_1", enabled=True, now=utc_now(), **changes)
        assert len(await world.settled("delivered")) == 4


async def test_a_new_secret_and_the_one_before_sign_together(world: World, receiver: WebhookReceiver) -> None:
    old = receiver.secret = await world.endpoint(receiver.url)
    async with world.delivering() as work:
        made = await work.rotate("whe_1")
        assert made is not None
        new, until = made
        assert timedelta(hours=23) < until - utc_now() <= timedelta(hours=24)
        await world.happens()
        await world.settled("delivered")
        await world.run("UPDATE webhook_endpoints SET old_secret_until = now()")
        receiver.secret = new
        await world.happens()
        await world.settled("delivered")
    both, one = receiver.received
    for secret in (old, new):
        Webhook(secret).verify(both.body, dict(both.headers))
    assert len(one.headers["webhook-signature"].split()) == 1


async def test_words_go_to_who_asked_for_them(world: World, receiver: WebhookReceiver) -> None:
    receiver.secret = await world.endpoint(receiver.url, "whe_1", "handoff.requested", "conversation.ended")
    async with WebhookReceiver() as told_all:
        url = (await told_all.start()).url
        wanted = ("handoff.requested", "conversation.ended")
        told_all.secret = await world.endpoint(url, "whe_2", *wanted, include_words=True)
        await Conversations(world.database).create(
            ConversationRecord(id="conv_1", channel="phone", created_at=utc_now(), updated_at=utc_now())
        )
        await world.run(
            "INSERT INTO conversation_items (conversation_id, id, position, type, role, status, heard_text, created_at,"
            f" updated_at) VALUES ('conv_1', 'i1', 1, 'message', 'user', 'completed', '{MARK}', now(), now())"
        )
        asked = {"reason": MARK, "summary": "about the bill"}
        await Outcomes(world.database, now=utc_now).record("k1", "conv_1", "handoff", asked)
        await world.run("UPDATE conversations SET status = 'closed', ended_at = now()")
        async with world.delivering():
            await world.settled("delivered")
            await world.settled("delivered", "whe_2")
    assert MARK not in "".join(one.body.decode() for one in receiver.received)
    (handoff,) = told_all.events("handoff.requested")
    assert (handoff["data"]["reason"], handoff["data"]["summary"]) == (MARK, "about the bill")
    (ended,) = told_all.events("conversation.ended")
    assert [(one["role"], one["text"]) for one in ended["data"]["items"]] == [("user", MARK)]


@asynccontextmanager
async def raw(reply: bytes, *, then_s: float = 0.0, drip: bytes = b"") -> AsyncIterator[str]:
    """A receiver that says just this, and then, again and again, ``drip``."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            while drip:
                await writer.drain()
                writer.write(drip)
                await asyncio.sleep(then_s)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def outcome_of(world: World, url: str, *, reach: Reach = OWN, timeout_s: float = 0.4) -> tuple[Any, ...]:
    await world.endpoint(url)
    async with world.delivering(world.work(reach=reach, timeout_s=timeout_s)):
        await world.happens()
        (row,) = await world.tried()
    await world.run("DELETE FROM webhook_deliveries")
    await world.run("DELETE FROM webhook_endpoints")
    return row["status"], row["answer_status"], row["error"], row["answer"]


async def test_receivers_that_do_not_do_what_they_should(
    world: World, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ANSWER_S", 0.2)
    gone = await WebhookReceiver().start()
    url = gone.url
    await gone.aclose()
    assert await outcome_of(world, url) == ("waiting", None, "unreachable", None)

    redirect = f"HTTP/1.1 302 Found\r\nLocation: {receiver.url}\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw(redirect) as url:
        assert await outcome_of(world, url) == ("waiting", 302, None, None)
    assert not receiver.received, "a redirect is not followed"

    async with raw(b"") as url:  # hangs up
        assert (await outcome_of(world, url))[:3] == ("waiting", None, "unreachable")
    async with raw(b"HTTP/1.1 200 OK\r\n", drip=b"X-Slow: 1\r\n", then_s=0.05) as url:
        assert (await outcome_of(world, url))[:3] == ("waiting", None, "timed_out")
    async with raw(b"not http at all\r\n\r\n") as url:
        assert (await outcome_of(world, url))[:3] == ("waiting", None, "broken_answer")
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    async with raw(endless, drip=b"drop ", then_s=0.02) as url:
        status, answer_status, error, answer = await outcome_of(world, url, timeout_s=5.0)
        assert (status, answer_status, error) == ("delivered", 200, None), "the status alone decides"
        assert answer.startswith("drop drop") and len(answer) < 500
    async with raw(endless, drip=("ü" * 4000).encode()) as url:
        assert await outcome_of(world, url, timeout_s=5.0) == ("delivered", 200, None, "ü" * 500)


async def test_a_name_that_leads_into_the_server_s_own_network_is_not_connected_to(
    world: World, receiver: WebhookReceiver
) -> None:
    port = receiver.url.split(":")[2]
    for url in (f"https://localhost:{port}", f"http://localhost:{port}", f"https://127.0.0.1:{port}"):
        assert await outcome_of(world, url, reach=Reach()) == ("waiting", None, "address_not_allowed", None)
    assert (await outcome_of(world, f"https://localhost:{port}"))[2] == "tls_failed"
    assert not receiver.received


async def test_no_log_holds_what_was_told(
    world: World, receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.secret = await world.endpoint(receiver.url)
    receiver.respond = answering(410)
    async with world.delivering():
        await world.happens()
        await world.settled("given_up")
    assert "is disabled (gone)" in caplog.text
    assert MARK not in caplog.text and receiver.secret not in caplog.text


async def test_old_ones_are_forgotten_and_secrets_are_sealed_anew(world: World) -> None:
    secret = new_secret()
    older = world.work(keys=OLDER_KEY)
    await an_endpoint(world.database, secret=older.box.seal("whe_1", secret))
    await an_endpoint(world.database, endpoint_id="whe_2", secret=older.box.seal("whe_2", secret))
    await world.happens(3)
    await world.run("UPDATE webhook_deliveries SET created_at = now() - interval '15 days'")
    await world.run("UPDATE webhook_endpoints SET enabled = false WHERE id = 'whe_2'")
    await world.run("UPDATE webhook_deliveries SET status = 'delivered' WHERE data::text LIKE '%quokka 1%'")
    both = world.work(keys=f"{KEY},{OLDER_KEY}")
    assert await both.sweep.sweep() == 4, "what is through, and what nobody will fetch"
    assert [(row["endpoint_id"], row["status"]) for row in await told(world.database)] == [("whe_1", "waiting")] * 2
    assert await both.sweep.sweep() == 0
    endpoint = await world.kept()
    assert world.work().box.keys("whe_1", endpoint.secret) == [secret], "the older key can be dropped"
