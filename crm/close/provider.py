"""Close as a provider: contacts both ways, deals, the event log as change feed, calls and notes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET

from crm.client import BACKGROUND, ApiClient, CallOptions
from crm.close import (
    calls,
    contact_search,
    contacts,
    events,
    leads,
    mails,
    me,
    notes,
    opportunities,
    pages,
    reference_field,
    search,
    unsubscribes,
    webhooks,
)
from crm.close import changes as feed
from crm.close.api import CloseApi
from crm.close.records import (
    Activity,
    Contact,
    ContactMarks,
    EmailActivity,
    Event,
    Lead,
    Me,
    Opportunity,
    Status,
    WebhookSubscription,
    in_utc,
)
from crm.contact import (
    Account,
    CallOutcome,
    Change,
    ChangePage,
    ContactFields,
    ContactPage,
    ContactQuery,
    Gone,
    Holding,
    NewSubscription,
    RemoteContact,
    Subscription,
)
from crm.errors import (
    BadAnswer,
    ChangedMeanwhile,
    CrmError,
    DeadlineExceeded,
    GiveUp,
    NotFound,
    ProviderUnavailable,
)
from crm.mail import OutgoingMail, RemoteMail
from crm.mapping import close as mapping
from crm.mapping import close_mail, names
from crm.mapping import close_opportunity as deals
from crm.opportunity import OpportunityFields, RemoteOpportunity
from crm.provider import Capability, Provider

CLOCK_MARGIN = timedelta(minutes=15)
"""How far Close's clock may be from ours without anything being overlooked."""
MOST_EVENT_PAGES = 400
"""20 000 events in one reading; beyond that the change feed is behind by more than a listing costs."""


