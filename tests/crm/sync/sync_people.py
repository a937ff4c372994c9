"""What people do to contacts and deals on both sides, and conversations with them, as steps of a history."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sync_oracle import TRACKED, Oracle
from sync_world import ENRICHED, person_body

from crm.contact import FURTHER, ContactFields
from crm.opportunity import OpportunityFields
from crm.sync.further import all_of
from crm.sync.opportunities import OpportunityOrders
from crm.sync.store import sync_store
from storage import phone_number

PICK = st.integers(0, 10_000)
FIELD = st.sampled_from([*TRACKED, "company"])
LISTED = st.sampled_from(list(FURTHER))
DELETES = st.sampled_from(["neither", "neither", "here", "there"])


class People(Oracle):
    """Values are unique, so what became of each edit can be told at the end."""

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

    @rule(with_phone=st.booleans(), company=st.booleans(), pick=PICK, shared=st.booleans(), further=st.booleans())
    def create_there(self, with_phone: bool, company: bool, pick: int, shared: bool, further: bool) -> None:
        """``shared``: with the address of somebody of ours; ``further``: and with a second one."""
        unlinked = [row for row in self.rows() if row.external_id is None and row.create_tried_at is None]
        unlinked = [row for row in unlinked if row.id not in self.deleted_local]  # nor of whom an erasure broke off
        addresses = {fields.email for fields in self.world.theirs().values()} | {None}
        known = [row.email for row in unlinked if row.email not in addresses]
        same = shared and known
        email = known[pick % len(known)] if same else self.value("email", None)
        name = f"{self.value('first_name', None)} {self.value('last_name', None)}"
        second = f"second{self.count}@example.com" if further else None
        name_of_lead = self.value("company", None) if company else ""
        phone = self.value("phone", None) if with_phone else None
        _, made = self.world.make(name_of_lead, name=name, email=email, phone=phone, further=second)
        self.made_remote.add(made)
        if second is not None:
            self.before[second] = None
            self.further[made] = {second}
            self.saw("a second address")

    @rule(pick=PICK)
    def create_there_beside(self, pick: int) -> None:
        """A colleague, in a lead that is there."""
        store = self.world.close.store
        if store.leads:
            name = f"{self.value('first_name', None)} {self.value('last_name', None)}"
            person = person_body(name=name, email=self.value("email", None))
            store.begin_request()
            made = store.create_contact({"lead_id": sorted(store.leads)[pick % len(store.leads)], **person})
            self.made_remote.add(made["id"])
            self.saw("a colleague made there")

    @rule(pick=PICK, field=FIELD)
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

    @rule(pick=PICK, field=FIELD)
    def edit_there(self, pick: int, field: str) -> None:
        theirs = self.world.theirs()
        if theirs:
            self._edit_there(sorted(theirs)[pick % len(theirs)], field)

    def _edit_there(self, contact_id: str, field: str) -> None:
        fields = self.world.theirs().get(contact_id)
        if fields is None or self.tells_whose(contact_id, field):
            return
        new = self.value(field, getattr(fields, field))
        if field == "email" and fields.email is not None:  # once it was put first, it is replaced like any other first
            self.further.get(contact_id, set()).discard(fields.email)
        if field == "company":
            store = self.world.close.store
            store.begin_request()
            store.update_lead(store.contacts[contact_id]["lead_id"], {"name": new})
        elif field in ("first_name", "last_name"):
            first, last = fields.first_name or self.value("first_name", None), fields.last_name or ""
            self.world.change(contact_id, name=f"{new} {last}" if field == "first_name" else f"{first} {new}")
        else:
            self.world.change(contact_id, **{field: new})

    def tells_whose(self, contact_id: str, field: str) -> bool:
        """Whether this is all by which a record over there can be known for its person's: then it stays."""
        return False

    @rule(pick=PICK, name=LISTED, what=st.sampled_from(["add", "add", "take off", "put first"]))
    def further_here(self, pick: int, name: str, what: str) -> None:
        """An address or number beside the first is added, taken off, or comes to be the first."""
        rows = self.rows()
        if not rows:
            return
        row = rows[pick % len(rows)]
        others = getattr(row, FURTHER[name])
        if what == "add" or not others:
            if getattr(row, name) is not None:
                changes = {FURTHER[name]: [*others, self.value(name, None)]}
                self.run(self.world.edits.edit(row.id, changes))
                self.saw(f"a further {name} added here")
            return
        chosen = others[pick % len(others)]
        if what == "put first":
            self.run(self.world.edits.edit(row.id, {name: chosen}))
            self.put_first.add(chosen)
            if name == "phone" and row.phone is not None and phone_number.normalised(row.phone) is None:
                self.gone_with.add(row.phone)  # a text in place of a number is not kept beside one
        else:
            self.run(self.world.edits.edit(row.id, {FURTHER[name]: [each for each in others if each != chosen]}))
            self.is_taken_off(chosen, row.external_id)
        self.saw(f"a further {name}, {what} here")

    @rule(pick=PICK, name=LISTED, what=st.sampled_from(["add", "add", "take off", "put first", "another type"]))
    def further_there(self, pick: int, name: str, what: str) -> None:
        theirs = self.world.theirs()
        if theirs:
            self._further_there(sorted(theirs)[pick % len(theirs)], pick, name, what)

    def _further_there(self, contact_id: str, pick: int, name: str, what: str) -> None:
        if self.tells_whose(contact_id, name):
            return
        first, *others = self.world.list_there(contact_id, name) or [None]
        if first is None:
            return
        if what == "add" or not others:
            added = self.value(name, None)
            self.world.set_list(contact_id, name, [first, *others, {name: added, "type": "home"}])
            if name == "email":
                self.further.setdefault(contact_id, set()).add(added)
            self.saw(f"a further {name} added there")
            return
        chosen = others.pop(pick % len(others))
        if what == "take off":
            self.world.set_list(contact_id, name, [first, *others])
            self.is_taken_off(chosen[name], contact_id)
        elif what == "put first":
            self.world.set_list(contact_id, name, [chosen, first, *others])
            self.put_first.add(chosen[name])
        else:
            self.world.set_list(contact_id, name, [first, *others, chosen | {"type": "other"}])
        self.saw(f"a further {name}, {what} there")

    def is_taken_off(self, value: str, contact_id: str | None) -> None:
        """By somebody who saw it among others. What comes of it where the other side put it first, or was never heard
        from, is for the merge to say."""
        self.gone_with.add(value)
        self.taken_off.add(value)
        self.further.get(contact_id or "", set()).discard(value)

    @rule(pick=PICK)
    def a_number_close_does_not_take(self, pick: int) -> None:
        """It stays here, flagged, and everything else goes there."""
        rows = self.rows()
        if rows:
            self.count += 1
            row, value = rows[pick % len(rows)], f"extension {self.count}"
            self.before[value] = row.phone
            self.run(self.world.edits.edit(row.id, {"phone": value}))
            self.saw("a value that is refused")

    @rule(pick=PICK, key=st.sampled_from(ENRICHED), there=st.booleans())
    def enrich(self, pick: int, key: str, there: bool) -> None:
        """What enrichment found, on either side: both are merged, key by key."""
        rows, theirs = self.rows(), sorted(self.world.theirs())
        self.count += 1
        value = f"{key} {self.count}"
        if there and theirs:
            contact_id = theirs[pick % len(theirs)]
            store = self.world.close.store
            store.begin_request()
            store.update_contact(contact_id, {f"custom.{self.world.custom[key]}": value})
            self.enriched[contact_id, key] = value
        elif not there and rows:
            row = rows[pick % len(rows)]
            self.run(self.world.edits.edit(row.id, {"enrichment_data": {key: value}}))
            self.enriched[row.id, key] = value

    @rule(pick=PICK, field=st.sampled_from(["email", "title", "phone", "company"]), there=st.booleans())
    def empty_a_field(self, pick: int, field: str, there: bool) -> None:
        """Which empties nothing on the other side: somebody is asked."""
        rows, theirs = self.rows(), self.world.theirs()
        if there and theirs:
            contact_id = sorted(theirs)[pick % len(theirs)]
            if self.tells_whose(contact_id, field):
                return
            gone = getattr(theirs[contact_id], field)
            if field in FURTHER:
                self.gone_with |= all_of(theirs[contact_id], field)
            self.emptied.add((contact_id, field))
            store = self.world.close.store
            if field == "company":
                store.begin_request()
                store.update_lead(store.contacts[contact_id]["lead_id"], {"name": ""})
            else:
                self.world.change(contact_id, **{field: ""})
                if field == "email":
                    self.further.pop(contact_id, None)
        elif not there and rows:
            row = rows[pick % len(rows)]
            gone = getattr(row, field)
            self.emptied.add((row.id, field))
            self.run(self.world.edits.edit(row.id, {field: None}))
        else:
            return
        if gone is not None:
            self.gone_with.add(gone)
            self.saw("a field emptied there" if there else "a field emptied here")

    @rule(pick=PICK, here=FIELD, there=FIELD, seconds=st.sampled_from([0.0, 400.0, -1.0]), delete=DELETES)
    def edit_on_both_sides(self, pick: int, here: str, there: str, seconds: float, delete: str) -> None:
        """Of one contact, before either side hears of the other: fields that are the same or not, at the same time or
        one later (``seconds`` below 0: there first). ``delete``: that side deletes it instead."""
        linked = self.linked()
        if not linked:
            return
        row = linked[pick % len(linked)]
        sides = [
            lambda: self._delete_here(row.id) if delete == "here" else self.edit(row.id, here),
            lambda: (
                self._delete_there(row.external_id) if delete == "there" else self._edit_there(row.external_id, there)
            ),
        ]
        for act in sides if seconds >= 0 else reversed(sides):
            act()
            self.world.pass_time(abs(seconds))
        self.saw(f"both sides at once, deleted: {delete}, the same field: {here == there}")

    @rule(pick=PICK)
    def delete_here(self, pick: int) -> None:
        rows = self.rows()
        if len(rows) > 1:
            self._delete_here(rows[pick % len(rows)].id)

    def _delete_here(self, contact_id: str) -> None:
        self.run(self.world.edits.delete(contact_id))
        self.deleted_local.add(contact_id)

    @rule(pick=PICK)
    def delete_there(self, pick: int) -> None:
        theirs = self.world.theirs()
        if len(theirs) > 1:
            self._delete_there(sorted(theirs)[pick % len(theirs)])

    def _delete_there(self, contact_id: str) -> None:
        self.gone_with |= self.values_of(self.world.theirs()[contact_id])
        self.world.close.store.begin_request()
        self.world.close.store.delete_contact(contact_id)
        self.deleted_remote.add(contact_id)

    @rule(pick=PICK)
    def delete_lead_there(self, pick: int) -> None:
        """With everybody and everything in it."""
        store = self.world.close.store
        if len(store.leads) > 1:
            lead_id = sorted(store.leads)[pick % len(store.leads)]
            for contact_id, fields in self.world.theirs().items():
                if store.contacts[contact_id]["lead_id"] == lead_id:
                    self.gone_with |= self.values_of(fields)
                    self.deleted_remote.add(contact_id)
            self.gone_deals += [
                deal["note"] or "" for deal in store.opportunities.values() if deal["lead_id"] == lead_id
            ]
            store.begin_request()
            store.delete_lead(lead_id)
            self.saw("a lead deleted")

    @rule(pick=PICK, other=PICK)
    def merge_there(self, pick: int, other: int) -> None:
        leads = sorted(self.world.close.store.leads)
        if len(leads) > 1 and pick % len(leads) != other % len(leads):
            self.world.close.store.begin_request()
            self.world.close.store.merge_leads(leads[pick % len(leads)], leads[other % len(leads)])
            self.saw("a merge")

    @rule(pick=PICK)
    def conversation_here(self, pick: int) -> None:
        """A call with somebody, and the meeting it led to, as the conversation's own writers note them."""
        rows = self.rows()
        if rows:
            self.converse_with(rows[pick % len(rows)].id)

    def converse_with(self, contact_id: str) -> None:
        self.conversations.append((contact_id, f"conv_{len(self.conversations)}"))
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

    @rule(pick=PICK)
    def change_a_deal_here(self, pick: int) -> None:
        """By an order, which is carried out there."""
        shown = self.run(self.world.store.opportunities.list(limit=1000)).items
        shown = sorted(shown, key=lambda deal: (deal.created_at, deal.value_cents or 0))
        if shown:
            self.count += 1
            orders = OpportunityOrders(sync_store(self.database))
            fields = OpportunityFields(value_cents=self.count)
            self.run(orders.change(shown[pick % len(shown)], fields, now=self.world.now()))
            self.saw("a deal changed here")

    @rule(pick=PICK, what=st.sampled_from(["make", "change", "delete"]))
    def deal_there(self, pick: int, what: str) -> None:
        store = self.world.close.store
        store.begin_request()
        self.count += 1
        if what != "make" and store.opportunities:
            deal = sorted(store.opportunities)[pick % len(store.opportunities)]
            if what == "change":
                store.update_opportunity(deal, {"value": self.count})
            else:
                self.gone_deals.append(store.opportunities[deal]["note"] or "")
                store.delete_opportunity(deal)
        elif store.leads:
            store.create_opportunity({"lead_id": sorted(store.leads)[pick % len(store.leads)], "value": self.count})
