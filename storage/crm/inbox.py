"""Records that changed over there and are to be read, and the events that told so."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from msgspec import Struct

from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_inbox.sql")

RecordKind = Literal["parent", "contact", "mail", "unsubscription"]
"""``mail``: what came and went by e-mail with a parent · ``unsubscription``: of an address, named by its hash."""


EventName = tuple[str, datetime]
"""By what it holds, and its time: the same event may come again with more in it."""


class InboxEntry(Struct, frozen=True):
    kind: RecordKind
    external_id: str
    generation: int
    attempts: int


class CrmInbox:
    """The repository. An entry is one record, however often it was called for. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, platform: str, *, now: datetime, rows: int) -> tuple[InboxEntry, ...]:
        """Those that wait longest first."""
        found = await self._database.fetch_all(_SQL["crm_inbox_due"], platform=platform, now=now, rows=rows)
        return tuple(InboxEntry(**row) for row in found)

    async def count(self, platform: str) -> int:
        return int(await self._database.fetch_value(_SQL["crm_inbox_count"], platform=platform))

    async def receive(
        self, platform: str, event: EventName, records: Collection[tuple[RecordKind, str]], *, now: datetime
    ) -> bool:
        """Take in a webhook delivery. False: this event came before, by webhook or feed."""
        async with self._database.transaction() as transaction:
            new = await note_events(transaction, platform, [event], now=now)
            if new:
                await call_for(transaction, platform, records, now=now)
        return bool(new)

    async def forget_events(self, before: datetime) -> None:
        await self._database.execute(_SQL["crm_events_forget"], before=before)


async def note_events(
    transaction: Transaction, platform: str, events: Collection[EventName], *, now: datetime
) -> set[EventName]:
    """Remember them; returns those that are new. To be done in the transaction that calls for what they tell of."""
    if not events:
        return set()
    rows = await transaction.fetch_all(
        _SQL["crm_events_add"],
        platform=platform,
        event_ids=[event_id for event_id, _ in events],
        event_ats=[at for _, at in events],
        now=now,
    )
    return {(row["event_id"], row["event_at"]) for row in rows}


async def call_for(
    transaction: Transaction, platform: str, records: Collection[tuple[RecordKind, str]], *, now: datetime
) -> None:
    """Have these records read."""
    wanted = sorted(set(records))
    if wanted:
        await transaction.execute(
            _SQL["crm_inbox_add"],
            platform=platform,
            kinds=[kind for kind, _ in wanted],
            external_ids=[external_id for _, external_id in wanted],
            now=now,
        )


async def call_for_unlisted(transaction: Transaction, platform: str, listing_id: str, *, now: datetime) -> None:
    """Have those contacts read that the listing, which is at its end, has not come by, however many they are."""
    await transaction.execute(_SQL["crm_listed_analyze"])
    await transaction.execute(_SQL["crm_inbox_add_unlisted"], platform=platform, listing_id=listing_id, now=now)


async def settle_entry(transaction: Transaction, platform: str, entry: InboxEntry) -> bool:
    """It was read. False: it was called for anew since."""
    settled = await transaction.execute(
        _SQL["crm_inbox_done"],
        platform=platform,
        kind=entry.kind,
        external_id=entry.external_id,
        generation=entry.generation,
    )
    return settled == 1


async def postpone_entry(transaction: Transaction, platform: str, entry: InboxEntry, *, due_at: datetime) -> None:
    await transaction.execute(
        _SQL["crm_inbox_postpone"],
        platform=platform,
        kind=entry.kind,
        external_id=entry.external_id,
        generation=entry.generation,
        due_at=due_at,
    )
