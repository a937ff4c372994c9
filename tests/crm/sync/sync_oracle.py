"""Whether both sides are equal, nothing is lost, nothing was done twice, and every contradiction is flagged."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args

from hypothesis.stateful import RuleBasedStateMachine
from sync_world import ENRICHED, SyncWorld

from crm.contact import CONTACT_FIELDS, FURTHER, ContactFields
from crm.sync.further import all_of
from crm.sync.outbox import wire_reference
from crm.sync.settling import Choice
from storage.crm import contacts as crm_contacts
from storage.crm.contacts import ContactRow
from storage.crm.opportunities import OpportunityRow
from storage.postgres.database import Database
from storage.postgres.named_query import Query

_ROWS = Query("rows", "SELECT * FROM crm_contacts WHERE deleted_at IS NULL")
"""Asked for by almost every step: the repository's list is planned anew each time."""
_WRITING = Query("writing", "SELECT writing FROM crm_contacts WHERE writing <> '{}' AND deleted_at IS NULL")
TRACKED = ("email", "first_name", "last_name", "title", "phone")
ASKED = ("email", "first_name", "last_name")
"""Fields of which somebody is asked when both sides changed them."""


class Oracle(RuleBasedStateMachine):
    """Remembers what was done on either side. Values are unique, so what became of each can be told at the end."""

    runner: asyncio.Runner
    database: Database
    world: SyncWorld

    def run(self, work: Any) -> Any:
        return self.runner.get_loop().run_until_complete(work)

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
        self.chosen: set[str | None] = set()
        """Values of conflicts that somebody has answered: the older one may have been taken knowingly."""
        self.remade: dict[str, str] = {}
        """New references of contacts that somebody wants back after all, and whose they are."""
        self.left_behind: set[str] = set()
        """Their ids of what those contacts were before: deleted over there."""
        self.emptied: set[tuple[str, str]] = set()
        """By our or their id of a contact, the fields that somebody emptied."""
        self.further: dict[str, set[str]] = {}
        """Further addresses of contacts over there that nobody took off: nothing that is written is to do it."""
        self.taken_off: set[str] = set()
        """Further addresses and numbers that somebody took off, on either side."""
        self.put_first: set[str] = set()
        """Those that somebody made the first."""
        self.enriched: dict[tuple[str, str], str] = {}
        """By our or their id of a contact and by key, what was entered last on that side."""
        self.gone_deals: list[str] = []
        """Notes of deals somebody deleted there: in ours is their mark."""
        self.seen: set[str] = set()

    def saw(self, what: str) -> None:
        """For telling how often the histories come by it."""
        self.seen.add(what)

    def rows(self) -> list[ContactRow]:
        """Of contacts that are there, in an order that is the same whenever the history is."""
        rows = [crm_contacts._read(row) for row in self.run(self.database.fetch_all(_ROWS))]
        return sorted(rows, key=lambda row: (row.created_at, row.email or "", row.first_name or ""))

    def values_of(self, fields: ContactFields | ContactRow) -> set[str]:
        """All that is tracked of a contact."""
        firsts = {getattr(fields, name) for name in TRACKED} - {None}
        return firsts.union(*(all_of(fields, name) for name in FURTHER))

    def linked(self) -> list[ContactRow]:
        """Those known to both sides."""
        theirs = self.world.theirs()
        return [row for row in self.rows() if row.external_id in theirs]

    def note_unanswered(self) -> None:
        """After a run in which a write may have gone without an answer."""
        left = self.run(self.database.fetch_all(_WRITING))
        self.unanswered |= {value for row in left for value in row["writing"].values() if isinstance(value, str)}

    def difference(self) -> str | None:
        """What the sides do not agree on; None: they are equal."""
        theirs = {id_: fields for id_, fields in self.world.theirs().items() if self.is_looked_at(id_)}
        ours = {row.external_id or f"unlinked {row.id}": row for row in self.rows()}
        if set(ours) != set(theirs):
            return "they do not hold the same contacts"
        apart = {
            (contact_id, name, getattr(ours[contact_id], name), getattr(fields, name))
            for contact_id, fields in theirs.items()
            for name in CONTACT_FIELDS
            if getattr(ours[contact_id], name) != getattr(fields, name)
        }
        if apart and (unexcused := apart - self.left_apart(theirs, ours)):
            return f"{min(name for _, name, _, _ in unexcused)} is not the same on both sides"
        for contact_id, fields in theirs.items():
            for name in FURTHER:
                here, there = all_of(ours[contact_id], name), all_of(fields, name)
                known = {each for each in fields.address_types if each in here}
                if here != there and not self.list_left_apart(ours[contact_id], fields, name):
                    return f"further ones of {name} are not the same on both sides"
                if any(ours[contact_id].address_types.get(each) != fields.address_types[each] for each in known):
                    return f"what an {name} is for is not the same on both sides"
            found = ours[contact_id].enrichment_data
            if any(found.get(key) != fields.enrichment_data.get(key) for key in ENRICHED):
                return "enrichment data is not the same on both sides"
        return None

    def is_looked_at(self, contact_id: str) -> bool:
        """Of a record over there, whether it is ours to keep in step."""
        return True

    def check_the_erased(self) -> None:
        """Neither side has them."""

    def check(self) -> None:
        world = self.world
        ours = self.run(world.ours())
        self.check_the_erased()
        differs = self.difference()
        assert differs is None, differs
        self.check_nothing_twice()
        self.check_activities()
        self.check_deals()
        self.check_nobody_lost(ours)
        self.check_deletions()
        self.check_every_value()
        self.check_nothing_blanked()
        assert not self.run(world.store.dead_letters.list()).items, "a change was given up"
        assert not self.run(world.waiting_out()), "a change still waits to be sent"

    def left_apart(
        self, theirs: Mapping[str, ContactFields], ours: Mapping[str, ContactRow]
    ) -> set[tuple[str, str, str | None, str | None]]:
        """Contact, field, our value and theirs, which differ with good reason: somebody emptied the field on one side
        (or a merge the company), and is asked or has left it so; or the other side does not take the value, which was
        told."""
        asked = {(entry.contact_id, entry.field) for entry in self.open_conflicts() if entry.kind == "cleared"}
        apart = set()
        for contact_id, fields in theirs.items():
            row = ours[contact_id]
            for name in CONTACT_FIELDS:
                here, there = getattr(row, name), getattr(fields, name)
                by_somebody = name == "company" or {(row.id, name), (contact_id, name)} & self.emptied
                emptied = by_somebody and None in (here, there) and (row.id, name) in asked
                refused = name in row.refused and row.refused[name] == here
                if emptied or refused:
                    apart.add((contact_id, name, here, there))
        return apart

    def list_left_apart(self, row: ContactRow, fields: ContactFields, name: str) -> bool:
        """Where the first one is, all are; or what is ours alone was refused, and what is theirs alone is the first
        beside it."""
        first, here, there = getattr(row, name), all_of(row, name), all_of(fields, name)
        apart = self.left_apart({str(row.external_id): fields}, {str(row.external_id): row})
        if None in (first, getattr(fields, name)):
            return any(field == name for _, field, _, _ in apart)
        return here - there <= {row.refused.get(name)} and not there - here

    def open_conflicts(self) -> list[Any]:
        """In an order that is the same whenever the history is."""
        found = self.run(self.world.store.conflicts.list(limit=1000, state="open")).items
        return sorted(found, key=lambda c: (c.created_at, c.field, c.kind, str(c.local_value), str(c.remote_value)))

    def creations(self) -> list[tuple[str, str]]:
        """Close's id and our reference of each contact that was ever created with one."""
        store = self.world.close.store
        mark = f"custom.{self.world.reference_field}"
        made = [e for e in store.log.entries if (e["object_type"], e["action"]) == ("contact", "created")]
        return [(event["object_id"], event["data"][mark]) for event in made if event["data"].get(mark)]

    def check_nothing_twice(self) -> None:
        references = Counter(reference for _, reference in self.creations())
        assert all(times == 1 for times in references.values()), "a contact was created twice"
        assert set(references) <= self.made_local | set(self.remade)

    def check_activities(self) -> None:
        """Each call and each meeting once; only those of people who are gone may be missing."""
        noted = [row.get("note") or "" for row in self.world.close.store.activities.values()]
        for contact_id, conversation_id in self.conversations:
            row = self.run(self.world.store.contacts.get(contact_id))
            for reference in (f"conversation:{conversation_id}", f"outcome:{conversation_id}"):
                times = sum(wire_reference(reference) in note for note in noted)
                gone = row.deleted_at is not None or row.id in self.remade.values()
                assert times == 1 or (times == 0 and gone), f"{reference} was entered {times} times"

    def check_deals(self) -> None:
        there = self.world.close.store.opportunities
        mirror = self.run(self.world.store.opportunities.list(limit=1000)).items
        shown = {row.external_id: row.value_cents for row in mirror if row.external_id}
        assert shown == {deal_id: deal["value"] for deal_id, deal in there.items()}, "deals are as they stand at Close"
        for made in self.deals_here:
            times = sum(str(made.mark) in (deal["note"] or "") for deal in there.values())
            contact = self.run(self.world.store.contacts.get(made.contact_id))
            gone = contact.deleted_at is not None or contact.id in self.remade.values()
            gone |= any(str(made.mark) in note for note in self.gone_deals)
            assert times == 1 or (times == 0 and gone), f"a deal was made {times} times"

    def check_nobody_lost(self, ours: dict[str, Any]) -> None:
        missing = self.made_remote - self.deleted_remote - self.left_behind - set(ours)
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

    def check_nothing_blanked(self) -> None:
        """What a write does not concern stays as it was, and what only one side found reaches the other."""
        people = self.world.close.store.contacts
        for contact_id, addresses in self.further.items():
            held = {entry["email"] for entry in people[contact_id]["emails"]} if contact_id in people else addresses
            assert addresses <= held, "a second address was taken away"
        self.check_what_was_taken_off()
        for row in self.rows():
            for key in ENRICHED:
                entered = {self.enriched.get((str(owner), key)) for owner in (row.id, row.external_id)} - {None}
                if entered and row.id not in self.remade.values():
                    assert row.enrichment_data.get(key) in entered, "enrichment data was lost"

    def check_what_was_taken_off(self) -> None:
        """It stays so, but where the other side put it first meanwhile, emptied the field, has a new record, or
        does not take our first: then theirs is not blanked."""
        for row in self.rows():
            for name, others in FURTHER.items():
                emptied = {(row.id, name), (row.external_id, name)} & self.emptied
                if not emptied and row.id not in self.remade.values():
                    stands = {row.base.get(name)} if name in row.refused else set()
                    back = self.taken_off & {*getattr(row, others)} - self.put_first - self.unanswered - stands
                    assert not back, "what was taken off is back"

    def check_every_value(self) -> None:
        async def everything() -> tuple[list[Any], list[Any]]:
            async with self.database._connection("check") as connection:
                rows = await connection.fetch("SELECT * FROM crm_contacts")
                return rows, await connection.fetch("SELECT * FROM crm_conflicts")

        rows, conflicts = self.run(everything())
        kept = {row[name] for row in rows for name in TRACKED}
        kept |= {each for row in rows for others in FURTHER.values() for each in row[others]}
        theirs = self.world.theirs()
        for row in rows:  # where the first was emptied here, theirs wait over there until somebody answers
            waits = {others for others in FURTHER.values() if row["base"].get(others, ()) is None}
            if (shown := theirs.get(row["external_id"])) is not None:
                kept |= {each for others in waits for each in getattr(shown, others) or ()}
        for found in conflicts:
            for side in ("local_value", "remote_value"):
                value = found[side]
                for each in value.values() if isinstance(value, dict) else [value]:
                    kept |= {*each} if isinstance(each, list) else {each}
            if found["kind"] == "both_changed":
                asked = found["field"] in ASKED
                assert found["critical"] == asked, "somebody is asked of what is critical, and of nothing else"
                answered = found["resolution"] in get_args(Choice)
                assert found["state"] == ("open" if asked and not answered else "resolved"), "nobody was asked"
            if found["kind"] == "both_changed" and found["field"] in TRACKED:
                one, other = found["local_value"], found["remote_value"]
                if one in self.unanswered or {one, other} & ((self.chosen | self.put_first) - {None}):
                    continue  # whether they saw it when they changed it cannot be known; or it was taken knowingly
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
