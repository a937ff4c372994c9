"""Asks the carrier for calls, each once: the law is asked when a call is wished, and again in the moment of dialling.

A row is written before the carrier hears of a call. Where its answer does not come, the call is ``unknown`` and never
dialled again: ``reconciling`` finds out what became of it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, structs
from prometheus_client import Counter

from agent_server.capacity.admission import Admission
from agent_server.telephony.outbound.carrier import Answer, Carrier, CarrierError, Made, NotKnown, NotMade
from agent_server.telephony.outbound.permission import CallFacts, CallingRules, Refused, may_call
from agent_server.telephony.outbound.place import told_zone, zones_of_number
from agent_server.telephony.outbound.progress import ended
from agent_server.web.errors import Problem
from storage.calls.lists import is_being_called
from storage.calls.outbound import (
    KnownOfNumber,
    OutboundCall,
    OutboundCalls,
    call_by_key,
    insert_call,
    known_of,
    lock_call,
    lock_number,
    pending,
    take_turn,
    update_call,
)
from storage.erasure.digests import Digests
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.postgres.database import Database, Transaction

log = logging.getLogger(__name__)

OUTBOUND_CALLS: Final = Counter(
    "sales_agent_outbound_calls",
    "Calls that were asked for, by what became of them: dialled, the code of a refusal, or the status at their end.",
    ["outcome"],
)

LONGEST_WAIT_S: Final = 30.0
"""For a turn to be dialled; who would wait longer is told that the lines are busy."""

ANSWERED_WITHIN_S: Final = 5.0
"""Then whoever asked is told that the call is queued."""

STOP_S: Final = 12.0
"""A request to the carrier that is under way has this long to end."""


class Wish(Struct, frozen=True, kw_only=True):
    """``base_url``: where the carrier reaches this server · ``list_entry_id``: the person of a call list it is for ·
    ``agent``: the profile that talks; None: the default one."""

    number: str
    lead_id: UUID | None
    purpose: str | None
    idempotency_key: str | None
    requested_by: str | None
    base_url: str
    list_entry_id: UUID | None = None
    agent: str | None = None


class Dialler:
    """Of one process. ``digests``: how people who were erased are known · ``pace_s``: between two calls of the
    account."""

    def __init__(
        self,
        database: Database,
        carriers: Sequence[Carrier],
        rules: CallingRules,
        admission: Admission,
        utc_now: Callable[[], datetime],
        *,
        digests: Digests,
        pace_s: float,
        longest_s: int,
    ) -> None:
        """``carriers``: the first one is asked for calls."""
        self.carrier = next(iter(carriers), None)
        self._carriers = {carrier.name: carrier for carrier in carriers}
        self.records = OutboundCalls(database)
        self._database = database
        self._rules = rules
        self._admission = admission
        self._utc_now = utc_now
        self._digests = digests
        self._pace_s = pace_s
        self._longest_s = longest_s
        self._dialling: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()
        """Of those, who have not got their turn."""

    async def ask(self, wish: Wish, carrier: Carrier) -> tuple[OutboundCall, bool]:
        """The call, refused or on its way; second: whether it is new, and not one asked for before under the same key.

        Raises Problem ``idempotency_key_reused``.
        """
        zones = await zones_of_number(wish.number)
        try:
            call, at, is_new = await self._decide(wish, carrier, zones)
        except StorageError as error:
            if error.code != "already_exists":
                raise
            call, at, is_new = await self._decide(
                wish, carrier, zones
            )  # a race that the locks do not cover: now it is there
        if at is None:
            if is_new:
                OUTBOUND_CALLS.labels(call.code or "refused").inc()
            return call, is_new
        task = asyncio.create_task(self._dial_at(call, at, wish.base_url, carrier, zones), name=f"{call.id} dialling")
        for tasks in (self._dialling, self._waiting):
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.wait([task], timeout=ANSWERED_WITHIN_S)
        return await self.records.get(call.id) or call, True

    async def refusal(self, number: str, lead_id: UUID | None, zones: Sequence[ZoneInfo]) -> Refused | None:
        """What the law says of a call to them now; when they are called it is asked again. ``zones``: of theirs."""
        now = self._utc_now()
        async with self._database.snapshot() as snapshot:
            known = await known_of(snapshot, number, lead_id, digests=self._digests, now=now)
        decision = may_call(_facts_of(known, tuple(zones)), self._rules, now)
        return decision if isinstance(decision, Refused) else None

    def carrier_of(self, call: OutboundCall) -> Carrier | None:
        """Who was asked for it. None: nobody, or one that is not configured any more."""
        return self._carriers.get(call.carrier or "")

    async def cancel(self, call_id: str) -> OutboundCall | None:
        """Not dialled any more, or hung up. None: there is no such call. Raises CarrierError."""
        now = self._utc_now()

        def canceled(call: OutboundCall) -> OutboundCall:
            if not call.is_open:
                return call
            if call.status == "queued":
                return ended(call, "canceled", now)
            return structs.replace(call, cancel_requested=True, updated_at=now)

        call = await self.records.change(call_id, canceled)
        if call is not None and not call.is_open:
            self._admission.let_go(call.id)
        carrier = self.carrier_of(call) if call is not None else None
        if call is not None and call.is_open and call.carrier_call_id is not None and carrier is not None:
            await carrier.hang_up(call.carrier_call_id)
        return call

    async def aclose(self) -> None:
        """Who has not got their turn is not called; a request that is under way ends first."""
        for task in [*self._waiting]:
            task.cancel()
        if self._dialling:
            _, late = await asyncio.wait([*self._dialling], timeout=STOP_S)
            for task in late:
                task.cancel()
        for carrier in self._carriers.values():
            await carrier.aclose()

    # The wish

    async def _decide(
        self, wish: Wish, carrier: Carrier, zones: tuple[ZoneInfo, ...]
    ) -> tuple[OutboundCall, datetime | None, bool]:
        """The call, when it is to be dialled (None: not by this request), and whether it is new."""
        async with self._database.transaction() as transaction:
            await lock_number(transaction, wish.number, wish.lead_id)
            if wish.idempotency_key is not None:
                before = await call_by_key(transaction, wish.idempotency_key)
                if before is not None:
                    return _same(before, wish), None, False
            now = self._utc_now()
            call = OutboundCall(
                id=new_id("call"),
                idempotency_key=wish.idempotency_key,
                number=wish.number,
                lead_id=wish.lead_id,
                conversation_id=new_id("conv"),
                purpose=wish.purpose,
                requested_by=wish.requested_by,
                list_entry_id=wish.list_entry_id,
                agent=wish.agent,
                status="queued",
                created_at=now,
                updated_at=now,
            )
            decision = may_call(await self._facts(transaction, call, zones, now), self._rules, now)
            at = None
            if isinstance(decision, Refused):
                call = _refused(call, decision.code, decision.message, now, decision.retry_at)
            elif (full := await self._keep_line(transaction, call.id)) is not None:
                call = _refused(call, "lines_busy", full, now)
            else:
                at = await take_turn(
                    transaction, carrier.account, now=now, interval_s=self._pace_s, at_most_s=LONGEST_WAIT_S
                )
                if at is None:
                    call = _refused(call, "lines_busy", "Too many calls wait to be dialled already.", now)
                    self._admission.let_go(call.id)
            await insert_call(transaction, call)
            return call, at, True

    async def _facts(
        self, transaction: Transaction, call: OutboundCall, zones: tuple[ZoneInfo, ...], now: datetime
    ) -> CallFacts:
        """``zones``: of the number."""
        known = await known_of(transaction, call.number, call.lead_id, digests=self._digests, now=now, but=call.id)
        off = call.list_entry_id is not None and not await is_being_called(transaction, call.list_entry_id)
        return _facts_of(known, told_zone(known.time_zone) or zones, called_off=off)

    async def _keep_line(self, transaction: Transaction, call_id: str) -> str | None:
        """Keeps one until the call is talked or over, so that somebody is there for who answers. Not None: why there is
        none. Calls of other processes count as if they were all for this one."""
        if self._admission.active + await pending(transaction) >= self._admission.limit:
            return "Calls under way need every line there is, should they be answered. Try again shortly."
        try:
            self._admission.keep(call_id)
        except Problem as problem:
            return problem.message
        return None

    # The call

    async def _dial_at(
        self, call: OutboundCall, at: datetime, base_url: str, carrier: Carrier, zones: tuple[ZoneInfo, ...]
    ) -> None:
        task = asyncio.current_task()
        try:
            await asyncio.sleep(max(0.0, (at - self._utc_now()).total_seconds()))
            stops = self._admission.draining  # nobody would be there to talk
        except asyncio.CancelledError:
            stops = True
        if stops:
            stopped = NotMade("server_stopping", "The server stopped before it was dialled.")
            await self._settle(call.id, stopped, carrier)
            return
        assert task is not None, "it runs in one"
        self._waiting.discard(task)
        try:
            if not await self._begin(call.id, carrier, zones):
                return
            OUTBOUND_CALLS.labels("dialled").inc()
            answer = await carrier.dial(call.number, call_id=call.id, base_url=base_url, longest_s=self._longest_s)
            await self._settle(call.id, answer, carrier)
        except StorageError as error:
            log.error("what became of a call cannot be written down: %s", error.code)

    async def _begin(self, call_id: str, carrier: Carrier, zones: tuple[ZoneInfo, ...]) -> bool:
        """The law once more, in the transaction that says that the call is dialled. False: it is not."""
        async with self._database.transaction() as transaction:
            call = await lock_call(transaction, call_id)
            if call is None or call.status != "queued":
                return False
            now = self._utc_now()
            decision = may_call(await self._facts(transaction, call, zones, now), self._rules, now)
            if isinstance(decision, Refused):
                refused = _refused(call, decision.code, decision.message, now, decision.retry_at)
            else:
                begun = structs.replace(call, status="dialling", carrier=carrier.name, dialled_at=now, updated_at=now)
                await update_call(transaction, begun)
                return True
            await update_call(transaction, refused)
        self._admission.let_go(call_id)
        OUTBOUND_CALLS.labels(refused.code or "refused").inc()
        return False

    async def _settle(self, call_id: str, answer: Answer, carrier: Carrier) -> None:
        now = self._utc_now()

        def settled(call: OutboundCall) -> OutboundCall:
            match answer:
                case Made(carrier_call_id):
                    return structs.replace(call, carrier_call_id=carrier_call_id, updated_at=now)
                case NotMade(code, message):
                    return ended(call, "failed", now, code=code, message=message) if call.is_open else call
                case NotKnown() if call.status == "dialling" and call.carrier_call_id is None:
                    return structs.replace(call, status="unknown", updated_at=now)
            return call

        if isinstance(answer, NotKnown):
            log.warning("a call was asked for and not answered (%s); it is not asked for again", answer.why)
        if isinstance(answer, NotMade):
            OUTBOUND_CALLS.labels(answer.code).inc()
        call = await self.records.change(call_id, settled)
        if call is None or not call.is_open:
            self._admission.let_go(call_id)
        if call is not None and call.cancel_requested and call.is_open and call.carrier_call_id is not None:
            try:
                await carrier.hang_up(call.carrier_call_id)
            except CarrierError as error:
                log.warning("a call that was canceled is not hung up: %s", error.code)


def _facts_of(known: KnownOfNumber, zones: tuple[ZoneInfo, ...], *, called_off: bool = False) -> CallFacts:
    return CallFacts(
        suppressed=known.suppressed,
        consent=known.consent,
        consent_until=known.consent_until,
        in_call=known.in_call,
        attempts=known.attempts,
        zones=zones,
        called_off=called_off,
    )


def _refused(
    call: OutboundCall, code: str, message: str, now: datetime, retry_at: datetime | None = None
) -> OutboundCall:
    return structs.replace(
        call, status="refused", code=code, message=message, retry_at=retry_at, ended_at=now, updated_at=now
    )


def _same(before: OutboundCall, wish: Wish) -> OutboundCall:
    if (before.number, before.lead_id) != (wish.number, wish.lead_id):
        message = "This Idempotency-Key was used for another call."
        raise Problem(422, "idempotency_key_reused", message, param="Idempotency-Key")
    return before
