"""Imports what somebody asks for: a search, addresses, or what changed within a span of time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from crm.contact import ContactQuery, RemoteContact
from crm.provider import Provider
from crm.sync.importing import take_in
from crm.sync.run import Run
from crm.sync.sending import work_meanwhile
from storage import email_address
from storage.crm_sync_runs import Tally

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
        found = await provider.find_contacts(ContactQuery(text=filters.query, limit=MOST_FOUND))
        await _take_in(run, found)
        return
    if filters.emails:
        wanted = [address for email in filters.emails if (address := email_address.normalised(email))]
        for start in range(0, len(wanted), _EMAILS_AT_ONCE):
            run.check_stop()
            some = tuple(wanted[start : start + _EMAILS_AT_ONCE])
            await _take_in(run, await provider.find_contacts(ContactQuery(emails=some, limit=MOST_FOUND)))
        return
    cursor: str | None = None
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor, since=filters.since)
        await _take_in(run, [contact for contact in page.contacts if _is_before(contact, filters.until)])
        cursor = page.cursor
        if cursor is None:
            return
        await work_meanwhile(run, provider)


def _is_before(contact: RemoteContact, until: datetime | None) -> bool:
    return until is None or (contact.updated_at is not None and contact.updated_at < until)


async def _take_in(run: Run, contacts: Sequence[RemoteContact]) -> None:
    tally = Tally()
    async with run.writing(lambda: tally) as transaction:
        tally = await take_in(transaction, run, contacts, listed=True)
