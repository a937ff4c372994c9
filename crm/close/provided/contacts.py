"""Contacts there: read, listed, searched, made, changed and deleted. Each is in a lead, its parent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import msgspec
from msgspec import UNSET

from crm.client import BACKGROUND, CallOptions
from crm.close import changes as feed
from crm.close import contact_search, contacts, events, leads, refusals, search
from crm.close.provided.part import ClosePart
from crm.close.records import CUSTOM_PREFIX, Contact, Lead
from crm.close.refusals import OF_CONTACT, OF_LEAD, OurNames
from crm.contact import ContactFields, ContactPage, ContactQuery, Gone, Holding, RemoteContact
from crm.errors import (
    BadAnswer,
    ChangedMeanwhile,
    CrmError,
    DeadlineExceeded,
    InvalidRecord,
    NotFound,
    ProviderUnavailable,
    RetryLater,
)
from crm.mapping import close as mapping
from crm.mapping import close_opportunity as deals
from crm.mapping import names


class CloseContacts(ClosePart):
    async def get_contact(
        self, external_id: str, known: ContactFields | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone:
        try:
            contact = await self.api.one(contacts.get(external_id), Contact, options)
            return mapping.remote(contact, await self._lead_name(contact, options), self.mapping, known)
        except NotFound:
            return Gone(external_id)

    async def held_by(
        self, parent_id: str, known: Mapping[str, ContactFields] | None = None, options: CallOptions = BACKGROUND
    ) -> Holding | Gone:
        try:
            lead = await self.api.one(leads.get(parent_id), Lead, options)
        except NotFound:
            return Gone(parent_id)
        people = mapping.of_lead(lead, self.mapping, dict(known or {}))
        return Holding(people, tuple(map(deals.remote, lead.opportunities)))

    async def successor(self, parent_id: str, options: CallOptions = BACKGROUND) -> str | Gone | None:
        page, _ = await self.api.event_page(events.end_of(parent_id), options)
        ends = [found for event in page if (found := feed.change(event)) is not None]
        if not ends:
            return None
        return ends[0].merged_into or Gone(parent_id)

    async def list_contacts(
        self, cursor: str | None = None, *, since: datetime | None = None, options: CallOptions = BACKGROUND
    ) -> ContactPage:
        if cursor is None:
            state = search.walk("lead", leads.FIELDS, since)
        else:
            state = msgspec.json.decode(cursor, type=search.Walk)
        found: list[Lead] = []
        unreadable: list[str] = []
        try:
            rows, following = await self.api.walk(state, options)
        except (BadAnswer, ProviderUnavailable, DeadlineExceeded) as error:
            # Perhaps one record of this page is too much for either side: it is not to stop all others.
            ids, following = await self._walk_bare(state, error, options)
            rows, unreadable = [], ids
        for row in rows:
            try:
                found.append(self.api.record(row, Lead))
            except BadAnswer:
                unreadable.append(str(row["id"]))
        return ContactPage(
            contacts=tuple(contact for lead in found for contact in mapping.of_lead(lead, self.mapping)),
            cursor=None if following is None else msgspec.json.encode(following).decode(),
            opportunities=tuple(deals.remote(deal) for lead in found for deal in lead.opportunities),
            unreadable=tuple(unreadable),
            passed_over=() if following is None else following.passed_over[len(state.passed_over) :],
        )

    async def _walk_bare(
        self, state: search.Walk, failure: CrmError, options: CallOptions
    ) -> tuple[list[str], search.Walk | None]:
        """The ids of the page that failed, and the walk after it. Raises ``failure`` when that fails too."""
        try:
            rows, following = await self.api.walk(search.bare(state), options)
        except CrmError:
            raise failure from None
        return [str(row["id"]) for row in rows], following and search.clothed(following, state.fields)

    async def find_contacts(self, query: ContactQuery, options: CallOptions = BACKGROUND) -> tuple[RemoteContact, ...]:
        """One request: leads come with their contacts. The index matches words, so what it finds is looked at again."""
        query = contact_search.sharpened(query)
        request = search.find(contact_search.query_for(query), {"lead": leads.FIELDS}, query.limit)
        rows = await self.api.find(request, options)
        found = [
            mapping.remote(contact, lead.name, self.mapping)
            for lead in (self.api.record(row, Lead) for row in rows)
            for contact in lead.contacts
            if contact_search.matches(contact, lead, query)
        ]
        return tuple(found[: query.limit])

    def takes(self, fields: ContactFields) -> ContactFields:
        return mapping.taken(fields, self.mapping)

    async def create_contact(
        self, fields: ContactFields, *, reference: str, parent_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        draft, custom = mapping.draft(fields, self.mapping)
        if self.mapping.reference_field:
            custom[self.mapping.reference_field] = reference
        if parent_id is not None:
            with self._refusals(OF_CONTACT):
                contact = await self.api.one(contacts.create(parent_id, draft, custom), Contact, options)
            return mapping.remote(contact, await self._lead_name(contact, options), self.mapping, fields)
        # without a company the lead stays unnamed: a made-up name would come back as the contact's company
        new = leads.LeadChanges(name=fields.company or UNSET, contacts=(contacts.as_body(draft, custom),))
        with self._refusals(OF_LEAD):
            lead = await self.api.one(leads.create(new), Lead, options)
        made = mapping.of_lead(lead, self.mapping, {contact.id: fields for contact in lead.contacts})
        if not made:
            raise self.api.client.dialect.misread("a lead with the contact it was made with")
        return made[0]

    async def update_contact(
        self, seen: RemoteContact, changes: ContactFields, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        contact = await self.api.one(contacts.get(seen.external_id), Contact, options)
        company = await self._lead_name(contact, options) if changes.company else seen.fields.company
        if mapping.fields(contact, company, self.mapping, seen.fields) != seen.fields:
            raise ChangedMeanwhile("changed_meanwhile", "the contact changed since it was read", platform="close")
        draft, custom = mapping.changes(contact, changes, self.mapping, seen.fields)
        if not mapping.is_empty(draft, custom):
            with self._refusals(OF_CONTACT):
                contact = await self.api.one(contacts.update(contact.id, draft, custom), Contact, options)
        if changes.company and changes.company != names.tidy(company) and contact.lead_id:
            renamed = leads.update(contact.lead_id, leads.LeadChanges(name=changes.company))
            with self._refusals(OF_LEAD):
                company = (await self.api.one(renamed, Lead, options)).name
        known = ContactFields(
            first_name=changes.first_name or seen.fields.first_name,
            last_name=changes.last_name or seen.fields.last_name,
        )
        return mapping.remote(contact, company, self.mapping, known)

    async def delete_contact(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """The contact alone; its lead stays."""
        await self.api.remove(contacts.delete(external_id), options)

    @contextmanager
    def _refusals(self, ours: OurNames) -> Iterator[None]:
        """Of a write within: in our names. Somebody may have deleted the field of our references, which ``prepare``
        then makes again."""
        try:
            yield
        except InvalidRecord as error:
            field = self.mapping.reference_field
            if field is not None and any(name.endswith(f"{CUSTOM_PREFIX}{field}") for name in error.fields):
                self.mapping = msgspec.structs.replace(self.mapping, reference_field=None)
                message = "the custom field of our references is gone"
                raise RetryLater("reference_field_gone", message, platform="close") from error
            error.fields = refusals.in_our_names(error.fields, ours)
            raise

    async def _lead_name(self, contact: Contact, options: CallOptions) -> str | None:
        if contact.lead_id is None:
            return None
        return (await self.api.one(leads.get(contact.lead_id), Lead, options)).name
