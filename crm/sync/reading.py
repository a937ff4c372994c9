"""Works the inbox: each record that was called for is read as it is now and taken in."""

from functools import partial

from crm.errors import CrmError, RateLimited
from crm.provider import Provider
from crm.sync.dead_letters import bury_reading
from crm.sync.importing import Reading, read_entry, take_in, take_out
from crm.sync.mail_reading import read_mail
from crm.sync.opportunities import take_in_held
from crm.sync.outbox import after_failure, concerns_all
from crm.sync.run import Run
from crm.sync.sending import work_meanwhile
from crm.sync.side_by_side import side_by_side
from crm.sync.unsubscribing import read_unsubscription
from storage.crm.inbox import InboxEntry, postpone_entry, settle_entry
from storage.crm.sync_runs import Tally

_AT_ONCE = 4
"""Records read side by side."""
_BATCH = 100


async def work_inbox(run: Run, provider: Provider) -> None:
    """Until nothing is due. Raises CrmError for what stops the whole platform, Stopped."""
    due = partial(run.store.inbox.due, run.platform, rows=_BATCH)
    entries = await due(now=run.now())
    if not entries:
        return
    run.enter("inbox", await run.store.inbox.count(run.platform))
    while entries:
        for start in range(0, len(entries), _AT_ONCE):
            run.check_stop()
            await side_by_side(_read_in(run, provider, entry) for entry in entries[start : start + _AT_ONCE])
        await work_meanwhile(run, provider)
        entries = await due(now=run.now())


async def _read_in(run: Run, provider: Provider, entry: InboxEntry) -> None:
    """Read one record and take it in; what cannot be read is tried later, and in the end given up."""
    try:
        if entry.kind == "mail":
            await read_mail(run, provider, entry)
        elif entry.kind == "unsubscription":
            await read_unsubscription(run, entry)
        else:
            await _take_in(run, entry, await read_entry(run, provider, entry))
    except CrmError as error:
        if isinstance(error, RateLimited) or concerns_all(error):
            raise
        await _postpone(run, entry, error)


async def _take_in(run: Run, entry: InboxEntry, reading: Reading) -> None:
    tally = Tally()
    async with run.writing(lambda: tally) as transaction:
        tally = await take_in(transaction, run, reading.contacts)
        tally += await take_out(transaction, run, reading.gone)
        if reading.parent is not None:
            await take_in_held(transaction, run, reading.parent, reading.opportunities)
        await settle_entry(transaction, run.platform, entry)


async def _postpone(run: Run, entry: InboxEntry, error: CrmError) -> None:
    run.note_error(error.code)
    verdict = after_failure(error, entry.attempts + 1, now=run.now())
    async with run.writing(lambda: Tally(failed=1)) as transaction:
        if verdict.due_at is not None:
            await postpone_entry(transaction, run.platform, entry, due_at=verdict.due_at)
        else:
            await bury_reading(transaction, run.platform, entry, error.code, now=run.now())
