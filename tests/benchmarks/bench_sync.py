"""What a sync of many contacts costs us: a first import, a run with 1 % changed, a full reconciliation, and one that is
stopped half way and gone on with by another worker; and how soon a note of a conversation is there meanwhile.

The vendor answers at once, from memory, over the provider's own requests and answers (no sockets), so that the time is
ours: building requests, reading answers, merging, storing. Beside it stands the time the vendor's limit alone would
take for the same requests: 100 requests in 5 seconds for each endpoint group, of which a sync uses nine tenths.

    python tests/benchmarks/bench_sync.py --contacts 100000 --json sync.json
"""

import argparse
import asyncio
import bisect
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psutil
import uvloop
from result_file import result_file

from crm.authorization import FixedAuthorization, basic_user
from crm.client import ApiClient
from crm.close.dialect import CloseDialect
from crm.close.provider import CloseProvider
from crm.http import Request, Response
from crm.sync.engine import SyncEngine
from crm.sync.store import SyncStore, sync_store
from storage.crm.sync_runs import Mode
from storage.postgres.database import open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate
from storage.postgres.named_query import Query
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.rate_limit import RateLimiter
from storage.shared.state import SharedState

START = datetime.now(UTC) - timedelta(days=20)
SEARCH_CAP = 10_000
VENDOR_REQUESTS_PER_S = 100 / 5 * 0.9


class Result(msgspec.Struct):
    what: str
    seconds: float
    cpu_s: float
    us_per_contact: float
    requests: int
    vendor_limit_s: float
    peak_rss_growth_mb: float
    processed: int
    created: int
    updated: int


NOTE = Query(
    "enter_note",
    "INSERT INTO crm_outbox (platform, kind, subject, reference, payload, due_at, created_at)"
    " VALUES ('close', 'note', %(reference)s, %(reference)s, %(payload)s, %(now)s, %(now)s)",
)


class Canned:
    """Close with one contact a lead, in the order of their last change."""

    def __init__(self, count: int) -> None:
        self.leads = [self._lead(number) for number in range(count)]
        self.index = {lead["id"]: lead for lead in self.leads}
        self.order = [(lead["date_updated"], lead["id"]) for lead in self.leads]
        self.events: list[dict[str, Any]] = []
        self.searches: dict[str, int] = {}
        self.requests: Counter[str] = Counter()
        self.noted = asyncio.Event()

    async def exchange(self, request: Request, *, timeout_s: float) -> Response:
        self.requests[request.group] += 1
        path = request.url.removeprefix("http://close")
        if path == "/data/search/":
            answer: Any = self._search(msgspec.json.decode(request.body))
        elif path.startswith("/event/"):
            answer = self._events(path)
        elif path.startswith("/lead/"):
            answer = self.index[path.strip("/").split("/")[1]]
        elif path == "/activity/note/":
            self.noted.set()
            answer = {"id": f"acti_{self.requests[request.group]}"}
        elif path.startswith("/custom_field/"):
            answer = {"data": [{"id": "cf_1", "name": "Sales agent reference", "type": "text"}], "has_more": False}
        elif path.startswith("/contact/?"):
            answer = {"data": [], "has_more": True, "total_results": len(self.leads)}
        else:
            answer = {"id": "user_1", "organizations": []}
        return Response(200, {"ratelimit": "limit=100, remaining=99, reset=5"}, msgspec.json.encode(answer))

    def change(self, every: int) -> int:
        """Somebody edits every n-th contact."""
        changed = self.leads[::every]
        for number, lead in enumerate(changed):
            moment = (datetime.now(UTC) - timedelta(seconds=30) + timedelta(milliseconds=number)).isoformat()
            lead["contacts"][0] |= {"title": f"Changed {number}", "date_updated": moment}
            lead["date_updated"] = moment
            event = {"id": f"ev_{number}", "object_type": "contact", "object_id": lead["contacts"][0]["id"]}
            about = {"lead_id": lead["id"], "action": "updated", "data": lead["contacts"][0]}
            self.events.insert(0, event | about | {"date_created": moment, "date_updated": moment})
        self.leads.sort(key=lambda lead: (lead["date_updated"], lead["id"]))
        self.order = [(lead["date_updated"], lead["id"]) for lead in self.leads]
        return len(changed)

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        if cursor := body.get("cursor"):
            begin, given = map(int, cursor.split("/"))
        else:
            begin, given = self._begin(body["query"]), 0
        size = body["_limit"]
        end = min(begin + SEARCH_CAP, len(self.leads))
        rows = self.leads[begin + given : min(begin + given + size, end)]
        more = begin + given + size < end
        return {"data": rows, "cursor": f"{begin}/{given + size}" if more else None}

    def _begin(self, query: dict[str, Any]) -> int:
        for part in query.get("queries", ()):
            if part["type"] == "field_condition":
                moment = datetime.fromisoformat(part["condition"]["on_or_after"]["value"]).isoformat()
                return bisect.bisect_left(self.order, (moment, ""))
        return 0

    def _events(self, path: str) -> dict[str, Any]:
        start = int(path.partition("_cursor=")[2].partition("&")[0] or 0)
        following = str(start + 50) if start + 50 < len(self.events) else None
        return {"data": self.events[start : start + 50], "cursor_next": following}

    def _lead(self, number: int) -> dict[str, Any]:
        moment = (START + timedelta(seconds=number)).isoformat()
        person = {
            "id": f"cont_{number:08d}",
            "name": f"First{number} Last{number}",
            "title": "Head of Sales",
            "emails": [{"email": f"person{number}@company{number}.example.com", "type": "office"}],
            "phones": [{"phone": f"+1541{number:07d}", "type": "office"}],
            "urls": [{"url": f"https://www.linkedin.com/in/person-{number}", "type": "url"}],
            "date_created": moment,
            "date_updated": moment,
        }
        times = {"date_created": moment, "date_updated": moment}
        return {"id": f"lead_{number:08d}", "name": f"Company {number}", "contacts": [person], **times}


