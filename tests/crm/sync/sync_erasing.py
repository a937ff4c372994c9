"""People are erased, at any moment of a history and in steps that may break off: afterwards neither side has them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import rule
from sync_oracle import TRACKED
from sync_people import FIELD, PICK, People

from crm.contact import CONTACT_FIELDS, FURTHER
from crm.http import Request
from crm.sync.further import all_of
from crm.sync.outbox import wire_reference
from storage.crm.contacts import ContactRow
from storage.erasure.crm_records import CrmRecords
from storage.erasure.digests import CrmChoice, Digests
from storage.erasure.erasures import Claimed, Erasures
from storage.erasure.person import Subject
from storage.erasure.suppression import Suppression
from storage.erasure.tables import Tables
from storage.keys.secret_tokens import utc_now
from storage.postgres.named_query import Query

DIGESTS = Digests(["A" * 43 + "="])
CHOICES: tuple[CrmChoice, ...] = ("delete", "keep")
STEPS = 3
_SURELY_BEFORE_S = 400.0
"""Longer than what delays make of a clock that is right."""
_OTHERS_SHARE = frozenset(CONTACT_FIELDS) - {*TRACKED}
"""What a question may be about and tells of nobody alone: colleagues have one company."""

_PLACES = ("crm_contacts", "crm_outbox", "crm_conflicts", "crm_dead_letters", "conversations", "conversation_outcomes")
_EVERYTHING = Query(
    "everything_kept",
    " UNION ALL ".join(f"SELECT '{table}' AS place, row::text AS row FROM {table} AS row" for table in _PLACES),
)
_ABOUT_TO_GO = Query(
    "about_to_go",
    "SELECT contact.id FROM erasures JOIN crm_contacts AS contact"
    " ON person -> 'contacts' ? contact.id WHERE erasures.id = %(id)s AND contact.erased IS NULL ORDER BY contact.id",
)
_READ_HERE = Query("read_here", "SELECT external_id FROM crm_contacts WHERE external_id IS NOT NULL")


class Erased(msgspec.Struct, frozen=True):
    """Who was erased: our row as it was, their records over there, and every value that tells of them."""

    row: ContactRow
    choice: CrmChoice
    there: frozenset[str]
    values: frozenset[str]


class Erasing(People):
    """Whoever is erased has a row of ours, and perhaps a record over there that nobody here knows."""

    def forget(self) -> None:
        super().forget()
        self.erased: list[Erased] = []
        self.broken_off: list[Claimed] = []

    @rule(pick=PICK, choice=st.sampled_from(CHOICES), steps=st.sampled_from([STEPS, STEPS, 1, 2]))
    def somebody_is_erased(self, pick: int, choice: CrmChoice, steps: int) -> None:
        """``steps``: so many are done before it breaks off."""
        if (row := self._somebody(pick)) is not None:
            self.run(self._erase(row.id, choice, steps))
            self.saw(f"erased, {choice}" if steps == STEPS else "an erasure that broke off")

    @rule(pick=PICK, choice=st.sampled_from(CHOICES))
    def somebody_with_a_second_record_is_erased(self, pick: int, choice: CrmChoice) -> None:
        """Whom somebody entered once more over there, which nobody here has read yet."""
        row = self._somebody(pick)
        if row is not None and row.email is not None:
            self.erase_with_a_second_record(row.id, row.email, choice)

    def erase_with_a_second_record(self, contact_id: str, address: str, choice: CrmChoice) -> None:
        """Where Close's clock is right, or whether that one is older than the erasure cannot be told."""
        if not self.world.close.store.options.clock_skew_s:
            name = f"{self.value('first_name', None)} {self.value('last_name', None)}"
            _, made = self.world.make("", name=name, email=address)
            self.left_behind.add(made)
            self.world.pass_time(_SURELY_BEFORE_S)
            self.saw("erased with a record that is not known")
        self.run(self._erase(contact_id, choice, STEPS))

    @rule(
        pick=PICK,
        choice=st.sampled_from(CHOICES),
        field=FIELD,
        after=st.integers(0, 9),
        before=st.sampled_from(["edited", "talked to", "left alone"]),
    )
    def somebody_is_erased_during_a_run(
        self, pick: int, choice: CrmChoice, field: str, after: int, before: str
    ) -> None:
        """``before``: what the run has to do with them."""
        row = self._somebody(pick)
        if row is None:
            return
        if before == "edited":
            self.edit(row.id, field)
        elif before == "talked to":
            self.converse_with(row.id)
        self._erased_during(row.id, choice, after)

    def _erased_during(self, contact_id: str, choice: CrmChoice, after: int, **options: Any) -> None:
        """A run, at one of whose requests they are erased."""
        left, met = after, False

        async def meanwhile(request: Request) -> None:
            nonlocal left, met
            left -= 1
            if left == -1:
                met = True
                await self._erase(contact_id, choice, STEPS)

        self.world.transport.meanwhile = meanwhile
        self.run(self.world.poll(**options))
        self.world.transport.meanwhile = None
        self.note_unanswered()
        if met:
            self.saw("erased during a run")

    @rule()
    def erasures_go_on(self) -> None:
        """Those that broke off."""
        broken, self.broken_off = self.broken_off, []
        for claimed in broken:
            self.run(self._carry_out(claimed, STEPS))

    def _somebody(self, pick: int) -> ContactRow | None:
        """With an address, and not shared with a record over there that nobody here knows: whether that one is older
        than the erasure cannot be told at once, nor while Close's clock is wrong."""
        linked = {row.external_id for row in self.rows()}
        others = [all_of(fields, "email") for id_, fields in self.world.theirs().items() if id_ not in linked]
        held = Counter(each for row in self.rows() for each in all_of(row, "email"))
        held.update(each for addresses in others for each in addresses)
        rows = [row for row in self.rows() if row.email and all(held[each] == 1 for each in all_of(row, "email"))]
        return rows[pick % len(rows)] if len(rows) > 1 else None

    async def _erase(self, contact_id: str, choice: CrmChoice, steps: int) -> None:
        row = await self.world.store.contacts.get(contact_id)
        if row is None or row.email is None or row.deleted_at is not None:
            return
        kept = self._erasures()
        await kept.ask(Subject(email=row.email), choice, requested_by=None, now=utc_now())
        claimed = await kept.claim()
        if claimed is not None:
            await self._carry_out(claimed, steps)
        else:
            assert self.broken_off, "or nobody is at it"

    async def _carry_out(self, claimed: Claimed, steps: int) -> None:
        kept, now = self._erasures(), self.world.now()
        for _ in range(3):
            assert await kept.begin(claimed, now=now) == {}
            await self._note(claimed)
            for eraser in kept.erasers[:steps]:
                assert await kept.step(claimed, eraser, now=now)
            if steps < STEPS:
                self.broken_off.append(claimed)
                return
            if await kept.finish(claimed):
                return
            await kept.again(claimed, "news", 0.0)
            again = await kept.claim()
            assert again is not None
            claimed = again
        raise AssertionError("an erasure comes to no end")

    def _erasures(self) -> Erasures:
        parts = (Suppression(DIGESTS), CrmRecords(), Tables("conversations"))
        assert len(parts) == STEPS
        return Erasures(self.database, DIGESTS, parts, settle_s=-1e9, lease_s=1e6)

    async def _note(self, claimed: Claimed) -> None:
        """Who is about to go."""
        erasure = await self._erasures().get(claimed.id)
        assert erasure is not None
        for found in await self.database.fetch_all(_ABOUT_TO_GO, id=claimed.id):
            row = await self.world.store.contacts.get(found["id"])
            assert row is not None
            theirs = self.world.theirs()
            linked = {each.external_id for each in (await self.world.store.contacts.list(limit=1000)).items}
            known = all_of(row, "email")
            there = {id_ for id_, held in theirs.items() if known & all_of(held, "email") and id_ not in linked}
            there |= {row.external_id} & set(theirs)
            values = await self._known_by(row, there)
            self.erased.append(Erased(row, erasure.crm, frozenset(there), values))
            self.deleted_local.add(row.id)
            self.gone_with |= values

    async def _known_by(self, row: ContactRow, there: Collection[str]) -> frozenset[str]:
        """What is theirs, here, over there and in what somebody is asked about them."""
        found: set[Any] = {*self.values_of(row)}
        for held in (row.base, row.writing, row.refused):
            found |= _tracked(held)
        theirs = self.world.theirs()
        for id_ in there:
            found |= self.values_of(theirs[id_])
        for asked in (await self.world.store.conflicts.list(limit=1000)).items:
            if asked.contact_id != row.id or asked.field in _OTHERS_SHARE:
                continue
            for side in (asked.base_value, asked.local_value, asked.remote_value):
                found |= _tracked(side) if isinstance(side, dict) else {*side} if isinstance(side, list) else {side}
        return frozenset(value for value in found if isinstance(value, str))

    def _edit_there(self, contact_id: str, field: str) -> None:
        """What is entered over there of somebody who was erased is not taken in."""
        known = set(self.before)
        super()._edit_there(contact_id, field)
        if self.erased and contact_id in self.of_the_erased(*CHOICES):
            self.gone_with |= set(self.before) - known

    def _further_there(self, contact_id: str, pick: int, name: str, what: str) -> None:
        known = set(self.before)
        super()._further_there(contact_id, pick, name, what)
        if self.erased and contact_id in self.of_the_erased(*CHOICES):
            self.gone_with |= set(self.before) - known

    def tells_whose(self, contact_id: str, field: str) -> bool:
        """The address of a record of somebody who was erased, as long as no run has read it; and while one is under
        way, of which that cannot be asked."""
        if field != "email" or not self.erased or contact_id not in self.of_the_erased(*CHOICES):
            return False
        if self.runner.get_loop().is_running():
            return True
        read = self.run(self.database.fetch_all(_READ_HERE))
        return contact_id not in {row["external_id"] for row in read}

    def of_the_erased(self, *choices: CrmChoice) -> set[str]:
        """Ids over there of their records, those too that came to be after all."""
        mark = f"custom.{self.world.reference_field}"
        ids = {id_ for each in self.erased if each.choice in choices for id_ in each.there}
        references = {each.row.reference for each in self.erased if each.choice in choices}
        people = self.world.close.store.contacts.items()
        return {contact_id for contact_id, person in people if contact_id in ids or person.get(mark) in references}

    def is_looked_at(self, contact_id: str) -> bool:
        return not self.erased or contact_id not in self.of_the_erased("keep")

    def check_the_erased(self) -> None:
        if not self.erased:
            return
        assert not self.of_the_erased("delete"), "the record of somebody who was erased is still over there"
        words = re.compile(
            "|".join(rf"(?<![\w.+]){re.escape(v)}(?![\w.])" for each in self.erased for v in each.values)
        )
        for row in self.run(self.database.fetch_all(_EVERYTHING)):
            assert not words.search(row["row"]), f"somebody who was erased is told of in {row['place']}"
        noted = [row.get("note_html") or "" for row in self.world.close.store.activities.values()]
        deleted = {each.row.id for each in self.erased if each.choice == "delete"}
        for contact_id, conversation_id in self.conversations:
            for reference in (f"conversation:{conversation_id}", f"outcome:{conversation_id}"):
                entered = any(wire_reference(reference) in note for note in noted)
                assert not (contact_id in deleted and entered), "a note of somebody who was erased is still over there"


def _tracked(held: Mapping[str, Any]) -> set[Any]:
    lists = [held.get(name) or () for name in FURTHER.values()]
    return {value for name, value in held.items() if name in TRACKED}.union(*lists)
