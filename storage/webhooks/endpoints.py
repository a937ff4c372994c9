"""Endpoints of other programs that are told of what happens. Their secrets come and go encrypted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from asyncpg import Record
from msgspec import Struct

from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "webhook_endpoints.sql")

DisabledReason = Literal["person", "gone", "failing", "queue_full"]

MOST_COUNTED: Final = 1000
"""Deliveries that wait, for one endpoint."""


class WebhookEndpoint(Struct, frozen=True, kw_only=True):
    """``events``: kinds, or ``*`` for all. ``failing_since``: every attempt has failed since then."""

    id: str
    url: str
    description: str
    events: Sequence[str]
    include_words: bool
    enabled: bool
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    secret: bytes
    old_secret: bytes | None
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class HourOfAttempts(Struct, frozen=True):
    """``hour``: when it began."""

    hour: datetime
    delivered: int
    failed: int


class Backlog(Struct, frozen=True):
    """Of all endpoints that are enabled, each counted up to MOST_COUNTED. ``oldest_s``: how long the first has waited;
    0: nothing waits."""

    waiting: int
    oldest_s: float


class WebhookEndpoints:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(
        self,
        endpoint_id: str,
        *,
        url: str,
        description: str,
        events: Sequence[str],
        include_words: bool,
        enabled: bool,
        secret: bytes,
        most: int,
        now: datetime,
    ) -> WebhookEndpoint | None:
        """None: there are ``most`` already. Raises InvalidData ``already_exists``: one has this URL."""
        made = await self.database.execute(
            _SQL["webhook_endpoint_insert"],
            id=endpoint_id,
            url=url,
            description=description,
            events=[*events],
            include_words=include_words,
            enabled=enabled,
            secret=secret,
            most=most,
            now=now,
        )
        return await self.get(endpoint_id) if made else None

    async def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        row = await self.database.fetch_one(_SQL["webhook_endpoint_get"], id=endpoint_id)
        return _read(row) if row is not None else None

    async def all(self) -> list[WebhookEndpoint]:
        """Newest first: there are as many as programs that want to hear."""
        return [_read(row) for row in await self.database.fetch_all(_SQL["webhook_endpoints_all"])]

    async def change(
        self,
        endpoint_id: str,
        *,
        url: str | None,
        description: str | None,
        events: Sequence[str] | None,
        include_words: bool | None,
        enabled: bool | None,
        now: datetime,
    ) -> bool:
        """None leaves what it is. False: there is no such endpoint. Raises InvalidData ``already_exists``."""
        changed = await self.database.execute(
            _SQL["webhook_endpoint_change"],
            id=endpoint_id,
            url=url,
            description=description,
            events=[*events] if events is not None else None,
            include_words=include_words,
            enabled=enabled,
            now=now,
        )
        return changed == 1

    async def delete(self, endpoint_id: str) -> bool:
        """False: there is none."""
        return await self.database.execute(_SQL["webhook_endpoint_delete"], id=endpoint_id) == 1

    async def reseal(self, endpoint: WebhookEndpoint, secret: bytes, old_secret: bytes | None) -> bool:
        """The same secrets, encrypted anew. False: they were replaced meanwhile."""
        changed = await self.database.execute(
            _SQL["webhook_endpoint_reseal"],
            id=endpoint.id,
            secret=secret,
            old_secret=old_secret,
            updated_at=endpoint.updated_at,
        )
        return changed == 1

    async def disable_full(self, most: int) -> list[str]:
        """Those for which more than ``most`` waits; returns them."""
        rows = await self.database.fetch_all(_SQL["webhook_endpoints_disable_full"], most=most)
        return [row["id"] for row in rows]

    async def waiting(self, ids: Sequence[str]) -> Mapping[str, int]:
        """How much waits for each, counted up to MOST_COUNTED."""
        rows = await self.database.fetch_all(_SQL["webhook_endpoints_waiting"], ids=[*ids], most=MOST_COUNTED)
        return {row["endpoint_id"]: row["waiting"] for row in rows}

    async def hours(self, ids: Sequence[str], *, since: datetime) -> Mapping[str, list[HourOfAttempts]]:
        """Of each the hours in which there was an attempt, the oldest first."""
        found: dict[str, list[HourOfAttempts]] = {endpoint_id: [] for endpoint_id in ids}
        for row in await self.database.fetch_all(_SQL["webhook_hours_of"], ids=[*ids], since=since):
            found[row["endpoint_id"]].append(HourOfAttempts(row["hour"], row["delivered"], row["failed"]))
        return found

    async def forget_hours(self, before: datetime) -> None:
        await self.database.execute(_SQL["webhook_hours_forget"], before=before)

    async def backlog(self) -> Backlog:
        row = await self.database.fetch_one(_SQL["webhooks_backlog"], most=MOST_COUNTED)
        assert row is not None, "sums always are"
        return Backlog(row["waiting"], row["oldest_s"] or 0.0)


async def lock_endpoint(transaction: Transaction, endpoint_id: str) -> WebhookEndpoint | None:
    """As it is until the end of the transaction."""
    row = await transaction.fetch_one(_SQL["webhook_endpoint_lock"], id=endpoint_id)
    return _read(row) if row is not None else None


async def replace_secrets(
    transaction: Transaction,
    endpoint_id: str,
    *,
    secret: bytes,
    old_secret: bytes,
    old_secret_until: datetime,
    now: datetime,
) -> None:
    await transaction.execute(
        _SQL["webhook_endpoint_secrets"],
        id=endpoint_id,
        secret=secret,
        old_secret=old_secret,
        old_secret_until=old_secret_until,
        now=now,
    )


async def note_answer(transaction: Transaction, endpoint_id: str) -> None:
    """It took a delivery."""
    await transaction.execute(_SQL["webhook_endpoint_answered"], id=endpoint_id)
    await transaction.execute(_SQL["webhook_hour_count"], id=endpoint_id, delivered=1, failed=0)


async def note_failure(transaction: Transaction, endpoint_id: str, *, hold_s: float) -> float:
    """It is left alone for ``hold_s``. Returns for how many seconds it has failed by now."""
    row = await transaction.fetch_one(_SQL["webhook_endpoint_failed"], id=endpoint_id, hold_s=hold_s)
    await transaction.execute(_SQL["webhook_hour_count"], id=endpoint_id, delivered=0, failed=1)
    return float((row["now"] - row["failing_since"]).total_seconds()) if row is not None else 0.0


async def disable_endpoint(transaction: Transaction, endpoint_id: str, reason: DisabledReason) -> bool:
    """False: it is already."""
    return await transaction.execute(_SQL["webhook_endpoint_disable"], id=endpoint_id, reason=reason) == 1


def _read(row: Record) -> WebhookEndpoint:
    return WebhookEndpoint(**{name: row[name] for name in WebhookEndpoint.__struct_fields__})
