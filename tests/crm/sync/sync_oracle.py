"""Whether both sides are equal, nothing is lost, nothing was done twice, and every contradiction is flagged."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from sync_world import SyncWorld

from crm.contact import CONTACT_FIELDS
from crm.sync.outbox import wire_reference
from storage.crm_opportunities import OpportunityRow
from storage.database import Database

TRACKED = ("email", "first_name", "last_name", "title", "phone")


class Oracle(RuleBasedStateMachine):
    """Remembers what was done on either side. Values are unique, so what became of each can be told at the end."""

    runner: asyncio.Runner
    database: Database
    world: SyncWorld

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def forget(self) -> None:
        """A new history begins."""
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
        self.to_compare = False
        """Whether only a comparison of everything can make the sides equal."""
        self.unanswered: set[str] = set()
        """Values written over there, or perhaps not: nobody was told."""

    def rows(self) -> list[Any]:
        """In an order that is the same whenever the history is: ids are random."""
        rows = self.run(self.world.store.contacts.list(limit=1000)).items
        return sorted(rows, key=lambda row: (row.created_at, row.email or "", row.first_name or ""))

    def note_unanswered(self) -> None:
        self.unanswered |= {value for row in self.rows() for value in row.writing.values() if isinstance(value, str)}

    def difference(self) -> str | None:
        """What the sides do not agree on; None: they are equal."""
        theirs, ours = self.world.theirs(), self.run(self.world.ours())
        if set(ours) != set(theirs):
            return "they do not hold the same contacts"
        emptied = self.emptied()
        for contact_id, fields in theirs.items():
            for name in CONTACT_FIELDS:
                if getattr(fields, name) is None and (contact_id, name) in emptied:
                    continue  # a merge took the company away: somebody is asked
                if ours[contact_id][name] != getattr(fields, name):
                    return f"{name} is not the same on both sides"
        return None

    def check(self) -> None:
        world = self.world
        ours = self.run(world.ours())
        differs = self.difference()
        assert differs is None, differs
        self.check_nothing_twice()
        self.check_activities()
        self.check_deals()
        self.check_nobody_lost(ours)
        self.check_deletions()
        self.check_every_value()
        assert not self.run(world.store.dead_letters.list()).items, "a change was given up"
        assert not self.run(world.waiting_out()), "a change still waits to be sent"

    def emptied(self) -> set[tuple[str, str]]:
        """Companies taken away over there that wait for a person: nobody empties anything else."""
        found = self.run(self.world.store.conflicts.list(limit=1000, state="open")).items
        rows = {row.id: row for row in self.rows()}
        return {
            (str(rows[entry.contact_id].external_id), entry.field)
            for entry in found
            if (entry.kind, entry.field) == ("cleared", "company") and entry.contact_id in rows
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

    def check_deletions(self) -> None:
        """Whom we deleted stays so, unless somebody over there edited them and is asked."""
        found = self.run(self.world.store.conflicts.list(limit=1000)).items
        flagged = {entry.contact_id for entry in found if entry.kind == "deleted"}
        for contact_id in self.deleted_local - flagged:
            row = self.run(self.world.store.contacts.get(contact_id))
            assert row.deleted_at is not None, "a deleted contact is back without a word"

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
            if found["kind"] == "both_changed":
                asked = found["field"] in ("email", "first_name", "last_name")
                assert found["critical"] == asked, "somebody is asked of what is critical, and of nothing else"
                assert found["state"] == ("open" if asked else "resolved")
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
