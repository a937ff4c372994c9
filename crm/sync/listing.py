"""Walks over all contacts of a CRM: the first import, the full comparison, and, where there is no change feed, what
changed lately. A walk that was cut off is gone on with where it was."""

from datetime import datetime

import msgspec

from crm.contact import ContactPage
from crm.errors import CrmError, InvalidRecord
from crm.provider import Capability, Provider
from crm.sync import cursors
from crm.sync.dead_letters import bury_listing
from crm.sync.importing import take_in
from crm.sync.opportunities import take_in_listed
from crm.sync.run import Run
from crm.sync.sending import work_meanwhile
from storage.crm_inbox import call_for, call_for_unlisted
from storage.crm_sync_runs import Tally
from storage.crm_sync_state import (
    SyncState,
    advance_listing,
    begin_listing,
    end_listing,
    save_feed,
    save_watermark,
)
from storage.database import Transaction
from storage.secret_tokens import new_id


async def list_all(run: Run, provider: Provider, *, anew: bool) -> None:
    """Everything: the first time, on demand (``anew``), or because the feed has lost us. Raises CrmError, Stopped."""
    state = await run.store.state.get(run.platform)
    has_feed = Capability.CHANGES in provider.capabilities
    lost = has_feed and state.feed_read_at is not None and run.now() - state.feed_read_at > cursors.FEED_PATIENCE
    if state.listing_id is None:
        if state.listed_at is not None and not anew and not lost:
            return
        await begin(run, provider, new_feed=has_feed and (state.feed_cursor is None or lost))
        state = await run.store.state.get(run.platform)
    await _walk(run, provider, state)


async def begin(run: Run, provider: Provider, *, new_feed: bool) -> None:
    """A walk from the start. ``new_feed``: the change feed begins now, so that it tells what changes meanwhile."""
    async with run.writing() as transaction:
        await begin_listing(transaction, run.platform, new_id("listing"), now=run.now())
        if new_feed:
            await save_feed(transaction, run.platform, provider.changes_from(run.now()), now=run.now())


async def _walk(run: Run, provider: Provider, state: SyncState) -> None:
    assert state.listing_id is not None  # the caller's precondition
    cursor = state.listing_cursor
    size = await run.store.contacts.count(run.platform) if state.listed_at else await _size(provider)
    run.enter("listing", None if size is None else max(0, size - state.listing_done))
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor)
        cursor = page.cursor
        try:
            await _take_in_listed(run, page, state.listing_id)
        except InvalidRecord:
            await _take_in_listed(run, _by_parents(page), state.listing_id)
        if cursor is None:
            return
        await work_meanwhile(run, provider)


async def _take_in_listed(run: Run, page: ContactPage, listing_id: str) -> None:
    tally = Tally()
    async with run.writing(lambda: tally) as transaction:
        tally = await take_in(transaction, run, page.contacts, listed=True)
        await _take_in_beside(transaction, run, page)
        ids = [contact.external_id for contact in page.contacts]
        await advance_listing(transaction, run.platform, listing_id, page.cursor, ids)
        if page.cursor is None:
            await _finish(transaction, run, listing_id)


def _by_parents(page: ContactPage) -> ContactPage:
    """The page with each of its records to be read by itself: one of them holds what cannot be kept."""
    held = {contact.parent_id for contact in page.contacts} | {deal.parent_id for deal in page.opportunities}
    parents = (*page.unreadable, *sorted(parent for parent in held if parent))
    return msgspec.structs.replace(page, contacts=(), opportunities=(), unreadable=parents)


async def _size(provider: Provider) -> int | None:
    """For showing how far the walk is: without it, it is walked all the same."""
    try:
        return await provider.size()
    except CrmError:
        return None


async def _finish(transaction: Transaction, run: Run, listing_id: str) -> None:
    """Contacts the walk has not come by are looked at one by one: a search index may be late, or wrong."""
    await call_for_unlisted(transaction, run.platform, listing_id, now=run.now())
    await end_listing(transaction, run.platform)


async def list_recent(run: Run, provider: Provider) -> None:
    """For a CRM without a feed: whatever changed since the latest time seen, less an overlap. Raises as above."""
    state = await run.store.state.get(run.platform)
    edge, cursor = cursors.Edge(state.watermark), None
    since = edge.since()
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor, since=since)
        edge, cursor = edge.after(page.contacts), page.cursor
        # Pages are in no promised order: the time they reach counts once all of them are in.
        watermark = edge.at if cursor is None else None
        try:
            await _take_in_recent(run, page, watermark)
        except InvalidRecord:
            await _take_in_recent(run, _by_parents(page), watermark)
        if cursor is None:
            return
        await work_meanwhile(run, provider)


async def _take_in_recent(run: Run, page: ContactPage, watermark: datetime | None) -> None:
    tally = Tally()
    async with run.writing(lambda: tally) as transaction:
        tally = await take_in(transaction, run, page.contacts)
        await _take_in_beside(transaction, run, page)
        if watermark is not None:
            await save_watermark(transaction, run.platform, watermark, now=run.now())


async def _take_in_beside(transaction: Transaction, run: Run, page: ContactPage) -> None:
    """The deals of a page; and what did not read as a record is tried by itself: if it stays so it becomes a dead
    letter, and stalls nothing. What the provider passed over is one at once."""
    parents = {contact.parent_id for contact in page.contacts if contact.parent_id}
    await take_in_listed(transaction, run, parents, page.opportunities)
    await call_for(transaction, run.platform, [("parent", parent) for parent in page.unreadable], now=run.now())
    for moment in page.passed_over:
        await bury_listing(transaction, run.platform, moment, now=run.now())
