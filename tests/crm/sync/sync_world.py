"""Close's simulator without a socket in between, our side on a real database, and everything that may go wrong between
them. The provider is the real one: only the transport under it is exchanged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from aiohttp import web
from aiohttp.http import HttpVersion11, RawRequestMessage
from crm_world import TestClock
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from crm.authorization import FixedAuthorization, basic_user
from crm.client import ApiClient
from crm.close import reference_field, webhooks
from crm.close.dialect import CloseDialect
from crm.close.provider import CloseProvider
from crm.close.records import Lead, read
from crm.contact import CONTACT_FIELDS, ContactFields
from crm.credentials import CredentialStore
from crm.errors import BadAnswer, DeadlineExceeded, ProviderUnavailable
from crm.http import Request, Response
from crm.mapping.close import CloseMapping, of_lead
from crm.sync.edits import ContactEdits
from crm.sync.engine import SyncEngine
from crm.sync.signature_keys import SignatureKeys
from crm.sync.store import SyncStore, sync_store
from crm.sync.webhooks import WebhookDoor
from crm.vault import Vault, generate_key
from simulators.close.options import CloseOptions, GroupLimit
from simulators.close.provider import PREFIX, Close
from simulators.config import SimulatorConfig
from simulators.simulation import Simulation
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.crm.credentials import CrmCredentials
from storage.crm.sync_state import LeaseLost
from storage.erasure.digests import Digests, ErasedPeople
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import Query
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.rate_limit import RateLimiter
from storage.shared.state import SharedState

SIGNATURE_KEY = "5e" * 32

Fault = Literal[
    "rate_limit",
    "server_error",
    "unauthorized",
    "html",
    "timeout_before",
    "timeout_after",
    "timeout_late",
    "drop_after",
    "cut",
]
"""``timeout_late``: a write that is applied only after nobody waits for its answer any more, see ``arrive``."""
FAULTS: tuple[Fault, ...] = (
    "rate_limit",
    "server_error",
    "unauthorized",
    "html",
    "timeout_before",
    "timeout_after",
    "drop_after",
    "cut",
)
ENRICHED = ("seniority", "region")
"""Keys of enrichment data that have a custom field over there, where the organisation keeps them."""

Moment = Literal["reading", "sending"]
"""The first look at the feed, and the first write to the vendor."""


class Killed(BaseException):
    """The process ended here."""


class KillSwitch:
    """Ends the process at a chosen write: nothing it does afterwards has an effect."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._since: Moment | None = None
        self.dead = False
        self.passed = 0

    def arm(self, after: int, *, since: Moment | None = None) -> None:
        """``since``: count from that moment; None: from now."""
        self._left, self._since = after, since

    def reached(self, moment: Moment) -> None:
        """A request of this kind is on its way."""
        if self._since == moment:
            self._since = None

    def revive(self) -> None:
        self.dead, self._left = False, None

    def point(self) -> None:
        """A moment at which the process may end."""
        if self.dead:
            raise Killed
        self.passed += 1
        if self._left is not None and self._since is None:
            if self._left == 0:
                self.dead = True
                raise Killed
            self._left -= 1


class KillableDatabase(Database):
    """Every commit has a moment before it and one after it."""

    def __init__(self, plain: Database, switch: KillSwitch) -> None:
        super().__init__(plain.dsn, plain._pool, acquire_timeout_s=plain._acquire_timeout_s)
        self._connection = plain._connection  # type: ignore[method-assign]
        self.switch = switch

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:  # type: ignore[override]
        if self.switch.dead:
            raise Killed
        async with super().transaction() as transaction:
            yield transaction
            self.switch.point()
        self.switch.point()

    async def execute(self, query: Any, /, **params: Any) -> int:
        self.switch.point()
        touched = await super().execute(query, **params)
        self.switch.point()
        return touched


