"""What people do to contacts on both sides, step by step, and the polls in between; ``sync_oracle`` judges the end.

``sync_troubles`` adds what goes wrong. A test file takes the histories with its kind of trouble and calls ``tell``.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import asyncpg
import pytest
import uvloop
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sync_oracle import TRACKED, Oracle
from sync_world import SyncWorld, emptied

from crm.close import events, search
from crm.contact import ContactFields
from crm.http import Request
from crm.opportunity import OpportunityFields
from crm.sync.opportunities import OpportunityOrders
from crm.sync.store import sync_store
from storage.database import Database, open_database
from storage.migrate import migrate

HISTORIES = int(os.environ.get("SYNC_HISTORIES", "2000"))
"""How many are tried, by all files together."""
FILES = 4
POLLS = 2
"""After the last fault, an hour apart, until both sides are equal."""
PICK = st.integers(0, 10_000)


class Histories(Oracle):
    """Values are unique, so what became of each edit can be told at the end."""

    polls: Counter[int]
    """How many polls it took, by how many histories."""

    @initialize(
        skew_s=st.sampled_from([0.0, 300.0, -300.0]),
        lag_s=st.sampled_from([0.0, 0.0, 20.0]),
        event_lag_s=st.sampled_from([0.0, 5.0]),
        consolidation_s=st.sampled_from([0.0, 60.0]),
    )
    def begin(self, skew_s: float, lag_s: float, event_lag_s: float, consolidation_s: float) -> None:
        self.run(emptied(self.database))
        self.forget()
        self.world = SyncWorld(self.database)
        lags = {"index_lag_s": lag_s, "event_lag_s": event_lag_s}
        self.world.options(clock_skew_s=skew_s, consolidation_s=consolidation_s, **lags)

    def value(self, field: str, before: str | None) -> str:
        self.count += 1
        made = {
            "email": f"p{self.count}@example.com",
            "first_name": f"Fn{self.count}",
            "last_name": f"Ln{self.count}",
            "title": f"Title {self.count}",
            "phone": f"+1541555{self.count:04d}",
            "company": f"Company {self.count}",
        }[field]
        if field in TRACKED:
            self.before[made] = before
        return made

    @rule(with_phone=st.booleans(), company=st.booleans())
    def create_here(self, with_phone: bool, company: bool) -> None:
        self.create(with_phone=with_phone, company=company)

    @rule(pick=PICK)
    def create_here_beside(self, pick: int) -> None:
        """A colleague of somebody: in the same lead over there, whatever it was merged into meanwhile."""
        parents = [row.parent_id for row in self.rows() if row.parent_id is not None]
        if parents:
            self.create(with_phone=False, company=False, parent_id=parents[pick % len(parents)])

    def create(self, *, with_phone: bool, company: bool, parent_id: str | None = None) -> str:
        names = [
            "email",
            "first_name",
            "last_name",
            *(["phone"] if with_phone else []),
            *(["company"] if company else []),
        ]
        fields = ContactFields(**{name: self.value(name, None) for name in names})
        made: str = self.run(self.world.edits.create(fields, parent_id=parent_id)).id
        self.made_local.add(made)
        return made

    @rule(company=st.booleans(), pick=PICK, shared=st.booleans())
    def create_there(self, company: bool, pick: int, shared: bool) -> None:
        unlinked = [row for row in self.rows() if row.external_id is None and row.create_tried_at is None]
        known = [row.email for row in unlinked if row.email not in {f.email for f in self.world.theirs().values()}]
        same = shared and known
        email = known[pick % len(known)] if same else self.value("email", None)
        name = f"{self.value('first_name', None)} {self.value('last_name', None)}"
        _, made = self.world.make(self.value("company", None) if company else "", name=name, email=email)
        self.made_remote.add(made)

    @rule(pick=PICK, field=st.sampled_from([*TRACKED, "company"]))
    def edit_here(self, pick: int, field: str) -> None:
        rows = self.rows()
        if rows:
            self.edit(rows[pick % len(rows)].id, field)

    def edit(self, contact_id: str, field: str) -> None:
        self.run(self._edit(contact_id, field))

    async def _edit(self, contact_id: str, field: str) -> None:
        row = await self.world.store.contacts.get(contact_id)
        if row is not None and row.deleted_at is None:
            value = self.value(field, getattr(row, field))
            if await self.world.edits.edit(row.id, {field: value}) is None:
                self.before.pop(value, None)  # deleted in between, and whoever edits is told so

    @rule(pick=PICK, field=st.sampled_from([*TRACKED, "company"]))
    def edit_there(self, pick: int, field: str) -> None:
        theirs = self.world.theirs()
        if theirs:
            self._edit_there(sorted(theirs)[pick % len(theirs)], field)

    def _edit_there(self, contact_id: str, field: str) -> None:
        fields = self.world.theirs().get(contact_id)
        if fields is None:
            return
        new = self.value(field, getattr(fields, field))
        if field == "company":
            store = self.world.close.store
            store.begin_request()
            store.update_lead(store.contacts[contact_id]["lead_id"], {"name": new})
        elif field in ("first_name", "last_name"):
            first, last = fields.first_name or self.value("first_name", None), fields.last_name or ""
            self.world.change(contact_id, name=f"{new} {last}" if field == "first_name" else f"{first} {new}")
        else:
            self.world.change(contact_id, **{field: new})

    @rule(pick=PICK, field=st.sampled_from(TRACKED), after=st.integers(0, 5), there=st.booleans())
    def edit_during_a_write(self, pick: int, field: str, after: int, there: bool) -> None:
        """Somebody edits a contact, and it is edited again while that is on its way: here at any moment, there before
        our last look (Close has no conditional write: what comes between that look and the write is overwritten)."""
        rows = self.rows()
        if not rows:
            return
        row = rows[pick % len(rows)]
        self.edit(row.id, field)
        left = after

        async def meanwhile(request: Request) -> None:
            nonlocal left
            if (row.external_id is None or row.external_id in request.url) and not (there and request.method != "GET"):
                left -= 1
                if left == -1 and not there:
                    await self._edit(row.id, field)
                elif left == -1 and row.external_id is not None:
                    self._edit_there(row.external_id, field)

        self.world.transport.meanwhile = meanwhile
        self.run(self.world.poll())
        self.world.transport.meanwhile = None
        self.note_unanswered()

    @rule(pick=PICK)
    def delete_here(self, pick: int) -> None:
        rows = self.rows()
        if len(rows) > 1:
            row = rows[pick % len(rows)]
            self.run(self.world.edits.delete(row.id))
            self.deleted_local.add(row.id)

    @rule(pick=PICK)
    def delete_there(self, pick: int) -> None:
        theirs = self.world.theirs()
        if len(theirs) > 1:
            contact_id = sorted(theirs)[pick % len(theirs)]
            self.gone_with |= {getattr(theirs[contact_id], name) for name in TRACKED} - {None}
            self.world.close.store.begin_request()
            self.world.close.store.delete_contact(contact_id)
            self.deleted_remote.add(contact_id)

    @rule(pick=PICK, other=PICK)
    def merge_there(self, pick: int, other: int) -> None:
        leads = sorted(self.world.close.store.leads)
        if len(leads) > 1 and pick % len(leads) != other % len(leads):
            self.world.close.store.begin_request()
            self.world.close.store.merge_leads(leads[pick % len(leads)], leads[other % len(leads)])

    @rule(pick=PICK)
    def conversation_here(self, pick: int) -> None:
        """A call with somebody, and the meeting it led to, as the conversation's own writers note them."""
        rows = self.rows()
        if rows:
            self.conversations.append((rows[pick % len(rows)].id, f"conv_{len(self.conversations)}"))
            self.run(self.world.converse(*self.conversations[-1]))

    @rule(pick=PICK)
    def deal_here(self, pick: int) -> None:
        rows = self.rows()
        if rows:
            self.count += 1
            fields = OpportunityFields(value_cents=self.count)
            orders = OpportunityOrders(sync_store(self.database))
            made = self.run(orders.create(rows[pick % len(rows)], fields, now=self.world.now()))
            self.deals_here.append(made)

    @rule(pick=PICK, change=st.booleans())
    def deal_there(self, pick: int, change: bool) -> None:
        store = self.world.close.store
        store.begin_request()
        self.count += 1
        if change and store.opportunities:
            deal = sorted(store.opportunities)[pick % len(store.opportunities)]
            store.update_opportunity(deal, {"value": self.count})
        elif store.leads:
            store.create_opportunity({"lead_id": sorted(store.leads)[pick % len(store.leads)], "value": self.count})

    @rule(full=st.booleans())
    def poll(self, full: bool) -> None:
        self.run(self.world.poll(mode="full" if full else "incremental"))
        self.note_unanswered()

    @rule()
    def work_what_waits(self) -> None:
        """As when a change wakes the worker: what is known to wait, and no look at the feed."""
        self.run(self.world.poll(trigger="change"))
        self.note_unanswered()

    @rule(seconds=st.sampled_from([0.001, 1.0, 40.0, 400.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        polls, settled = 0, False
        while not settled and polls < POLLS:
            self.world.pass_time(3700)
            mode = "full" if self.to_compare and not polls else "incremental"
            completed = self.run(self.world.poll(mode=mode)) == "completed"
            settled = completed and not self.run(self.world.waits()) and self.difference() is None
            polls += 1
        self.check()
        self.polls[polls] += 1
        self.check_quiet()

    def check_quiet(self) -> None:
        """Once equal, both sides are left alone."""
        self.world.pass_time(3700)
        self.world.transport.requests.clear()
        assert self.run(self.world.poll()) == "completed"
        sent = [request for request in self.world.transport.requests if not request.startswith("GET")]
        assert not [request for request in sent if "/data/search/" not in request], "wrote to equals"


def tell(histories: type[Histories], postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Try this file's share. ``SYNC_SEED`` repeats a run; the seed of each is printed."""
    chosen = int(os.environ.get("SYNC_SEED", str(random.SystemRandom().randrange(2**32))))
    histories.polls = Counter()
    with history_database(postgres) as (histories.runner, histories.database):
        try:
            explore(histories, chosen, examples=-(-HISTORIES // FILES))
        except BaseException as failure:
            failure.add_note(f"SYNC_SEED={chosen} SYNC_HISTORIES={HISTORIES}")
            raise
        finally:
            needed = ", ".join(f"{times} after {polls}" for polls, times in sorted(histories.polls.items()))
            with capsys.disabled():
                sys.stdout.write(f"\n{histories.__name__}, SYNC_SEED={chosen}; equal by polls: {needed}\n")


def explore(
    histories: type[Histories], chosen: int, *, examples: int, phases: Collection[Phase] = tuple(Phase)
) -> None:
    """Raises what the first history that failed raised, the shortest of its kind where ``phases`` shrinks it."""
    with pytest.MonkeyPatch.context() as patch:
        # Small pages, so that a few contacts make several, with equal times at their edges.
        patch.setattr(search, "PAGE_SIZE", 2)
        patch.setattr(events, "PAGE_SIZE", 3)
        run_state_machine_as_test(
            seed(chosen)(histories),
            settings=settings(
                max_examples=examples,
                phases=phases,
                stateful_step_count=14,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
                report_multiple_bugs=False,
            ),
        )


@contextmanager
def history_database(postgres: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A database of the histories' own, and the product's own event loop: most of a history's time is spent in it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        database = runner.run(_fresh(postgres))
        try:
            yield runner, database
        finally:
            runner.run(database.aclose())


async def _fresh(postgres: str) -> Database:
    connection = await asyncpg.connect(postgres)
    await connection.execute("DROP DATABASE IF EXISTS sync_histories WITH (FORCE)")
    await connection.execute("CREATE DATABASE sync_histories")
    await connection.close()
    dsn = postgres.replace("/postgres?", "/sync_histories?")
    await migrate(dsn)
    return await open_database(dsn, max_connections=8)