def provider(vendor: Canned) -> CloseProvider:
    state = _OwnState()
    return CloseProvider(
        ApiClient(
            CloseDialect(),
            base_url="http://close",
            transport=vendor,
            authorization=FixedAuthorization(basic_user("key")),
            limiter=RateLimiter(state),
            breaker=CircuitBreaker(state),
        )
    )


class _OwnState(SharedState):
    """This process's alone, as without Redis."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._away_until = float("inf")


async def measure(
    what: str,
    store: SyncStore,
    vendor: Canned,
    contacts: int,
    *,
    mode: Mode = "incremental",
    stopped_half_way: bool = False,
) -> Result:
    process = psutil.Process()
    before = process.memory_info().rss
    vendor.requests.clear()
    now = datetime.now(UTC)
    run_id = await store.runs.queue("close", "bidirectional", trigger="manual", now=now, mode=mode)
    sys.stdout.write(f"{what}\n")
    peak = asyncio.create_task(_peak_rss(process))
    telling = asyncio.create_task(_tell(store, run_id))
    cpu, began = time.process_time(), time.perf_counter()
    if stopped_half_way:
        await _run_half(store, vendor, run_id)
    status = await SyncEngine(store, {"close": provider(vendor)}).run(run_id)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    peak.cancel()
    telling.cancel()
    await asyncio.wait([peak, telling])
    top = max(before, _seen["rss"])
    run = await store.runs.get(run_id)
    assert run is not None
    assert status == "completed", run.errors
    result = Result(
        what=what,
        seconds=round(seconds, 2),
        cpu_s=round(cpu_s, 2),
        us_per_contact=round(seconds / contacts * 1e6, 1),
        requests=sum(vendor.requests.values()),
        vendor_limit_s=round(max(vendor.requests.values()) / VENDOR_REQUESTS_PER_S, 1),
        peak_rss_growth_mb=round((top - before) / 1e6, 1),
        processed=run.contacts_processed,
        created=run.contacts_created,
        updated=run.contacts_updated,
    )
    sys.stdout.write(
        f"  {result.seconds:8.2f} s {result.cpu_s:8.2f} CPU-s {result.us_per_contact:8.1f} us/contact "
        f"{result.requests:6d} requests {result.vendor_limit_s:8.1f} s at the vendor's limit "
        f"{result.peak_rss_growth_mb:6.1f} MB\n"
    )
    sys.stdout.flush()
    return result


async def _run_half(store: SyncStore, vendor: Canned, run_id: str) -> None:
    """Stop it once half of it is done, as SIGTERM does."""
    stop = asyncio.Event()
    engine = SyncEngine(store, {"close": provider(vendor)}, stop=stop)
    working = asyncio.create_task(engine.run(run_id))
    while not working.done():
        await asyncio.sleep(0.05)
        run = await store.runs.get(run_id)
        if run is not None and run.total and 2 * run.contacts_processed >= run.total:
            stop.set()
    status = await working
    sys.stdout.write(f"  {status} after {sum(vendor.requests.values())} requests, gone on with by another worker\n")


async def _tell(store: SyncStore, run_id: str) -> None:
    """The run's progress, as the API and the command line show it, at every tenth."""
    told = ("", 0)
    while True:
        await asyncio.sleep(0.1)
        run = await store.runs.get(run_id)
        if run is None or not run.total:
            continue
        reached = (run.phase, 10 * run.contacts_processed // run.total)
        if reached != told:
            told = reached
            sys.stdout.write(f"  {run.phase}: {run.contacts_processed} of {run.total}\n")
            sys.stdout.flush()


async def measure_notes(store: SyncStore, vendor: Canned) -> None:
    """From the commit that records it to the vendor's door, one note after the other while everything is listed."""
    now = datetime.now(UTC)
    run_id = await store.runs.queue("close", "bidirectional", trigger="manual", now=now, mode="full")
    working = asyncio.create_task(SyncEngine(store, {"close": provider(vendor)}).run(run_id))
    (someone,) = (await store.contacts.list(limit=1)).items
    took_ms: list[float] = []
    while True:
        vendor.noted.clear()
        async with store.database.transaction() as transaction:
            name = f"measured_{len(took_ms)}"
            about: dict[str, Any] = {"payload": {"contact_id": someone.id, "outcome": "handoff", "data": {}}}
            await transaction.execute(NOTE, reference=name, now=datetime.now(UTC), **about)
        began = time.perf_counter()
        arrival = asyncio.create_task(vendor.noted.wait())
        await asyncio.wait([working, arrival], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            arrival.cancel()
            break
        took_ms.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    sys.stdout.write(f"notes during a full reconciliation: {_told(sorted(took_ms))}\n")


def _told(took_ms: list[float]) -> str:
    if not took_ms:
        return "none, it was over before one was there"
    return f"{len(took_ms)}, there after {took_ms[len(took_ms) // 2]:.0f} ms (median), {took_ms[-1]:.0f} ms at most"


_seen: dict[str, int] = {}


async def _peak_rss(process: psutil.Process) -> None:
    _seen["rss"] = 0
    while True:
        _seen["rss"] = max(_seen["rss"], process.memory_info().rss)
        await asyncio.sleep(0.05)


async def main(contacts: int, json: Path | None) -> None:
    vendor = Canned(contacts)
    with tempfile.TemporaryDirectory() as home:
        async with EmbeddedPostgres(Path(home) / "postgres") as embedded:
            await migrate(embedded.dsn)
            async with await open_database(embedded.dsn) as database:
                store = sync_store(database)
                results = [await measure("first import", store, vendor, contacts)]
                changed = vendor.change(100)
                results.append(await measure("incremental, 1 % changed", store, vendor, changed))
                results.append(await measure("full reconciliation", store, vendor, contacts, mode="full"))
                results.append(
                    await measure(
                        "the same, stopped half way", store, vendor, contacts, mode="full", stopped_half_way=True
                    )
                )
                await measure_notes(store, vendor)
    if json is not None:
        json.write_bytes(msgspec.json.encode(results))
    sys.stdout.write(
        f"largest size of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--json", type=result_file)
    arguments = parser.parse_args()
    uvloop.run(main(arguments.contacts, arguments.json))
