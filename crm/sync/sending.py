"""Works the outbox: the kinds of changes side by side, since each has an endpoint group of its own over there and one
whose limit is full is not to hold up another; of one kind several records at once, those of one parent in turn."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from crm.errors import CircuitOpen, CrmError, RateLimited
from crm.provider import Provider
from crm.sync.activities import ActivitySender
from crm.sync.dead_letters import bury_sending
from crm.sync.exporting import ContactSender
from crm.sync.mail_sending import MailSender
from crm.sync.opportunity_sending import OpportunitySender
from crm.sync.outbox import HOPELESS, Waits, after_failure
from crm.sync.removing import RemovalSender
from crm.sync.run import Run
from crm.sync.side_by_side import gravest, side_by_side
from crm.sync.unsubscribing import UnsubscriptionSender
from storage.crm.outbox import OutboxEntry, OutboxKind, postpone_sending, wake_waiting
from storage.crm.sync_runs import Tally

_AT_ONCE = 4
"""Records of one kind."""
_BATCH = 50
_LOOK_AGAIN_S = 1.0
"""At kinds that had nothing to do, while another one's batch takes its time."""


class Sender(Protocol):
    """Carries out one outbox entry."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None: ...

    async def send(self) -> Waits | None:
        """None: the entry is settled. Raises CrmError."""
        ...


_SENDERS: Mapping[OutboxKind, type[Sender]] = {
    "contact": ContactSender,
    "call": ActivitySender,
    "note": ActivitySender,
    "opportunity": OpportunitySender,
    "email": MailSender,
    "unsubscription": UnsubscriptionSender,
    "removal": RemovalSender,
}


async def work_outbox(run: Run, provider: Provider) -> None:
    """Until nothing is due. Raises CrmError for what stops the whole platform, or at the end what held something up;
    Stopped."""
    await _Sending(run, provider).work()


async def work_meanwhile(run: Run, provider: Provider) -> None:
    """Between two steps of something long: what conversations led to, and the contacts that waits for, reach the CRM
    soon, however much is being read. What fails here does not end what it is in between of. Raises Stopped."""
    if not run.sends_meanwhile or not await run.store.outbox.is_due(run.platform, now=run.now(), pressing=True):
        return
    try:
        await _Sending(run, provider, pressing=True).work()
    except CrmError as error:
        run.note_error(error.code)
        run.sends_meanwhile = isinstance(error, RateLimited)


class _Sending:
    """Batches of each kind, one after the other, and the kinds side by side. ``pressing``: only what should not wait.

    A kind without anything to do is looked at again while others have: what comes or is made ready meanwhile need not
    wait for the end of theirs.
    """

    def __init__(self, run: Run, provider: Provider, *, pressing: bool = False) -> None:
        self._run = run
        self._provider = provider
        self._pressing = pressing
        self._under_way: dict[OutboxKind, asyncio.Task[None]] = {}
        self._failures: dict[OutboxKind, BaseException] = {}
        self._woken: set[str] = set()

    async def work(self) -> None:
        """Raises the gravest failure, once what was begun has come to its end; when cancelled, cancels it."""
        try:
            await self._begin()
            while self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
                self._take_off()
                await self._begin()
        except asyncio.CancelledError:
            for task in self._under_way.values():
                task.cancel()
            raise
        finally:
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        if self._failures:
            raise gravest(self._failures.values())

    async def _begin(self) -> None:
        """A batch of every kind that has none under way. A full limit postponed what met it, so its kind goes on."""
        if not all(isinstance(failure, CrmError) for failure in self._failures.values()):
            return
        await self._wake()
        idle = [
            kind
            for kind in _SENDERS
            if kind not in self._under_way and isinstance(self._failures.get(kind), RateLimited | None)
        ]
        if not idle:
            return
        due = await self._run.store.outbox.due(
            self._run.platform, idle, now=self._run.now(), rows=_BATCH, pressing=self._pressing
        )
        for kind in idle:
            if entries := [entry for entry in due if entry.kind == kind]:
                self._under_way[kind] = asyncio.create_task(self._send_batch(kind, entries))

    async def _wake(self) -> None:
        """What was put off until something else is there goes on once it is: a deal right after its contact. Once more
        when nothing is under way: what was being put off just then has missed it."""
        run = self._run
        ready, run.made_ready = run.made_ready, set()
        self._woken |= ready
        if not self._under_way:
            ready, self._woken = self._woken, set()
        for code in sorted(ready):
            async with run.writing() as transaction:
                await wake_waiting(transaction, run.platform, code, now=run.now())

    def _take_off(self) -> None:
        """What has come to its end."""
        for kind, task in [*self._under_way.items()]:
            if task.done():
                del self._under_way[kind]
                if (failure := task.exception()) is not None:
                    self._failures[kind] = failure

    async def _send_batch(self, kind: OutboxKind, entries: Sequence[OutboxEntry]) -> None:
        rows = await self._in_rows(kind, entries)
        held_up: RateLimited | None = None
        for start in range(0, len(rows), _AT_ONCE):
            try:
                await side_by_side(self._send_row(row) for row in rows[start : start + _AT_ONCE])
            except RateLimited as error:
                held_up = error
        if held_up is not None:
            raise held_up

    async def _in_rows(self, kind: OutboxKind, entries: Sequence[OutboxEntry]) -> list[list[OutboxEntry]]:
        """Entries that touch the same record over there, in one row: those of one parent, or of one conversation."""
        parents: dict[str, str] = {}
        if kind == "contact":
            parents = await self._run.store.contacts.parents_of([entry.subject for entry in entries])
        rows: dict[str, list[OutboxEntry]] = {}
        for entry in entries:
            rows.setdefault(parents.get(entry.subject, entry.subject), []).append(entry)
        return list(rows.values())

    async def _send_row(self, entries: Sequence[OutboxEntry]) -> None:
        held_up: RateLimited | None = None
        for entry in entries:
            self._run.check_stop()
            error = await self._send(entry)
            if error is not None and error.code in HOPELESS:
                raise error
            if isinstance(error, RateLimited):
                held_up = error
        if held_up is not None:
            raise held_up

    async def _send(self, entry: OutboxEntry) -> CrmError | None:
        """One change. What fails is postponed or given up; raises only what stops the whole platform."""
        run = self._run
        try:
            waits = await _SENDERS[entry.kind](run, self._provider, entry).send()
        except CrmError as error:
            waiting = isinstance(error, RateLimited | CircuitOpen)
            attempts = entry.attempts + (0 if waiting else 1)
            verdict = after_failure(error, max(1, attempts), now=run.now())
            if verdict.action == "stop":
                raise
            run.note_error(error.code)
            async with run.writing(lambda: Tally(failed=verdict.action == "bury")) as transaction:
                if verdict.due_at is not None:
                    await postpone_sending(
                        transaction, entry, due_at=verdict.due_at, error=error.code, attempts=attempts
                    )
                else:
                    await bury_sending(transaction, entry, error.code, now=run.now())
            return error
        if waits is not None:
            due_at = waits.due_at(entry.attempts, now=run.now())
            async with run.writing() as transaction:
                await postpone_sending(transaction, entry, due_at=due_at, error=waits.code, attempts=entry.attempts)
        return None
