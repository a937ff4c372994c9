"""Imports what somebody asks for: a search, addresses, or what changed within a span of time."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from crm.contact import ContactPage, ContactQuery, RemoteContact
from crm.provider import Provider
from crm.sync.paging import take_in_page
from crm.sync.run import Run
from crm.sync.sending import work_meanwhile
from storage import email_address

MOST_FOUND = 200
_EMAILS_AT_ONCE = 20


class Filters(Struct, frozen=True, forbid_unknown_fields=True):
    """What a triggered sync is limited to. ``query``: words in names; ``since`` and ``until``: when a record last
    changed; ``emails``; ``profile_urls`` for LinkedIn. One kind at a time."""

    query: str = ""
    since: datetime | None = None
    until: datetime | None = None
    emails: tuple[str, ...] = ()
    profile_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kinds = [self.query, self.since or self.until, self.emails, self.profile_urls]
        if sum(bool(kind) for kind in kinds) > 1:
            raise ValueError("one kind of filter at a time")
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("times need an offset, such as Z")


async def import_filtered(run: Run, provider: Provider, *, raw: dict[str, Any]) -> None:
    """Raises CrmError, Stopped."""
    filters = msgspec.convert(raw, Filters)
    if filters.query:
        await _look_for(run, provider, ContactQuery(text=filters.query, limit=MOST_FOUND))
        return
    if filters.emails:
        wanted = [address for email in filters.emails if (address := email_address.normalised(email))]
        for start in range(0, len(wanted), _EMAILS_AT_ONCE):
            run.check_stop()
            some = tuple(wanted[start : start + _EMAILS_AT_ONCE])
            await _look_for(run, provider, ContactQuery(emails=some, limit=MOST_FOUND))
        return
    cursor: str | None = None
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor, since=filters.since)
        within = tuple(contact for contact in page.contacts if _is_before(contact, filters.until))
        await take_in_page(run, msgspec.structs.replace(page, contacts=within))
        cursor = page.cursor
        if cursor is None:
            return
        await work_meanwhile(run, provider)


async def _look_for(run: Run, provider: Provider, query: ContactQuery) -> None:
    await take_in_page(run, ContactPage(await provider.find_contacts(query), cursor=None))


def _is_before(contact: RemoteContact, until: datetime | None) -> bool:
    return until is None or (contact.updated_at is not None and contact.updated_at < until)