class CloseProvider(Provider):
    """Close keeps no versions, so a write cannot be made conditional: ``update_contact`` reads just before it writes,
    and what somebody changes in between those two requests is overwritten where it is the same list."""

    platform = "close"
    capabilities = frozenset(
        {
            Capability.READ,
            Capability.LIST,
            Capability.SEARCH,
            Capability.CREATE,
            Capability.UPDATE,
            Capability.DELETE,
            Capability.CHANGES,
            Capability.WEBHOOKS,
            Capability.CALLS,
            Capability.NOTES,
            Capability.OPPORTUNITIES,
            Capability.MAIL,
        }
    )

    def __init__(self, client: ApiClient, *, fill_in: mapping.CloseMapping | None = None) -> None:
        self.api = CloseApi(client)
        self._mapping = fill_in or mapping.CloseMapping()

    async def prepare(self, options: CallOptions = BACKGROUND) -> bool:
        """Make sure that contacts have a custom field for our references. False where this key may not add one; new
        contacts are then known again by address and name."""
        if self._mapping.reference_field is None:
            field_id = await reference_field.ensure(self.api, options)
            self._mapping = msgspec.structs.replace(self._mapping, reference_field=field_id)
        return self._mapping.reference_field is not None

    async def check(self, options: CallOptions = BACKGROUND) -> Account:
        owner = await self.api.one(me.get(), Me, options)
        organization = owner.organizations[0].name if owner.organizations else None
        return Account(self.platform, organization or owner.id, actor=owner.id)

    async def size(self, options: CallOptions = BACKGROUND) -> int | None:
        return (await self.api.client.json(contacts.count(), pages.CountAnswer, options)).total_results

    async def get_contact(
        self, external_id: str, known: ContactFields | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone:
        try:
            contact = await self.api.one(contacts.get(external_id), Contact, options)
            return mapping.remote(contact, await self._lead_name(contact, options), self._mapping, known)
        except NotFound:
            return Gone(external_id)

    async def held_by(
        self, parent_id: str, known: Mapping[str, ContactFields] | None = None, options: CallOptions = BACKGROUND
    ) -> Holding | Gone:
        try:
            lead = await self.api.one(leads.get(parent_id), Lead, options)
        except NotFound:
            return Gone(parent_id)
        people = mapping.of_lead(lead, self._mapping, dict(known or {}))
        return Holding(people, tuple(map(deals.remote, lead.opportunities)))

    async def successor(self, parent_id: str, options: CallOptions = BACKGROUND) -> str | Gone | None:
        page, _ = await self.api.event_page(events.of_object("lead", parent_id), options)
        ends = [found for event in page if event.action == "deleted" and (found := feed.change(event)) is not None]
        if not ends:
            return None
        return ends[0].merged_into or Gone(parent_id)

    async def list_contacts(
        self, cursor: str | None = None, *, since: datetime | None = None, options: CallOptions = BACKGROUND
    ) -> ContactPage:
        if cursor is None:
            state = search.walk("lead", leads.FIELDS_WITH_TIMES, since)
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
            contacts=tuple(contact for lead in found for contact in mapping.of_lead(lead, self._mapping)),
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
        request = search.find(contact_search.query_for(query), {"lead": leads.FIELDS_WITH_TIMES}, query.limit)
        rows = await self.api.find(request, options)
        found = [
            mapping.remote(contact, lead.name, self._mapping)
            for lead in (self.api.record(row, Lead) for row in rows)
            for contact in lead.contacts
            if contact_search.matches(contact, lead, query)
        ]
        return tuple(found[: query.limit])

    def takes(self, fields: ContactFields) -> ContactFields:
        return mapping.taken(fields, self._mapping)

    async def create_contact(
        self, fields: ContactFields, *, reference: str, parent_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        draft, custom = mapping.draft(fields, self._mapping)
        if self._mapping.reference_field:
            custom[self._mapping.reference_field] = reference
        if parent_id is not None:
            contact = await self.api.one(contacts.create(parent_id, draft, custom), Contact, options)
            return mapping.remote(contact, await self._lead_name(contact, options), self._mapping, fields)
        # without a company the lead stays unnamed: a made-up name would come back as the contact's company
        new = leads.LeadChanges(name=fields.company or UNSET, contacts=(contacts.as_body(draft, custom),))
        lead = await self.api.one(leads.create(new), Lead, options)
        made = mapping.of_lead(lead, self._mapping, {contact.id: fields for contact in lead.contacts})
        if not made:
            raise self.api.client.dialect.misread("a lead with the contact it was made with")
        return made[0]

    async def find_created(
        self, reference: str, fields: ContactFields, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> RemoteContact | Gone | None:
        """By our reference where a custom field keeps it, else by e-mail address and full name. The event log shows a
        creation at once, the search index only after a while."""
        start = since - CLOCK_MARGIN
        wanted = events.created_since("contact", start)
        for _ in range(MOST_EVENT_PAGES):
            page, cursor = await self.api.event_page(wanted, options)
            for event in page:
                if await self._is_ours(event, reference, fields, options):
                    return await self.get_contact(event.object_id, fields, options)
            if cursor is None or events.is_past(page, start):
                return None
            wanted = events.older_created("contact", cursor)
        raise self._too_many_events()

    async def update_contact(
        self, seen: RemoteContact, changes: ContactFields, options: CallOptions = BACKGROUND
    ) -> RemoteContact:
        contact = await self.api.one(contacts.get(seen.external_id), Contact, options)
        company = await self._lead_name(contact, options) if changes.company else seen.fields.company
        if mapping.fields(contact, company, self._mapping, seen.fields) != seen.fields:
            raise ChangedMeanwhile("changed_meanwhile", "the contact changed since it was read", platform="close")
        draft, custom = mapping.changes(contact, changes, self._mapping, seen.fields)
        if not mapping.is_empty(draft, custom):
            contact = await self.api.one(contacts.update(contact.id, draft, custom), Contact, options)
        if changes.company and changes.company != names.tidy(company) and contact.lead_id:
            renamed = leads.update(contact.lead_id, leads.LeadChanges(name=changes.company))
            company = (await self.api.one(renamed, Lead, options)).name
        known = ContactFields(
            first_name=changes.first_name or seen.fields.first_name,
            last_name=changes.last_name or seen.fields.last_name,
        )
        return mapping.remote(contact, company, self._mapping, known)

    async def delete_contact(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        """The contact alone; its lead stays."""
        await self.api.remove(contacts.delete(external_id), options)

    def changes_from(self, moment: datetime) -> str:
        return (moment.astimezone(UTC) - CLOCK_MARGIN).isoformat()

    async def changes(self, cursor: str, options: CallOptions = BACKGROUND) -> ChangePage:
        """Reads from a little before the cursor to now; pages come newest first, so it is all or nothing."""
        reached = in_utc(datetime.fromisoformat(cursor))
        start = reached - events.OVERLAP
        if datetime.fromtimestamp(self.api.client.rim.clock(), UTC) - start >= events.RETENTION:
            raise GiveUp("changes_expired", "the event log does not reach back that far", platform="close")
        reading = feed.Reading(start, reached)
        wanted = events.since(start)
        for _ in range(MOST_EVENT_PAGES):
            try:
                page, older = await self.api.event_page(wanted, options)
            except BadAnswer as error:
                raise GiveUp("changes_unreadable", "an event cannot be read", platform=self.platform) from error
            reading.take(page)
            if older is None or events.is_past(page, start):
                return reading.page()
            wanted = events.older(older)
        raise self._too_many_events()

    def receive(self, headers: Mapping[str, str], body: bytes, *, keys: Sequence[str], now: float) -> Change | None:
        webhooks.verify(keys, headers, body, now)
        return feed.change(webhooks.delivered(body))

    async def subscriptions(self, options: CallOptions = BACKGROUND) -> tuple[Subscription, ...]:
        listed = await self.api.every(lambda _: webhooks.listing(), WebhookSubscription, options)
        return tuple(
            Subscription(entry.id, entry.url, entry.status == "active", webhooks.hears_enough(entry))
            for entry in listed
        )

    async def subscribe(self, url: str, options: CallOptions = BACKGROUND) -> NewSubscription:
        made = await self.api.one(webhooks.create(url), WebhookSubscription, options)
        if made.signature_key is None:
            raise self.api.client.dialect.misread("a new subscription with its signature key")
        return NewSubscription(made.id, made.signature_key)

    async def repair_subscription(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.one(webhooks.repair(subscription_id), WebhookSubscription, options)

    async def unsubscribe(self, subscription_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(webhooks.delete(subscription_id), options)

    async def log_call(
        self,
        parent_id: str,
        outcome: CallOutcome,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        draft = calls.from_outcome(outcome, notes.with_reference(outcome.notes, reference), contact_id)
        return (await self.api.one(calls.create(parent_id, draft), Activity, options)).id

    async def find_call(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        start = (since - CLOCK_MARGIN).isoformat()
        entries = await self.api.every(
            lambda skip: calls.of_lead(parent_id, created_after=start, skip=skip), Activity, options
        )
        return _with_reference(entries, reference)

    async def remove_call(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(calls.delete(external_id), options)

    async def add_note(
        self,
        parent_id: str,
        text: str,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> str:
        request = notes.create(parent_id, notes.with_reference(text, reference), contact_id)
        return (await self.api.one(request, Activity, options)).id

    async def find_note(
        self, parent_id: str, reference: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> str | None:
        start = (since - CLOCK_MARGIN).isoformat()
        entries = await self.api.every(
            lambda skip: notes.of_lead(parent_id, created_after=start, skip=skip), Activity, options
        )
        return _with_reference(entries, reference)

    async def remove_note(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(notes.delete(external_id), options)

    async def create_opportunity(
        self,
        parent_id: str,
        fields: OpportunityFields,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> RemoteOpportunity:
        draft = deals.changes(fields, await self._statuses(fields, options), mark=reference, contact_id=contact_id)
        return deals.remote(await self.api.one(opportunities.create(parent_id, draft), Opportunity, options))

    async def find_opportunity(
        self, parent_id: str, reference: str, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity | None:
        there = await self.api.every(lambda skip: opportunities.of_lead(parent_id, skip), Opportunity, options)
        return next((deal for deal in map(deals.remote, there) if deal.mark == reference), None)

    async def update_opportunity(
        self, external_id: str, changes: OpportunityFields, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity:
        mark = None
        if changes.note is not None:  # the note holds our mark, which stays
            now = await self.api.one(opportunities.get(external_id), Opportunity, options)
            mark = deals.divided(now.note)[1]
        wanted = deals.changes(changes, await self._statuses(changes, options), mark=mark)
        return deals.remote(await self.api.one(opportunities.update(external_id, wanted), Opportunity, options))

    async def enter_mail(
        self, parent_id: str, mail: OutgoingMail, *, contact_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> str:
        draft = close_mail.draft(mail, parent_id, contact_id)
        return (await self.api.one(mails.create(draft), EmailActivity, options)).id

    async def mails(
        self, parent_id: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> tuple[RemoteMail, ...]:
        start = (since - CLOCK_MARGIN).isoformat()
        found = await self.api.every(
            lambda skip: mails.of_lead(parent_id, created_after=start, skip=skip), EmailActivity, options
        )
        return tuple(mail for mail in map(close_mail.remote, found) if mail is not None)

    async def may_mail(self, contact_id: str, address: str, options: CallOptions = BACKGROUND) -> bool:
        there = await self.api.one(contacts.get(contact_id), ContactMarks, options)
        return not any(entry.is_unsubscribed and entry.email.lower() == address for entry in there.emails)

    async def stop_mail(self, address: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.client.send(unsubscribes.create(address), options)

    async def remove_mail(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(mails.delete(external_id), options)

    async def _statuses(self, wanted: OpportunityFields, options: CallOptions) -> tuple[Status, ...]:
        """Close's names of statuses, where one is to be set."""
        if wanted.status is None:
            return ()
        return await self.api.every(lambda _: opportunities.statuses(), Status, options)

    async def _lead_name(self, contact: Contact, options: CallOptions) -> str | None:
        if contact.lead_id is None:
            return None
        return (await self.api.one(leads.get(contact.lead_id), Lead, options)).name

    async def _is_ours(self, event: Event, reference: str, fields: ContactFields, options: CallOptions) -> bool:
        if event.data is not None:
            made = self.api.record(event.data, Contact)
        else:  # a key without administrator's rights sees no data of events older than an hour
            try:
                made = await self.api.one(contacts.get(event.object_id), Contact, options)
            except NotFound:
                return False
        if self._mapping.reference_field:
            return made.custom.get(self._mapping.reference_field) == reference
        shown = mapping.fields(made, None, self._mapping, fields)
        return (shown.email, shown.first_name, shown.last_name) == (fields.email, fields.first_name, fields.last_name)

    def _too_many_events(self) -> GiveUp:
        return GiveUp("changes_expired", "too many events since then to read them one by one", platform=self.platform)


def _with_reference(entries: Sequence[Activity], reference: str) -> str | None:
    return next((e.id for e in entries if reference in (e.note_html or "") or reference in (e.note or "")), None)
