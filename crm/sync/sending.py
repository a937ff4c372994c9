"""Works the outbox: the kinds of changes side by side, since each has an endpoint group of its own over there and one
whose limit is full is not to hold up another; of one kind several records at once, those of one parent in turn."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crm.errors import CircuitOpen, CrmError, RateLimited
from crm.provider import Provider
from crm.sync.activities import ActivitySender
from crm.sync.dead_letters import bury_sending
from crm.sync.exporting import ContactSender
from crm.sync.opportunity_sending import OpportunitySender
from crm.sync.outbox import CONTACT_NOT_READY, HOPELESS, NOBODY_KNOWN, OPPORTUNITY_NOT_READY, after_failure
from crm.sync.run import Run
from crm.sync.side_by_side import side_by_side
from storage.crm_outbox import OutboxEntry, OutboxKind, postpone_sending, wake_waiting
from storage.crm_sync_runs import Tally

_AT_ONCE = 4
"""Records of one kind."""
_BATCH = 50


class Sender(Protocol):
    """Carries out one outbox entry."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None: ...

    async def send(self) -> None:
        """Raises CrmError; the entry is settled otherwise."""


_SENDERS: Mapping[OutboxKind, type[Sender]] = {
    "contact": ContactSender,
    "call": ActivitySender,
    "note": ActivitySender,
    "opportunity": OpportunitySender,
}
_PATIENT = frozenset({CONTACT_NOT_READY, OPPORTUNITY_NOT_READY, NOBODY_KNOWN, "attempt_unsettled"})
"""Not failures: their turn has not come."""


async def work_outbox(run: Run, provider: Provider) -> None:
    """Until nothing is due. Raises CrmError for what stops the whole platform, or at the end what held something up;
    Stopped."""
    held_up: RateLimited | None = None
    await _wake(run)
    while await run.store.outbox.is_due(run.platform, now=run.now()):
        try:
            await side_by_side(_Lane(run, provider, kind).work() for kind in _SENDERS)
        except RateLimited as error:
            held_up = error  # what met the limit has a later time now; what waited for the others need not wait too
        await _wake(run)
    if held_up is not None:
        raise held_up


async def _wake(run: Run) -> None:
    """What was put off until something else is there goes on once it is: a deal right after its contact."""
    while run.made_ready:
        code = run.made_ready.pop()
        async with run.writing() as transaction:
            await wake_waiting(transaction, run.platform, code, now=run.now())


class _Lane:
    """What waits of one kind."""

    def __init__(self, run: Run, provider: Provider, kind: OutboxKind) -> None:
        self._run = run
        self._provider = provider
        self._kind = kind
        self._held_up: RateLimited | None = None

    async def work(self) -> None:
        run = self._run
        while entries := await run.store.outbox.due(run.platform, self._kind, now=run.now(), rows=_BATCH):
            rows = await self._in_rows(entries)
            for start in range(0, len(rows), _AT_ONCE):
                await side_by_side(self._send_row(row) for row in rows[start : start + _AT_ONCE])
        if self._held_up is not None:
            raise self._held_up

    async def _in_rows(self, entries: Sequence[OutboxEntry]) -> list[list[OutboxEntry]]:
        """Entries that touch the same record over there, in one row: those of one parent, or of one conversation."""
        parents: dict[str, str] = {}
        if self._kind == "contact":
            parents = await self._run.store.contacts.parents_of([entry.subject for entry in entries])
        rows: dict[str, list[OutboxEntry]] = {}
        for entry in entries:
            rows.setdefault(parents.get(entry.subject, entry.subject), []).append(entry)
        return list(rows.values())

    async def _send_row(self, entries: Sequence[OutboxEntry]) -> None:
        for entry in entries:
            self._run.check_stop()
            error = await self._send(entry)
            if error is not None and error.code in HOPELESS:
                raise error
            if isinstance(error, RateLimited):
                self._held_up = error

    async def _send(self, entry: OutboxEntry) -> CrmError | None:
        """One change. What fails is postponed or given up; raises only what stops the whole platform."""
        run = self._run
        try:
            await _SENDERS[entry.kind](run, self._provider, entry).send()
        except CrmError as error:
            waiting = error.code in _PATIENT or isinstance(error, RateLimited | CircuitOpen)
            attempts = entry.attempts + (0 if waiting else 1)
            verdict = after_failure(error, max(1, attempts), now=run.now())
            if verdict.action == "stop":
                raise
            if error.code not in _PATIENT:
                run.note_error(error.code)
            async with run.writing(lambda: Tally(failed=verdict.action == "bury")) as transaction:
                if verdict.due_at is not None:
                    await postpone_sending(
                        transaction, entry, due_at=verdict.due_at, error=error.code, attempts=attempts
                    )
                else:
                    await bury_sending(transaction, entry, error.code, now=run.now())
            return error
        return None
