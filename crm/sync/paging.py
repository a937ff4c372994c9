"""Takes in a page of what the CRM lists: the contacts, their deals, and what it could not show there."""

from collections.abc import Awaitable, Callable

import msgspec

from crm.contact import ContactPage
from crm.errors import InvalidRecord
from crm.sync.dead_letters import bury_listing
from crm.sync.importing import take_in
from crm.sync.opportunities import take_in_listed
from crm.sync.run import Run
from storage.crm.inbox import call_for
from storage.crm.sync_runs import Tally
from storage.postgres.database import Transaction

Note = Callable[[Transaction, ContactPage], Awaitable[None]]
"""What is kept in the transaction of the page: how far the listing is."""


async def take_in_page(run: Run, page: ContactPage, note: Note | None = None) -> None:
    """All of it in one transaction. Raises StorageError."""
    try:
        await _take_in(run, page, note)
    except InvalidRecord:
        await _take_in(run, _by_parents(page), note)


async def _take_in(run: Run, page: ContactPage, note: Note | None) -> None:
    """What did not read as a record is tried by itself: if it stays so it becomes a dead letter, and stalls nothing.
    What the provider passed over is one at once."""
    tally = Tally()
    async with run.writing(lambda: tally) as transaction:
        tally = await take_in(transaction, run, page.contacts, listed=True)
        parents = {contact.parent_id for contact in page.contacts if contact.parent_id}
        await take_in_listed(transaction, run, parents, page.opportunities)
        await call_for(transaction, run.platform, [("parent", parent) for parent in page.unreadable], now=run.now())
        for moment in page.passed_over:
            await bury_listing(transaction, run.platform, moment, now=run.now())
        if note is not None:
            await note(transaction, page)


def _by_parents(page: ContactPage) -> ContactPage:
    """The page with each of its records to be read by itself: one of them holds what cannot be kept."""
    held = {contact.parent_id for contact in page.contacts} | {deal.parent_id for deal in page.opportunities}
    parents = (*page.unreadable, *sorted(parent for parent in held if parent))
    return msgspec.structs.replace(page, contacts=(), opportunities=(), unreadable=parents)
