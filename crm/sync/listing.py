"""Walks over all contacts of a CRM: the first import, the full comparison, and, where there is no change feed, what
changed lately. A walk that was cut off is gone on with where it was."""

from contextlib import suppress
from datetime import datetime

from crm.contact import ContactPage
from crm.errors import CrmError
from crm.provider import Capability, Provider
from crm.sync import cursors
from crm.sync.paging import take_in_page
from crm.sync.run import Run
from crm.sync.sending import work_meanwhile
from storage.crm.inbox import call_for_unlisted
from storage.crm.sync_state import (
    SyncState,
    advance_listing,
    begin_listing,
    end_listing,
    save_feed,
    save_watermark,
)
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Transaction


async def list_all(run: Run, provider: Provider, *, asked_at: datetime | None = None) -> None:
    """Everything: the first time, because the feed has lost us, or on demand: then by a walk that began at ``asked_at``
    or later. Raises CrmError, Stopped."""
    state = await run.store.state.get(run.platform)
    has_feed = Capability.CHANGES in provider.capabilities
    lost = has_feed and state.feed_read_at is not None and run.now() - state.feed_read_at > cursors.FEED_PATIENCE
    if not cursors.goes_on(state, asked_at):
        if state.listing_id is None and state.listed_at is not None and asked_at is None and not lost:
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
    listing_id, cursor = state.listing_id, state.listing_cursor

    async def note(transaction: Transaction, page: ContactPage) -> None:
        ids = [contact.external_id for contact in page.contacts]
        await advance_listing(transaction, run.platform, listing_id, page.cursor, ids)
        if page.cursor is None:
            await _finish(transaction, run, listing_id)

    size = await _size(run, provider, state)
    run.enter("listing", None if size is None else max(0, size - state.listing_done))
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor)
        await take_in_page(run, page, note)
        cursor = page.cursor
        if cursor is None:
            return
        await work_meanwhile(run, provider)


async def _size(run: Run, provider: Provider, state: SyncState) -> int | None:
    """For showing how far the walk is: as the CRM says, else as many as we know; None: without it, it is walked all the
    same."""
    with suppress(CrmError):
        if (size := await provider.size()) is not None:
            return size
    return await run.store.contacts.count(run.platform) if state.listed_at else None


async def _finish(transaction: Transaction, run: Run, listing_id: str) -> None:
    """Contacts the walk has not come by are looked at one by one: a search index may be late, or wrong."""
    await call_for_unlisted(transaction, run.platform, listing_id, now=run.now())
    await end_listing(transaction, run.platform)


async def list_recent(run: Run, provider: Provider) -> None:
    """For a CRM without a feed: whatever changed since the latest time seen, less an overlap. Raises as above."""
    edge = cursors.Edge((await run.store.state.get(run.platform)).watermark)

    async def note(transaction: Transaction, page: ContactPage) -> None:
        """Pages are in no promised order: the time they reach counts once all of them are in."""
        if page.cursor is None and edge.at is not None:
            await save_watermark(transaction, run.platform, edge.at, now=run.now())

    since, cursor = edge.since(), None
    while True:
        run.check_stop()
        page = await provider.list_contacts(cursor, since=since)
        edge, cursor = edge.after(page.contacts), page.cursor
        await take_in_page(run, page, note)
        if cursor is None:
            return
        await work_meanwhile(run, provider)
