"""Whatever both sides do, and whatever fails in between: once the faults stop, both sides come to be equal, nothing is
lost, nothing is written twice, and every contradiction is flagged.

``SYNC_HISTORIES`` sets how many histories are tried, ``SYNC_SEED`` which; the seed of each run is printed.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sync_world import FAULTS, Fault, SyncWorld, emptied

from crm.close import events, search
from crm.contact import CONTACT_FIELDS, ContactFields
from crm.http import Request
from crm.opportunity import OpportunityFields
from crm.sync.opportunities import OpportunityOrders
from crm.sync.outbox import wire_reference
from crm.sync.store import sync_store
from storage.crm_opportunities import OpportunityRow
from storage.database import Database, open_database
from storage.migrate import migrate

POLLS = 4
"""After the last fault, an hour apart, until both sides are equal."""
TRACKED = ("email", "first_name", "last_name", "title", "phone")
PICK = st.integers(0, 10_000)


class Histories(RuleBasedStateMachine):
    """Values are unique, so what became of each edit can be told at the end."""

    runner: asyncio.Runner
    database: Database

    @initialize(
        skew_s=st.sampled_from([0.0, 300.0, -300.0]),
        lag_s=st.sampled_from([0.0, 0.0, 20.0]),
        consolidation_s=st.sampled_from([0.0, 60.0]),
    )
    def begin(self, skew_s: float, lag_s: float, consolidation_s: float) -> None:
        self.run(emptied(self.database))
        self.world = SyncWorld(self.database)
        self.world.options(clock_skew_s=skew_s, index_lag_s=lag_s, consolidation_s=consolidation_s)
        self.count = 0
        self.before: dict[str, str | None] = {}
        """Each value, and the one it replaced on the side it was entered on."""
        self.deleted_local: set[str] = set()
        self.deleted_remote: set[str] = set()
        self.companies: set[str] = set()
        self.made_local: set[str] = set()
        self.made_remote: set[str] = set()
        self.gone_with: set[str] = set()
        """Values whoever deleted a contact saw there."""
        self.conversations: list[tuple[str, str]] = []
        """Our contact, and the conversation with them."""
        self.deals_here: list[OpportunityRow] = []
        self.unanswered: set[str] = set()
        """Values written over there, or perhaps not: nobody was told."""

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

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

    def rows(self) -> list[Any]:
        """In an order that is the same whenever the history is: ids are random."""
        rows = self.run(self.world.store.contacts.list(limit=1000)).items
        return sorted(rows, key=lambda row: (row.created_at, row.email or "", row.first_name or ""))

    @rule(with_phone=st.booleans(), company=st.booleans())
    def create_here(self, with_phone: bool, company: bool) -> None:
        names = [
            "email",
            "first_name",
            "last_name",
            *(["phone"] if with_phone else []),
            *(["company"] if company else []),
        ]
        fields = ContactFields(**{name: self.value(name, None) for name in names})
        self.made_local.add(self.run(self.world.edits.create(fields)).id)

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
            row = rows[pick % len(rows)]
            self.run(self.world.edits.edit(row.id, {field: self.value(field, getattr(row, field))}))

    @rule(pick=PICK, field=st.sampled_from([*TRACKED, "company"]))
    def edit_there(self, pick: int, field: str) -> None:
        theirs = self.world.theirs()
        if not theirs:
            return
        contact_id = sorted(theirs)[pick % len(theirs)]
        fields = theirs[contact_id]
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

    @rule(seconds=st.sampled_from([0.001, 1.0, 40.0, 400.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule(faults=st.lists(st.sampled_from([None, None, *FAULTS]), max_size=12), full=st.booleans())
    def poll_with_faults(self, faults: list[Fault | None], full: bool) -> None:
        left = list(faults)

        def choose(request: Request) -> Fault | None:
            return left.pop(0) if left else None

        self.world.transport.choose = choose
        self.run(self.world.poll(mode="full" if full else "incremental"))
        self.world.transport.choose = lambda request: None
        self.note_unanswered()

    @rule(after=st.integers(0, 40))
    def poll_killed(self, after: int) -> None:
        self.run(self.world.poll_killed(after))
        self.note_unanswered()

    @rule(after=st.integers(0, 8), pick=PICK, field=st.sampled_from(TRACKED))
    def edits_around_a_kill(self, after: int, pick: int, field: str) -> None:
        """The same field again, while nobody knows what became of the write before."""
        self.edit_here(pick, field)
        self.run(self.world.poll_killed(after, sending=True))
        self.note_unanswered()
        self.edit_here(pick, field)

    @rule(picks=st.lists(PICK, max_size=5))
    def webhooks(self, picks: list[int]) -> None:
        """Some deliveries, in any order, some twice, the rest never."""
        entries = self.world.close.store.log.entries
        for pick in picks:
            if entries:
                self.run(self.world.deliver(entries[pick % len(entries)]))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for _ in range(POLLS):
            self.world.pass_time(3700)
            self.run(self.world.poll())
        self.check()

    def check(self) -> None:
        world = self.world
        theirs, ours = world.theirs(), self.run(world.ours())
        assert set(ours) == set(theirs), "both sides hold the same contacts"
        emptied = self.emptied()
        for contact_id, fields in theirs.items():
            mine = ours[contact_id]
            for name in CONTACT_FIELDS:
                if getattr(fields, name) is None and (contact_id, name) in emptied:
                    continue  # a merge took the company away: somebody is asked
                assert mine[name] == getattr(fields, name), f"{name} is the same on both sides"
        self.check_nothing_twice()
        self.check_activities()
        self.check_deals()
        self.check_nobody_lost(ours)
        self.check_every_value()
        assert not self.run(world.store.dead_letters.list()).items
        assert not self.run(world.store.outbox.counts("close")).get("pending")

    def note_unanswered(self) -> None:
        self.unanswered |= {value for row in self.rows() for value in row.writing.values() if isinstance(value, str)}

    def emptied(self) -> set[tuple[str, str]]:
        """Fields emptied over there that wait for a person."""
        found = self.run(self.world.store.conflicts.list(limit=1000, state="open")).items
        rows = {row.id: row for row in self.rows()}
        return {
            (str(rows[entry.contact_id].external_id), entry.field)
            for entry in found
            if entry.kind == "cleared" and entry.contact_id in rows
        }

    def creations(self) -> list[tuple[str, str]]:
        """Close's id and our reference of each contact that was ever created with one."""
        store = self.world.close.store
        mark = f"custom.{next(iter(store.custom_fields['contact']), None)}"
        made = [e for e in store.log.entries if (e["object_type"], e["action"]) == ("contact", "created")]
        return [(event["object_id"], event["data"][mark]) for event in made if event["data"].get(mark)]

    def check_nothing_twice(self) -> None:
        references = Counter(reference for _, reference in self.creations())
        assert all(times == 1 for times in references.values()), "a contact was created twice"
        assert set(references) <= self.made_local

    def check_activities(self) -> None:
        """Each call and each meeting once; only those of people who are gone may be missing."""
        noted = [row.get("note") or "" for row in self.world.close.store.activities.values()]
        for contact_id, conversation_id in self.conversations:
            row = self.run(self.world.store.contacts.get(contact_id))
            for reference in (f"conversation:{conversation_id}", f"outcome:{conversation_id}"):
                times = sum(wire_reference(reference) in note for note in noted)
                assert times == 1 or (times == 0 and row.deleted_at is not None), (
                    f"{reference} was entered {times} times"
                )

    def check_deals(self) -> None:
        there = self.world.close.store.opportunities
        mirror = self.run(self.world.store.opportunities.list(limit=1000)).items
        shown = {row.external_id: row.value_cents for row in mirror if row.external_id}
        assert shown == {deal_id: deal["value"] for deal_id, deal in there.items()}, "deals are as they stand at Close"
        for made in self.deals_here:
            times = sum(str(made.mark) in (deal["note"] or "") for deal in there.values())
            contact = self.run(self.world.store.contacts.get(made.contact_id))
            assert times == 1 or (times == 0 and contact.deleted_at is not None), f"a deal was made {times} times"

    def check_nobody_lost(self, ours: dict[str, Any]) -> None:
        missing = self.made_remote - self.deleted_remote - set(ours)
        for contact_id in missing:
            (row,) = self.run(self.world.store.contacts.of_external_ids("close", [contact_id]))
            assert row.id in self.deleted_local, "a contact nobody deleted is gone"
        deleted_unlinked = {reference for made, reference in self.creations() if made in self.deleted_remote}
        for contact_id in self.made_local - self.deleted_local:
            row = self.run(self.world.store.contacts.get(contact_id))
            assert row.deleted_at is None or row.external_id in self.deleted_remote or row.reference in deleted_unlinked

    def check_every_value(self) -> None:
        async def everything() -> tuple[list[Any], list[Any]]:
            async with self.database._connection("check") as connection:
                rows = await connection.fetch("SELECT * FROM crm_contacts")
                return rows, await connection.fetch("SELECT * FROM crm_conflicts")

        rows, conflicts = self.run(everything())
        kept = {row[name] for row in rows for name in TRACKED}
        for found in conflicts:
            for side in ("local_value", "remote_value"):
                value = found[side]
                kept |= set(value.values()) if isinstance(value, dict) else {value}
            if found["kind"] == "both_changed" and found["field"] in TRACKED:
                one, other = found["local_value"], found["remote_value"]
                if one in self.unanswered:
                    continue  # whether they saw it when they changed it cannot be known, so somebody is asked
                assert one not in self.ancestors(other), "flagged what was no contradiction"
                assert other not in self.ancestors(one), "flagged what was no contradiction"
        covered = set(kept) | self.gone_with
        for value in list(covered):
            covered |= self.ancestors(value)
        assert set(self.before) <= covered, f"lost without a word: {set(self.before) - covered}"

    def ancestors(self, value: str | None) -> set[str]:
        """The values that were seen and replaced on the way to this one."""
        found: set[str] = set()
        while value is not None and (value := self.before.get(value)) is not None:
            found.add(value)
        return found


@pytest.mark.timeout(3600)
def test_both_sides_converge(
    postgres: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    histories = int(os.environ.get("SYNC_HISTORIES", "200"))
    chosen = int(os.environ.get("SYNC_SEED", str(random.SystemRandom().randrange(2**32))))
    with capsys.disabled():
        sys.stdout.write(f"\nsync histories: {histories}, SYNC_SEED={chosen}\n")
    # Small pages, so that a few contacts make several, with equal times at their edges.
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    monkeypatch.setattr(events, "PAGE_SIZE", 3)
    with asyncio.Runner() as runner:
        database = runner.run(_fresh(postgres))
        Histories.runner, Histories.database = runner, database
        try:
            run_state_machine_as_test(
                seed(chosen)(Histories),
                settings=settings(
                    max_examples=histories,
                    stateful_step_count=14,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                ),
            )
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
