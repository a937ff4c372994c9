"""Works through call lists: any number of processes together, each person in the hands of one at a time.

A person is claimed in the database, and the call asked for under a key that is theirs and the call's number. Whoever
dies in between leaves a claim that ends, and the next asks under the same key: nobody is called twice, nobody is lost.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from agent_server.background.working_when_told import LONGEST_S, working_when_told
from agent_server.call_lists.deciding import (
    Decision,
    Dial,
    Ended,
    Later,
    Terms,
    UnderWay,
    decide,
    hours_within,
)
from agent_server.call_lists.pacing import may_take_line, next_turn
from agent_server.capacity.admission import Admission
from agent_server.telephony.outbound.calling import OutboundCalling
from agent_server.telephony.outbound.dialler import Wish
from agent_server.telephony.outbound.place import zones_of
from agent_server.web.errors import Problem
from pipelines.calendar.rules import read_hours
from storage.calls.list_entries import CallListEntries, CallOfEntry, Listed, call_key, claim_entry
from storage.calls.lists import CallLists, RunningList, lock_running, note_call
from storage.errors import StorageError
from storage.postgres.database import Database

log = logging.getLogger(__name__)

CHANNEL: Final = "call_lists"
"""As the triggers of migration 0015_calls name it."""

CLAIM: Final = timedelta(seconds=30)
"""Longer than it takes to write down that a call is asked for."""

TALKED: Final = timedelta(seconds=10)
"""By then a conversation whose call is over has ended, or nobody is left to say so."""

SOON: Final = timedelta(seconds=1)
LINES_AGAIN: Final = timedelta(seconds=3)
"""A line that becomes free is not told of."""

HOLD: Final = {"lines_busy": timedelta(seconds=5), "carrier_unreachable": timedelta(minutes=1)}
"""How long a list begins no call after one that was refused so."""

REFUSES_ALL: Final = frozenset({"carrier_unauthorised"})
"""Codes with which a carrier would refuse every other call too."""

_LOOKED_AT: Final = 50


class CallListWork:
    """One for each process that talks. ``public_url``: where the world finds it, if anywhere."""

    def __init__(
        self,
        database: Database,
        calls: OutboundCalling,
        admission: Admission,
        now: Callable[[], datetime],
        *,
        public_url: str | None,
    ) -> None:
        self.kept = CallLists(database)
        self.entries = CallListEntries(database)
        self._database = database
        self._calls = calls
        self._admission = admission
        self._now = now
        self._public_url = public_url

    async def keep(self) -> None:
        """Until cancelled; at once where there is nobody to call by."""
        if self._calls.carrier is not None:
            await working_when_told(self._database.line, CHANNEL, self._work, name="call lists stand still")

    async def _work(self) -> float:
        """Begin what calls may begin; returns after how many seconds to look again."""
        while True:
            await self.settle()
            at = await self.call_next()
            if at is None or at > self._now():
                break
        now = self._now()
        await self.kept.finish(now=now)
        settle_at = await self.entries.settle_at(soon=now + SOON)
        moments = [moment for moment in (at, settle_at) if moment is not None]
        return min([LONGEST_S, *(max(0.1, (moment - now).total_seconds()) for moment in moments)])

    async def settle(self) -> None:
        """Decide on everybody whose call is over."""
        now = self._now()
        found = await self.entries.to_settle(now=now, talked_before=now - TALKED, rows=_LOOKED_AT)
        running = {each.id: each for each in await self.kept.of_entries(found)}
        calls = await self.entries.calls_of([entry.id for entry in found])
        for entry in found:
            await self._write(entry, await self._decide(entry, calls[entry.id], running[entry.list_id]))

    async def call_next(self) -> datetime | None:
        """At most one call. When to look again; None: when there is news."""
        moments: list[datetime] = []
        for running in await self.kept.running():
            now = self._now()
            turn = next_turn(running, now)
            if running.is_nobodys:
                log.error("a call list is paused: its agent was deleted")
                await self._pause(running, "agent_deleted")
            elif turn > now:
                moments.append(turn)
            elif running.under_way < running.at_once:
                if not await self._has_line():
                    return now + LINES_AGAIN
                if await self._call_one_of(running):
                    return now
                if (due := await self.entries.next_due(running.id, after=now)) is not None:
                    moments.append(due)
        return min(moments, default=None)

    async def _has_line(self) -> bool:
        awaited = await self._calls.records.count_awaited()
        line = may_take_line(limit=self._admission.limit, active=self._admission.active, awaited=awaited)
        return line and self._admission.has_room

    async def _call_one_of(self, running: RunningList) -> bool:
        """Whether to look again at once: somebody is called, or there may be more to look at."""
        found = await self.entries.to_call(running.id, now=self._now(), rows=_LOOKED_AT)
        calls = await self.entries.calls_of([entry.id for entry in found])
        for entry in found:
            decision = await self._decide(entry, calls[entry.id], running)
            if isinstance(decision, Dial):
                await self._call(running, entry)
                return True
            await self._write(entry, decision)
        return len(found) == _LOOKED_AT

    async def _decide(self, entry: Listed, calls: Sequence[CallOfEntry], running: RunningList) -> Decision:
        number = entry.contact_phone
        zones: Sequence[ZoneInfo] = await zones_of(number, entry.time_zone) if number is not None else ()
        refusal = None
        if number is not None:
            refusal = await self._calls.dialler.refusal(number, entry.lead_id, zones)
        hours = read_hours(running.hours) if running.hours is not None else None
        terms = Terms(
            running.attempts,
            timedelta(minutes=running.retry_after_minutes),
            hours_within(hours, self._calls.rules),
        )
        return decide(entry, calls, refusal, zones, terms=terms, now=self._now())

    async def _write(self, entry: Listed, decision: Decision) -> None:
        now = self._now()
        match decision:
            case Later(at):
                await self.entries.put_off(entry, at, now=now)
            case Ended(result, reason):
                await self.entries.end(entry, result, reason, now=now)
            case Dial():
                await self.entries.put_off(entry, now, now=now)
            case UnderWay():
                await self.entries.put_off(entry, now + LINES_AGAIN, now=now)

    async def _call(self, running: RunningList, entry: Listed) -> None:
        """Claim somebody and ask for the call, unless another process was faster or the list has stopped."""
        carrier, now = self._calls.carrier, self._now()
        assert carrier is not None, "as keep looks"
        async with self._database.transaction() as transaction:
            current = await lock_running(transaction, running.id)
            if (
                current is None
                or current.is_nobodys
                or current.under_way >= current.at_once
                or next_turn(current, now) > now
            ):
                return
            number = await claim_entry(transaction, entry.id, now=now, until=now + CLAIM)
            if number is None:
                return
            await note_call(transaction, running.id, now=now)
        wish = Wish(
            number=entry.contact_phone or "",
            lead_id=entry.lead_id,
            purpose=running.purpose,
            idempotency_key=call_key(entry.id, number),
            requested_by=running.started_by,
            base_url=self._public_url or running.base_url or "",
            list_entry_id=entry.id,
            agent=running.agent,
        )
        try:
            call, _ = await self._calls.dialler.ask(wish, carrier)
        except Problem as problem:  # the number has changed since another process asked
            log.warning("a call of a list is not asked for: %s", problem.code)
            return
        if call.code in HOLD:
            await self.kept.hold(running.id, self._now() + HOLD[call.code])
        elif call.code in REFUSES_ALL:
            log.error("a call list is paused: the carrier refuses every call (%s)", call.code)
            await self._pause(running, call.code)

    async def _pause(self, running: RunningList, code: str) -> None:
        try:
            await self.kept.move(running.id, "paused", reason=code, now=self._now())
        except StorageError as error:
            if error.code != "call_list_state":  # somebody was faster
                raise
