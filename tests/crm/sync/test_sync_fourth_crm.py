"""A CRM of one file (``fourth_crm``) is kept in step both ways by the same engine, without a feed or webhooks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from crm_world import TestClock
from fourth_crm import PLATFORM, TinyDialect, TinyProvider
from sync_world import LocalState

from crm.authorization import FixedAuthorization, bearer
from crm.client import ApiClient
from crm.contact import ContactFields
from crm.errors import DeadlineExceeded
from crm.http import Request, Response
from crm.sync import edits, listing
from crm.sync.cursors import OVERLAP
from crm.sync.edits import ContactEdits
from crm.sync.engine import SyncEngine
from crm.sync.store import sync_store
from storage.postgres.database import Database
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.rate_limit import RateLimiter

ROWS = 2
"""Of a page: a few people make several."""
NEW = ContactFields(email="new@example.com", first_name="Grace", last_name="Hopper")


class Tiny:
    """The vendor: people by id, listed by the time of their last change and by id."""

    def __init__(self, clock: TestClock) -> None:
        self._clock = clock
        self.people: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.unanswered: Callable[[Request], bool] = lambda request: False

    def put(self, person_id: str | None = None, **values: str) -> str:
        """Somebody enters or edits a person over there."""
        person_id = person_id or f"p{len(self.people) + 1}"
        changed = datetime.fromtimestamp(self._clock(), UTC)
        self.people[person_id] = self.people.get(person_id, {"id": person_id}) | values | {"changed": changed}
        return person_id

    async def exchange(self, request: Request, *, timeout_s: float) -> Response:
        url = urlsplit(request.url)
        self.requests.append(f"{request.method} {url.path}")
        status, body = self._answer(request, url.path.split("/")[1:], parse_qs(url.query))
        if self.unanswered(request):
            raise DeadlineExceeded("provider_timeout", "no answer", outcome="unknown")
        return Response(status, {"content-type": "application/json"}, msgspec.json.encode(body))

    def _answer(self, request: Request, path: list[str], query: dict[str, list[str]]) -> tuple[int, Any]:
        sent = msgspec.json.decode(request.body) if request.body else {}
        match request.method, path:
            case "GET", ["whoami"]:
                return 200, {}
            case "GET", ["people"]:
                return 200, self._list({name: values[0] for name, values in query.items()})
            case "POST", ["people"]:
                return 200, self.people[self.put(**sent)]
            case _, ["people", person_id] if person_id not in self.people:
                return 404, {}
            case "PATCH", ["people", person_id]:
                return 200, self.people[self.put(person_id, **sent)]
            case "DELETE", ["people", person_id]:
                return 200, self.people.pop(person_id)
            case _:
                return 200, self.people[path[1]]

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        def place(person: dict[str, Any]) -> str:
            return f"{person['changed'].isoformat()} {person['id']}"

        since, mark = query.get("since", ""), query.get("mark")
        found = [
            person
            for person in sorted(self.people.values(), key=place)
            if person["changed"].isoformat() >= since and place(person) > query.get("after", "")
            if mark is None or person.get("mark") == mark
        ]
        return {"people": found[:ROWS], "next": place(found[ROWS - 1]) if len(found) > ROWS else None}


class World:
    """The vendor, our side, and one clock."""

    def __init__(self, database: Database) -> None:
        self.clock = TestClock()
        self.tiny = Tiny(self.clock)
        self.store = sync_store(database)
        state = LocalState()
        client = ApiClient(
            TinyDialect(),
            base_url="",
            transport=self.tiny,
            authorization=FixedAuthorization(bearer("good")),
            limiter=RateLimiter(state, clock=self.clock),
            breaker=CircuitBreaker(state, clock=self.clock),
            rim=self.clock.rim,
        )
        self.engine = SyncEngine(self.store, {PLATFORM: TinyProvider(client)}, now=self.now)
        self.edits = ContactEdits(self.store, self.now)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    async def poll(self, mode: Any = "incremental") -> str:
        """An hour later."""
        self.clock.now += 3600
        self.tiny.requests.clear()
        run_id = await self.store.runs.queue(PLATFORM, "bidirectional", trigger="schedule", mode=mode, now=self.now())
        return await self.engine.run(run_id)

    def theirs(self) -> dict[str, tuple[str | None, ...]]:
        """E-mail address, name and company, by id."""
        people = self.tiny.people.items()
        return {key: (person.get("mail"), person.get("name"), person.get("company")) for key, person in people}

    async def ours(self) -> dict[str | None, tuple[str | None, ...]]:
        rows = (await self.store.contacts.list(limit=1000)).items
        return {row.external_id: (row.email, f"{row.first_name} {row.last_name}", row.company) for row in rows}


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(edits, "TWO_WAY", frozenset({PLATFORM}))
    return World(database)


def fill(world: World, people: int) -> list[str]:
    """People who were all entered at one time: it is that of a page's end and of the next one's beginning."""
    return [world.tiny.put(mail=f"p{n}@example.com", name=f"Ada Number{n}", company="Acme") for n in range(people)]


async def test_both_sides_come_to_be_equal(world: World) -> None:
    ids = fill(world, 5)
    assert await world.poll() == "completed"
    assert await world.ours() == world.theirs()
    (known,) = await world.store.contacts.of_external_ids(PLATFORM, ids[:1])
    await world.edits.edit(known.id, {"first_name": "Augusta"})
    await world.edits.create(NEW, platform=PLATFORM)
    world.tiny.put(ids[0], company="Acme Inc")
    world.tiny.put(ids[4], name="Ada Lovelace")
    assert await world.poll() == "completed"
    assert await world.ours() == world.theirs()
    assert world.theirs()[ids[0]] == ("p0@example.com", "Augusta Number0", "Acme Inc")
    assert len(world.theirs()) == 6
    await world.poll()
    assert {request.split()[0] for request in world.tiny.requests} == {"GET"}, "wrote to equals"


async def test_deletions_reach_the_other_side(world: World) -> None:
    """Theirs are missed by a full listing: no feed tells of them."""
    ids = fill(world, 4)
    await world.poll()
    (known,) = await world.store.contacts.of_external_ids(PLATFORM, ids[:1])
    await world.edits.delete(known.id)
    del world.tiny.people[ids[3]]
    await world.poll("full")
    assert await world.ours() == world.theirs()
    assert set(world.theirs()) == set(ids[1:3])


async def test_only_what_changed_lately_is_listed(world: World) -> None:
    ids = fill(world, 2 * ROWS)
    await world.poll()
    world.clock.now += OVERLAP.total_seconds()
    world.tiny.put(ids[2], company="Acme Inc")
    await world.poll()
    await world.poll()
    assert (await world.ours())[ids[2]][2] == "Acme Inc"
    assert world.tiny.requests.count("GET /people") == 1


async def test_what_shows_late_is_seen_within_the_overlap(world: World) -> None:
    """As a record that was being written while others were listed: dated before what is known already."""
    ids = fill(world, 2)
    await world.poll()
    world.tiny.put(ids[0], company="First")
    await world.poll()
    late = world.tiny.put(mail="late@example.com", name="Ada Late")
    seen_until = world.tiny.people[ids[0]]["changed"]
    world.tiny.people[late]["changed"] = seen_until - OVERLAP + timedelta(seconds=1)
    await world.poll()
    assert await world.ours() == world.theirs()


async def test_a_listing_that_breaks_off_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 5)
    pages = 0

    def second_page(request: Request) -> bool:
        nonlocal pages
        pages += request.url.startswith("/people?after")
        return pages > 1

    world.tiny.unanswered = second_page
    assert await world.poll() == "failed"
    assert 0 < len(await world.ours()) < 5
    world.tiny.unanswered = lambda request: False
    monkeypatch.setattr(listing, "begin", None)  # another walk would be an error
    assert await world.poll() == "completed"
    assert await world.ours() == world.theirs()


async def test_a_creation_nobody_answered_is_made_once(world: World) -> None:
    await world.poll()
    await world.edits.create(NEW, platform=PLATFORM)
    world.tiny.unanswered = lambda request: request.method == "POST"
    await world.poll()
    world.tiny.unanswered = lambda request: False
    await world.poll()
    assert await world.ours() == world.theirs() == {"p1": ("new@example.com", "Grace Hopper", None)}