class LocalState(SharedState):
    """As when Redis is away: the process's own copy, at once."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._away_until = float("inf")


class SimulatorTransport:
    """Hands requests to the simulator's own handlers. ``choose`` decides which fault strikes a request."""

    def __init__(self, close: Close, switch: KillSwitch) -> None:
        self._app = web.Application()
        self._app.add_routes(close.routes())
        self._app.freeze()
        self._switch = switch
        self.choose: Callable[[Request], Fault | None] = lambda request: None
        self.meanwhile: Callable[[Request], Awaitable[None]] | None = None
        """What people do while a request is under way, before it arrives."""
        self.oversized: str | None = None
        """An event that is more than an answer may be."""
        self.requests: list[str] = []
        self.struck: set[str] = set()
        """Which faults struck what."""
        self.passes: Callable[[float], None] = lambda seconds: None
        self.request_s = 0.0
        """The time a request takes."""
        self._late: list[Request] = []

    async def exchange(self, request: Request, *, timeout_s: float) -> Response:
        self.requests.append(f"{request.method} {request.url.partition('?')[0]}")
        if self.meanwhile is not None:
            await self.meanwhile(request)
        self.passes(self.request_s)
        fault = self.choose(request)
        if fault is not None:
            reads = request.method == "GET" or "/data/search/" in request.url
            self.struck.add(f"{fault} at a {'reading' if reads else 'write'}")
        if fault == "timeout_before":
            raise DeadlineExceeded("provider_timeout", "no answer", outcome="unknown")
        if fault == "timeout_late":
            self._late.append(request)
            raise DeadlineExceeded("provider_timeout", "no answer", outcome="unknown")
        if fault == "rate_limit":
            return Response(429, {"ratelimit": "limit=100, remaining=0, reset=1", "retry-after": "1"}, b"{}")
        if fault == "unauthorized":
            return Response(401, {}, b'{"error": "The API key is not valid."}')
        if fault == "server_error":
            return Response(503, {}, b'{"error": "later"}')
        if request.method != "GET" and "search" not in request.url:
            self._switch.reached("sending")
            self._switch.point()
        elif "/event/" in request.url:
            self._switch.reached("reading")
        answer = await self._answer(request)
        if request.method != "GET":
            self._switch.point()
        elif self.oversized is not None and "/event/" in request.url and self.oversized.encode() in answer.body:
            raise BadAnswer("answer_too_large", "too much", outcome="unknown")
        if fault == "timeout_after":
            raise DeadlineExceeded("provider_timeout", "no answer", outcome="unknown")
        if fault in ("drop_after", "cut"):
            raise ProviderUnavailable("connection_dropped", "the connection broke", outcome="unknown")
        if fault == "html":
            return Response(200, {"content-type": "text/html"}, b"<html>Just a moment...</html>")
        return answer

    async def arrive(self) -> None:
        """What was on its way for long is applied."""
        late, self._late = self._late, []
        for request in late:
            await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        arrived = _arrived(request)
        match = await self._app.router.resolve(arrived)
        arrived._match_info = match  # type: ignore[assignment]
        answer = await match.handler(arrived)
        assert isinstance(answer, web.Response)
        body = answer.body if isinstance(answer.body, bytes) else b""
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)


class _NoLine:
    """Where a real request has its connection."""

    ssl_context = peername = sockname = transport = None


def _arrived(request: Request) -> web.Request:
    """The request as the simulator's handlers see it. aiohttp's own mock costs more than everything a handler does."""
    headers = CIMultiDictProxy(CIMultiDict(request.headers))
    url = URL(request.url.removeprefix("http://close"), encoded=True)
    message = RawRequestMessage(request.method, str(url), HttpVersion11, headers, (), False, None, False, False, url)
    line: Any = _NoLine()
    arrived = web.Request(message, line, line, line, line, asyncio.get_running_loop())
    arrived._read_bytes = request.body
    return arrived


_STATES = Query("outbox_states", "SELECT state, count(*) AS entries FROM crm_outbox GROUP BY state")
_DISCARD = Query(
    "discard_orders",
    "UPDATE crm_outbox SET state = 'dead' WHERE kind = 'contact' AND state = 'pending'"
    " AND subject IN (SELECT id FROM crm_contacts WHERE external_id IS NOT NULL)",
)


_NOTE = Query(
    "enter_note",
    "INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)"
    " VALUES (%(platform)s, 'note', %(conversation_id)s, %(reference)s, %(payload)s, %(now)s, %(now)s)",
)
_EXPIRE = Query("expire_lease", "UPDATE crm_sync_state SET lease_until = '-infinity' WHERE platform = 'close'")


async def enter_note(transaction: Transaction, *, platform: str = "close", **about: Any) -> None:
    """As the database does when a conversation has ended."""
    await transaction.execute(_NOTE, platform=platform, **about)


async def expire_lease(database: Database) -> None:
    """As if its holder had been gone for long."""
    await database.execute(_EXPIRE)


