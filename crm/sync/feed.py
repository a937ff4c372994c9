"""Reads a CRM's change feed: what changed since the last time is put into the inbox, with the cursor, in one
transaction.

Readings overlap; what was taken in before, here or by webhook, is known by its event. A feed that does not reach back
that far, or has an entry that cannot be read, is made up for by a walk over everything.
"""

from crm.errors import GiveUp
from crm.provider import Provider
from crm.sync import cursors, listing
from crm.sync.run import Run
from storage.crm.contacts import put_aliases
from storage.crm.inbox import call_for, note_events
from storage.crm.sync_state import save_feed


async def read_feed(run: Run, provider: Provider, *, walked: bool = False) -> None:
    """``walked``: everything was listed just now, since the feed could not be read. Raises CrmError, Stopped."""
    state = await run.store.state.get(run.platform)
    try:
        page = await provider.changes(state.feed_cursor or provider.changes_from(run.now()))
    except GiveUp as error:
        if error.code not in ("changes_expired", "changes_unreadable"):
            raise
        if walked:  # what is in the way is young: the next run has it behind it, or lists everything again
            run.note_error(error.code)
            return
        await listing.begin(run, provider, new_feed=True)
        await listing.list_all(run, provider)
        await read_feed(run, provider, walked=True)
        return
    async with run.writing() as transaction:
        named = set(map(cursors.name_of, page.changes))
        new = await note_events(transaction, run.platform, named, now=run.now())
        news = [change for change in page.changes if cursors.name_of(change) in new]
        await call_for(transaction, run.platform, cursors.to_read(news), now=run.now())
        await put_aliases(transaction, run.platform, cursors.aliases(page.changes))
        await save_feed(transaction, run.platform, page.cursor, now=run.now())
