"""Erasures: what was asked for, what is under way, and the proof of what was done."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from asyncpg import Record
from msgspec import Struct

from storage.erasure.digests import CrmChoice, Digests
from storage.erasure.eraser import Eraser, How
from storage.erasure.finding import CacheKeys, Found, find
from storage.erasure.person import Person, Subject
from storage.erasure.plan import Plan, planned
from storage.errors import StorageError
from storage.keys.secret_tokens import new_id
from storage.postgres.cursor import Page, check_limit, decode_cursor, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "erasures.sql")

ErasureStatus = Literal["requested", "queued", "waiting", "running", "finished", "dismissed"]
ErasureSource = Literal["operator", "caller"]

LEASE_S: Final = 60.0
SETTLE_S: Final = 30.0
"""What a conversation leaves behind is written by then."""
SILENCE_S: Final = 60.0
"""As of ``storage.conversations.presence``: nobody holds a conversation of which nothing was heard for so long."""


class Erasure(Struct, frozen=True, kw_only=True):
    """``subject`` is whom it is about, until it is done. ``counts``: what went, by kind. ``waits_for``: what has to end
    before it goes on."""

    id: str
    status: ErasureStatus
    source: ErasureSource
    subject: Subject | None
    crm: CrmChoice
    requested_by: str | None
    conversation_id: str | None
    counts: dict[str, int]
    waits_for: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class Claimed(Struct, frozen=True):
    """One that is in the hands of this process, while ``turn`` is the latest."""

    id: str
    turn: int
    subject: Subject | None
    crm: CrmChoice


class Erasures:
    """The repository. Every method raises StorageError."""

    def __init__(
        self,
        database: Database,
        digests: Digests,
        erasers: Sequence[Eraser],
        cache_keys: CacheKeys = lambda _: [],
        *,
        settle_s: float = SETTLE_S,
        lease_s: float = LEASE_S,
    ) -> None:
        self._database = database
        self._digests = digests
        self.erasers = tuple(erasers)
        self._cache_keys = cache_keys
        self._settle_s = settle_s
        self._lease_s = lease_s

    async def plan(self, subject: Subject, crm: CrmChoice) -> Plan:
        """What would become of it. Nothing is changed. Raises Ambiguous."""
        async with self._database.snapshot() as snapshot:
            found = await find(snapshot, subject, Person(), self._cache_keys)
            return await self._planned(snapshot, found, crm)

    async def show(self, subject: Subject) -> AsyncGenerator[tuple[str, Any], None]:
        """Everything that is known of a person, as it was at one moment, record by record. Raises Ambiguous."""
        async with self._database.snapshot() as snapshot:
            found = await find(snapshot, subject, Person(), self._cache_keys)
            for eraser in self.erasers:
                async for shown in eraser.show(snapshot, found.person):
                    yield shown

    async def ask(
        self, subject: Subject, crm: CrmChoice, *, requested_by: str | None, now: datetime
    ) -> tuple[Erasure, bool]:
        """Have it done; second: whether it is new. One under way for the same subject is that one, from its first step
        on; one that was done for somebody of whom there is nothing here is that one too, as of now. Raises
        Ambiguous."""
        plan = await self.plan(subject, crm)
        if not plan.total and not plan.waits_for and (done := await self._finished(subject)) is not None:
            await self._database.execute(_SQL["erasure_renewed"], id=done.id, crm=crm, now=now)
            return done, False
        for _ in range(2):
            erasure = await self._add(
                "queued", "operator", subject, crm, requested_by=requested_by, conversation_id=None, now=now
            )
            if erasure is not None:
                return erasure, True
            row = await self._database.fetch_one(_SQL["erasure_begin_anew"], subject=_kept(subject), crm=crm)
            if row is not None:
                return _read(row), False
        raise StorageError("database_conflict", "Another transaction was in the way.", retryable=True)

    async def request(
        self, subject: Subject | None, crm: CrmChoice, conversation_id: str, *, now: datetime
    ) -> Erasure | None:
        """Somebody said so in a conversation; an operator has to confirm it. None: they said so before."""
        return await self._add(
            "requested", "caller", subject, crm, requested_by=None, conversation_id=conversation_id, now=now
        )

    async def confirm(
        self, erasure_id: str, subject: Subject, crm: CrmChoice, *, requested_by: str | None, now: datetime
    ) -> Erasure | None:
        """Have a request done. None: there is none that waits for it. Raises Ambiguous; ``already_exists``."""
        await self.plan(subject, crm)
        changed = await self._database.execute(
            _SQL["erasure_confirm"], id=erasure_id, subject=_kept(subject), crm=crm, requested_by=requested_by, now=now
        )
        return await self.get(erasure_id) if changed else None

    async def dismiss(self, erasure_id: str, *, requested_by: str | None, now: datetime) -> Erasure | None:
        """Let a request be. None: there is none that waits."""
        changed = await self._database.execute(
            _SQL["erasure_dismiss"], id=erasure_id, requested_by=requested_by, now=now
        )
        return await self.get(erasure_id) if changed else None

    async def get(self, erasure_id: str) -> Erasure | None:
        row = await self._database.fetch_one(_SQL["erasure_get"], id=erasure_id)
        return _read(row) if row is not None else None

    async def list(
        self, *, status: ErasureStatus | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Erasure]:
        """Newest first. Raises InvalidCursor, or StorageError ``invalid_limit``."""
        check_limit(limit)
        before = decode_cursor(cursor) if cursor is not None else None
        rows = await self._database.fetch_all(
            _SQL["erasures_list"],
            status=status,
            before=before.at if before else None,
            before_id=before.id if before else None,
            rows=limit + 1,
        )
        return page_of([_read(row) for row in rows], limit, key=lambda row: (row.created_at, row.id))

    async def claim(self) -> Claimed | None:
        """The next to work on; None: there is none. It is this process's for a while, and for longer with each step."""
        row = await self._database.fetch_one(_SQL["erasure_claim"], lease_s=self._lease_s)
        return Claimed(row["id"], row["turn"], _subject(row["subject"]), row["crm"]) if row is not None else None

    async def leave(self, claimed: Claimed) -> None:
        """For another process, or later."""
        await self._database.execute(_SQL["erasure_leave"], id=claimed.id, turn=claimed.turn)

    async def begin(self, claimed: Claimed, *, now: datetime) -> Mapping[str, int] | None:
        """Look for the person, with all that was found before; what has to end first, by kind. None: it is another
        process's by now. Meetings to come are cancelled."""
        async with self._database.transaction() as transaction:
            held = await self._hold(transaction, claimed)
            if held is None:
                return None
            known = _person(held["person"])
            person = (await find(transaction, claimed.subject, known, self._cache_keys)).person
            await transaction.execute(_SQL["erasure_cancel_bookings"], bookings=list(person.bookings), now=now)
            kept = msgspec.to_builtins(person)
            await transaction.execute(_SQL["erasure_found"], id=claimed.id, person=kept, lease_s=self._lease_s)
            return await self._under_way(transaction, person)

    async def step(self, claimed: Claimed, eraser: Eraser, *, now: datetime) -> bool:
        """Carry one step out, and note that it is. False: it is another process's by now."""
        async with self._database.transaction() as transaction:
            held = await self._hold(transaction, claimed)
            if held is None:
                return False
            if eraser.name in held["steps"]:
                return True
            counts = await eraser.erase(transaction, _person(held["person"]), How(held["crm"], now))
            gone = {kind: count for kind, count in counts.items() if count}
            await transaction.execute(
                _SQL["erasure_step"], id=claimed.id, step=eraser.name, counts=gone, lease_s=self._lease_s
            )
        return True

    async def finish(self, claimed: Claimed) -> bool:
        """Whether nothing is left: then it is done, and only hashes tell who it was. Not where it was asked for once
        more meanwhile."""
        async with self._database.transaction() as transaction:
            held = await self._hold(transaction, claimed)
            if held is None:
                return True
            if not {eraser.name for eraser in self.erasers} <= {*held["steps"]}:
                return False
            person = _person(held["person"])
            found = await find(transaction, claimed.subject, person, self._cache_keys)
            plan = await self._planned(transaction, found, held["crm"])
            if plan.total or plan.waits_for:
                return False
            await transaction.execute(
                _SQL["erasure_finish"], id=claimed.id, digests=_proof(found.person, self._digests)
            )
        return True

    async def again(self, claimed: Claimed, waits_for: str, again_s: float) -> None:
        """Later, from the first step on."""
        await self._database.execute(
            _SQL["erasure_again"], id=claimed.id, turn=claimed.turn, waits_for=waits_for, again_s=again_s
        )

    async def _hold(self, transaction: Transaction, claimed: Claimed) -> Record | None:
        return await transaction.fetch_one(_SQL["erasure_hold"], id=claimed.id, turn=claimed.turn)

    async def _planned(self, transaction: Transaction, found: Found, crm: CrmChoice) -> Plan:
        counts: dict[str, int] = {}
        for eraser in self.erasers:
            for kind, count in (await eraser.count(transaction, found.person)).items():
                counts[kind] = counts.get(kind, 0) + count
        return planned(counts, crm, await self._under_way(transaction, found.person), found.sharing)

    async def _under_way(self, transaction: Transaction, person: Person) -> dict[str, int]:
        row = await transaction.fetch_one(
            _SQL["erasure_under_way"],
            leads=list(person.leads),
            conversations=list(person.conversations),
            bookings=list(person.bookings),
            threads=list(person.threads),
            silence_s=SILENCE_S,
            settle_s=self._settle_s,
        )
        return {kind: count for kind, count in (row or {}).items() if count}

    async def _add(
        self,
        status: ErasureStatus,
        source: ErasureSource,
        subject: Subject | None,
        crm: CrmChoice,
        *,
        requested_by: str | None,
        conversation_id: str | None,
        now: datetime,
    ) -> Erasure | None:
        erasure_id = new_id("erasure")
        added = await self._database.execute(
            _SQL["erasure_add"],
            id=erasure_id,
            status=status,
            source=source,
            subject=_kept(subject) if subject is not None else None,
            crm=crm,
            requested_by=requested_by,
            conversation_id=conversation_id,
            now=now,
        )
        return await self.get(erasure_id) if added else None

    async def _finished(self, subject: Subject) -> Erasure | None:
        for digest in self._digests.of_subject(subject):
            row = await self._database.fetch_one(_SQL["erasure_finished_of"], digest=digest)
            if row is not None:
                return _read(row)
        return None


def _read(row: Record) -> Erasure:
    values = {name: row[name] for name in Erasure.__struct_fields__ if name != "subject"}
    return Erasure(subject=_subject(row["subject"]), **values)


def _kept(subject: Subject) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.to_builtins(subject)
    return kept


def _subject(kept: Any) -> Subject | None:
    return msgspec.convert(kept, Subject) if kept is not None else None


def _person(kept: Any) -> Person:
    return msgspec.convert(kept, Person) if kept is not None else Person()


def _proof(person: Person, digests: Digests) -> list[bytes]:
    known = [digests.of("lead", str(each)) for each in person.leads]
    known += [digests.of("phone", each) for each in person.phones]
    return sorted({*known, *(digests.of("email", each) for each in person.emails)})
