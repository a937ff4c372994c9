"""Call lists: whom they are for, how they are called, and how far they are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from msgspec import Struct

from storage.calls.list_entries import (
    EntryResult,
    EntryStatus,
    LeaveReason,
    Listed,
    insert_entries,
    lock_refused,
    moment_of,
    take_in_entry,
)
from storage.errors import StorageError
from storage.postgres.cursor import Page, check_limit, page_after, page_of
from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

CallListStatus = Literal["draft", "running", "paused", "stopped", "finished"]

_MOVES: Final[dict[CallListStatus, tuple[CallListStatus, ...]]] = {
    "running": ("draft", "paused", "running"),
    "paused": ("running", "paused"),
    "stopped": ("draft", "running", "paused", "stopped"),
}
_OVER: Final[frozenset[CallListStatus]] = frozenset({"stopped", "finished"})
_MAY_GO: Final[frozenset[CallListStatus]] = frozenset({"draft", "stopped", "finished"})
_TAKES_IN: Final[frozenset[CallListStatus]] = frozenset({"draft", "running", "paused"})
_SQL = load_queries("storage.queries", "call_lists.sql")


class CallListRow(Struct, frozen=True, kw_only=True):
    """``audience`` None: its leads were named. ``hours`` None: as the server allows. ``reason``: why it is paused.
    ``counts``: people by status; ``results`` of those that are done, ``left_out`` by reason. ``next_at``: when the next
    one who waits is looked at."""

    id: UUID
    name: str
    purpose: str
    agent: str | None
    audience: dict[str, Any] | None
    status: CallListStatus
    reason: str | None
    hours: str | None
    per_hour: int | None
    at_once: int
    attempts: int
    retry_after_minutes: int
    hold_until: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    counts: dict[EntryStatus, int] = {}
    results: dict[EntryResult, int] = {}
    left_out: dict[str, int] = {}
    next_at: datetime | None = None


class RunningList(Struct, frozen=True, kw_only=True):
    """``called_at``: its last call's turn · ``hold_until``: it begins none before · ``under_way``: lines it has ·
    ``is_nobodys``: the agent it calls in the name of was deleted."""

    id: UUID
    purpose: str
    agent: str | None = None
    hours: str | None
    per_hour: int | None
    at_once: int
    attempts: int
    retry_after_minutes: int
    started_by: str | None
    base_url: str | None
    called_at: datetime | None
    hold_until: datetime | None
    under_way: int
    is_nobodys: bool | None = None


class CallLists(Struct, frozen=True):
    """The repository of call lists. Every method raises StorageError."""

    database: Database

    async def create(
        self,
        *,
        name: str,
        purpose: str,
        agent: str | None = None,
        audience: dict[str, Any] | None,
        hours: str | None,
        per_hour: int | None,
        at_once: int,
        attempts: int,
        retry_after_minutes: int,
        leads: Sequence[tuple[UUID, LeaveReason | None]],
        now: datetime,
    ) -> UUID:
        """``leads``: whom it is for, and why some of them are left out."""
        list_id = uuid4()
        async with self.database.transaction() as transaction:
            await transaction.execute(
                _SQL["insert_call_list"],
                id=list_id,
                name=name,
                purpose=purpose,
                agent=agent,
                audience=audience,
                hours=hours,
                per_hour=per_hour,
                at_once=at_once,
                attempts=attempts,
                retry_after_minutes=retry_after_minutes,
                now=now,
            )
            await insert_entries(transaction, list_id, leads, now=now)
        return list_id

    async def get(self, list_id: UUID) -> CallListRow | None:
        row = await self.database.fetch_one(_SQL["select_call_list"], id=list_id)
        return (await self._counted([dict(row)]))[0] if row is not None else None

    async def list(self, *, archived: bool = False, limit: int = 50, cursor: str | None = None) -> Page[CallListRow]:
        """Those that were put away, or all others, newest first. Raises InvalidCursor, or StorageError
        ``invalid_limit``."""
        check_limit(limit)
        before, before_id = page_after(cursor)
        rows = await self.database.fetch_all(
            _SQL["list_call_lists"], archived=archived, before=before, before_id=before_id, rows=limit + 1
        )
        counted = await self._counted([dict(row) for row in rows])
        return page_of(counted, limit, key=lambda row: (row.created_at, str(row.id)))

    async def _counted(self, rows: Sequence[dict[str, Any]]) -> Sequence[CallListRow]:
        counts: dict[UUID, dict[str, Any]] = {
            row["id"]: {"counts": {}, "results": {}, "left_out": {}, "next_at": None} for row in rows
        }
        for count in await self.database.fetch_all(_SQL["count_entries"], ids=[*counts]):
            of, entries = counts[count["list_id"]], count["entries"]
            _add(of["counts"], count["status"], entries)
            if count["status"] == "done":
                _add(of["results"], count["result"], entries)
            elif count["status"] == "left_out":
                _add(of["left_out"], count["reason"] or "unknown", entries)
        for row in await self.database.fetch_all(_SQL["next_of_lists"], ids=[*counts]):
            counts[row["list_id"]]["next_at"] = moment_of(row["next_at"])
        return [CallListRow(**row, **counts[row["id"]]) for row in rows]

    async def move(
        self,
        list_id: UUID,
        status: CallListStatus,
        *,
        reason: str | None = None,
        started_by: str | None = None,
        base_url: str | None = None,
        now: datetime,
    ) -> bool:
        """False: there is no such list. Raises ``call_list_state`` where it cannot be done to one that is as it is."""
        async with self.database.transaction() as transaction:
            before = await transaction.fetch_value(_SQL["lock_call_list"], id=list_id)
            if before is None:
                return False
            if before not in _MOVES[status]:
                raise StorageError("call_list_state", f"A call list that is {before} cannot become {status}.")
            await transaction.execute(
                _SQL["set_call_list_status"],
                id=list_id,
                status=status,
                reason=reason,
                started_by=started_by,
                base_url=base_url,
                now=now,
            )
        return True

    async def change(self, list_id: UUID, changes: Mapping[str, Any], *, now: datetime) -> bool:
        """Set these fields. False: there is no such list."""
        async with self.database.transaction() as transaction:
            await transaction.fetch_value(_SQL["lock_call_list"], id=list_id)
            row = await transaction.fetch_one(_SQL["select_call_list"], id=list_id)
            if row is None:
                return False
            names = ("name", "purpose", "agent", "hours", "per_hour", "at_once", "attempts", "retry_after_minutes")
            fields = {name: changes.get(name, row[name]) for name in names}
            await transaction.execute(_SQL["change_call_list"], id=list_id, **fields, now=now)
        return True

    async def archive(self, list_id: UUID, *, now: datetime | None) -> bool:
        """Put one away that is over; ``now`` None: have it back. False: there is no such list. Raises
        ``call_list_state`` for others."""
        async with self.database.transaction() as transaction:
            status = await transaction.fetch_value(_SQL["lock_call_list"], id=list_id)
            if status is None:
                return False
            if now is not None and status not in _OVER:
                message = f"A call list that is {status} cannot be archived; stop it first."
                raise StorageError("call_list_state", message)
            await transaction.execute(_SQL["archive_call_list"], id=list_id, archived_at=now)
        return True

    async def delete(self, list_id: UUID) -> bool:
        """One that was never started, or is over, with its people; their calls stay. False: there is no such list.
        Raises ``call_list_state`` for others."""
        async with self.database.transaction() as transaction:
            status = await transaction.fetch_value(_SQL["lock_call_list"], id=list_id)
            if status is None:
                return False
            if status not in _MAY_GO:
                raise StorageError("call_list_state", f"A call list that is {status} cannot be deleted; stop it first.")
            if await transaction.fetch_value(_SQL["call_list_is_calling"], id=list_id):
                message = "Calls of this list are under way; delete it when they are over."
                raise StorageError("call_list_state", message)
            await transaction.execute(_SQL["delete_entries"], id=list_id)
            await transaction.execute(_SQL["delete_call_list"], id=list_id)
        return True

    async def take_in(self, list_id: UUID, entry_id: UUID, *, now: datetime) -> bool:
        """Somebody who was left out or not permitted waits for a call (again). False: there is nobody like that. Raises
        ``call_list_state`` where the list is over, ``same_number`` where it calls their number already."""
        async with self.database.transaction() as transaction:
            status = await transaction.fetch_value(_SQL["lock_call_list"], id=list_id)
            if status not in _TAKES_IN:
                if status is None:
                    return False
                raise StorageError("call_list_state", f"A call list that is {status} calls nobody any more.")
            lead_id = await lock_refused(transaction, list_id, entry_id)
            if lead_id is None:
                return False
            await take_in_entry(transaction, list_id, entry_id, lead_id, now=now)
            await transaction.execute(_SQL["touch_call_list"], id=list_id, now=now)
        return True

    async def of_entries(self, entries: Iterable[Listed]) -> tuple[RunningList, ...]:
        """The lists they are in, whether these run or not."""
        ids = sorted({entry.list_id for entry in entries})
        if not ids:
            return ()
        rows = await self.database.fetch_all(_SQL["call_lists_of_ids"], ids=ids)
        return tuple(RunningList(**row) for row in rows)

    async def running(self) -> tuple[RunningList, ...]:
        """Those whose last call is longest ago first."""
        return tuple(RunningList(**row) for row in await self.database.fetch_all(_SQL["running_call_lists"], id=None))

    async def hold(self, list_id: UUID, until: datetime) -> None:
        """It begins no call before."""
        await self.database.execute(_SQL["call_list_hold"], id=list_id, until=until)

    async def finish(self, *, now: datetime) -> None:
        """Those in which nobody waits any more."""
        await self.database.execute(_SQL["finish_call_lists"], now=now)


async def lock_running(transaction: Transaction, list_id: UUID) -> RunningList | None:
    """One claim of a list after the other. None: it does not run."""
    if await transaction.fetch_value(_SQL["lock_call_list"], id=list_id) != "running":
        return None
    row = await transaction.fetch_one(_SQL["running_call_lists"], id=list_id)
    return RunningList(**row) if row is not None else None


async def note_call(transaction: Transaction, list_id: UUID, *, now: datetime) -> None:
    await transaction.execute(_SQL["call_list_called"], id=list_id, now=now)


async def is_being_called(transaction: Transaction, entry_id: UUID) -> bool:
    """Whether somebody has them in hand for a list that runs, which stays so until the end of the transaction."""
    status: str | None = await transaction.fetch_value(_SQL["list_of_entry_lock"], entry_id=entry_id)
    return status == "running"


def _add(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more