class SyncWorld:
    """One organisation at Close, one database of ours, one clock."""

    def __init__(
        self, database: Database, *, seed: int = 0, digests: Digests | None = None, enriches: bool = False
    ) -> None:
        """``digests``: the sync knows who was erased, as the worker's does. ``enriches``: the organisation keeps what
        enrichment finds."""
        self.clock = TestClock()
        self.switch = KillSwitch()
        killable = KillableDatabase(database, self.switch)
        self.plain = database
        self.store: SyncStore = sync_store(killable, ErasedPeople(killable, digests) if digests is not None else None)
        config = SimulatorConfig(seed=seed)
        self.close = Close(Simulation(config, dict(Close.delays)), self.clock)
        self.options(groups=GroupLimit(limit=1_000_000, window_s=1.0))
        self.transport = SimulatorTransport(self.close, self.switch)
        self.transport.passes = self.pass_time
        self.credentials = CredentialStore(CrmCredentials(killable), Vault([generate_key()]))
        self.edits = ContactEdits(sync_store(database), self.now)
        make = self.close.store.create_custom_field
        self.custom = {key: make("contact", {"name": key})["id"] for key in ENRICHED} if enriches else {}
        self.restart()

    def options(self, **switches: Any) -> None:
        now = {name: getattr(self.close.store.options, name) for name in CloseOptions.__struct_fields__}
        self.close.store.options = CloseOptions(**(now | switches))

    def restart(self) -> None:
        """A new process: nothing but the database is left of the old one."""
        self.state = state = LocalState()
        client = ApiClient(
            CloseDialect(),
            base_url=f"http://close{PREFIX}",
            transport=self.transport,
            authorization=FixedAuthorization(basic_user("simulated-close-key")),
            limiter=RateLimiter(state, clock=self.clock),
            breaker=CircuitBreaker(state, clock=self.clock),
            rim=self.clock.rim,
        )
        self.provider = CloseProvider(client, fill_in=CloseMapping(custom_fields=self.custom))
        keys = SignatureKeys(self.credentials, "close", [SIGNATURE_KEY], monotonic=self.clock)
        self.door = WebhookDoor(self.store, self.provider, keys, self.now)
        self.switch.revive()
        self.engine = SyncEngine(self.store, {"close": self.provider}, now=self.now)

    @property
    def reference_field(self) -> str | None:
        """The field that holds our references, once there is one."""
        fields = self.close.store.custom_fields["contact"]
        return next((field_id for field_id, name in fields.items() if name == reference_field.NAME), None)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    async def poll(self, operation: Any = "bidirectional", **options: Any) -> str:
        """One run, as the schedule starts it."""
        run_id = await sync_store(self.plain).runs.queue(
            "close", operation, trigger=options.pop("trigger", "schedule"), now=self.now(), **options
        )
        status = await self.engine.run(run_id)
        if status == "failed":
            run = await sync_store(self.plain).runs.get(run_id)
            assert run is not None
            assert "internal_error" not in {entry["code"] for entry in run.errors}
        return status

    async def waits(self) -> bool:
        """Whether anything is left to be read, sent, or listed."""
        store = sync_store(self.plain)
        reading = await store.inbox.count("close") or (await store.state.get("close")).listing_id
        return bool(reading or await self.waiting_out())

    async def waiting_out(self) -> int:
        """Changes that are still to be sent."""
        return (await sync_store(self.plain).backlogs.of(["close"]))["close"].waiting_out

    async def flagged(self) -> set[str]:
        """Kinds of conflicts there are, and what was flagged at the same moment on both sides."""
        found = (await sync_store(self.plain).conflicts.list(limit=1000)).items
        return {f"conflict {entry.kind} of {entry.field}, won {entry.winner}" for entry in found}

    async def outbox_states(self) -> dict[str, int]:
        """Entries of the outbox by what became of them."""
        return {row["state"]: row["entries"] for row in await self.plain.fetch_all(_STATES)}

    async def poll_killed(self, after: int, *, since: Moment | None = None, **options: Any) -> bool:
        """A run whose process ends at its n-th write; False: it came to its end before."""
        self.switch.arm(after, since=since)
        try:
            await self.poll(**options)
        except Killed:
            self.restart()
            await expire_lease(self.plain)
            return True
        self.switch.revive()
        return False

    async def poll_overtaken(self, after: int, *, returns: bool) -> bool:
        """A run that stands still at a request for longer than its lease: another process does the same work meanwhile.
        Then it goes on, not knowing; ``returns``: with the lease again. False: it came to its end before.

        Not before a write that Close would apply whatever has become of the record since our last look.
        """
        left, overtaken = after, False
        other = SyncEngine(self.store, {"close": self.provider}, now=self.now)
        slow = self.engine

        async def meanwhile(request: Request) -> None:
            nonlocal left, overtaken
            left -= request.method not in ("PUT", "DELETE")
            if left >= 0 or overtaken or request.method in ("PUT", "DELETE"):
                return
            overtaken, self.engine = True, other
            state = sync_store(self.plain).state
            await expire_lease(self.plain)
            await self.poll()
            if returns:
                await state.take_lease("close", slow._owner, 30.0)

        self.transport.meanwhile = meanwhile
        try:
            await self.poll()
        except LeaseLost:
            pass
        finally:
            self.transport.meanwhile, self.engine = None, slow
            await expire_lease(self.plain)
        return overtaken

    async def discard_orders(self) -> None:
        """What was to be sent of contacts that are over there was given up on, and somebody discarded it."""
        await self.plain.execute(_DISCARD)

    async def deliver(self, event: dict[str, Any]) -> None:
        """Close tells of an event, as it signs and sends it."""
        body = msgspec.json.encode({"subscription_id": "whsub_1", "event": event})
        stamp = str(int(self.clock()))
        signed = webhooks.signature(SIGNATURE_KEY, stamp, body)
        await self.door.take({"close-sig-hash": signed, "close-sig-timestamp": stamp}, body)

    async def converse(self, contact_id: str, conversation_id: str) -> None:
        """A conversation that is held, ends, and leads to a meeting."""
        now = self.now()
        about: dict[str, Any] = {"id": conversation_id, "channel": "phone", "metadata": {"contact_id": contact_id}}
        conversations = Conversations(self.plain)
        await conversations.create(ConversationRecord(**about, created_at=now, updated_at=now))
        await Outcomes(self.plain, now=self.now).record(
            conversation_id, conversation_id, "meeting", {"start": conversation_id}
        )
        await conversations.end(conversation_id, "closed", now=now)

    def theirs(self) -> dict[str, ContactFields]:
        """Close's contacts in our terms, by id."""
        store = self.close.store
        mapping = CloseMapping(reference_field=self.reference_field, custom_fields=self.custom)
        return {
            contact.external_id: contact.fields
            for lead in store.leads.values()
            for contact in of_lead(read(Lead, store.shown_lead(lead)), mapping)
        }

    async def ours(self) -> dict[str, dict[str, Any]]:
        """Our contacts that are not deleted, by the id they have at Close (or ours, with a mark)."""
        rows = (await self.store.contacts.list(limit=1000)).items
        return {row.external_id or f"unlinked {row.id}": {n: getattr(row, n) for n in CONTACT_FIELDS} for row in rows}

    def make(self, company: str = "", **person: Any) -> tuple[str, str]:
        """Somebody enters a lead with one contact at Close; ids of both."""
        self.close.store.begin_request()
        lead = self.close.store.create_lead({"name": company, "contacts": [person_body(**person)]})
        return lead["id"], lead["contacts"][0]["id"]

    def list_there(self, contact_id: str, name: str) -> list[dict[str, str]]:
        """A contact's addresses or numbers at Close, as entries with their types."""
        return [dict(entry) for entry in self.close.store.contacts[contact_id][f"{name}s"]]

    def set_list(self, contact_id: str, name: str, entries: list[dict[str, str]]) -> None:
        """Somebody edits the list as a whole."""
        self.close.store.begin_request()
        self.close.store.update_contact(contact_id, {f"{name}s": entries})

    def change(self, contact_id: str, **person: Any) -> None:
        """Somebody edits a contact at Close: of an address or a number the first, of which "" leaves none."""
        self.close.store.begin_request()
        body = person_body(**person)
        for name in {"emails", "phones"} & set(body):
            body[name] += self.close.store.contacts[contact_id][name][1:] if body[name] else []
        self.close.store.update_contact(contact_id, body)


def person_body(
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    title: str | None = None,
    further: str | None = None,
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if name is not None:
        body["name"] = name
    if title is not None:
        body["title"] = title
    if email is not None:
        addresses = [address for address in (email, further) if address]
        body["emails"] = [{"email": address, "type": "office"} for address in addresses]
    if phone is not None:
        body["phones"] = [{"phone": phone, "type": "office"}] if phone else []
    return body


TABLES = (
    *("crm_opportunities", "crm_conflicts", "crm_contacts", "crm_aliases", "crm_sync_state", "crm_listed", "crm_inbox"),
    *("crm_webhook_events", "crm_outbox", "crm_dead_letters", "crm_sync_runs"),
    *("conversations", "conversation_outcomes", "erasures", "erased_people"),
)


async def emptied(database: Database) -> None:
    """Every table of the sync, as new. Deleting a few rows is much faster than truncating."""
    async with database._connection("empty") as connection:
        await connection.execute(";".join(f"DELETE FROM {table}" for table in TABLES))


__all__ = ["FAULTS", "Fault", "Killed", "SyncWorld", "asyncio", "emptied", "person_body"]
