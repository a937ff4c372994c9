"""Whether a creation that got no answer was applied."""

from datetime import datetime

from crm.client import BACKGROUND, CallOptions
from crm.close import contacts, events
from crm.close.provided.contacts import CloseContacts
from crm.close.provided.part import CLOCK_MARGIN, MOST_EVENT_PAGES, too_many_events
from crm.close.records import Contact, Event
from crm.contact import ContactFields, Gone, RemoteContact
from crm.errors import NotFound
from crm.mapping import close as mapping


class CloseCreations(CloseContacts):
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
        raise too_many_events()

    async def _is_ours(self, event: Event, reference: str, fields: ContactFields, options: CallOptions) -> bool:
        if event.data is not None:
            made = self.api.record(event.data, Contact)
        else:  # a key without administrator's rights sees no data of events older than an hour
            try:
                made = await self.api.one(contacts.get(event.object_id), Contact, options)
            except NotFound:
                return False
        if self.mapping.reference_field:
            return made.custom.get(self.mapping.reference_field) == reference
        shown = mapping.fields(made, None, self.mapping, fields)
        return (shown.email, shown.first_name, shown.last_name) == (fields.email, fields.first_name, fields.last_name)
