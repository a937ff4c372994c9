"""Credentials of other systems, as rows whose secrets are already encrypted."""

import builtins
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record
from msgspec import Struct

from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_credentials.sql")


class SealedCredential(Struct, frozen=True):
    """One row. ``api_key``, ``access_token`` and ``refresh_token`` are encrypted; ``version`` counts the changes."""

    platform: str
    account: str
    api_key: bytes | None
    access_token: bytes | None
    refresh_token: bytes | None
    expires_at: datetime | None
    scopes: tuple[str, ...]
    is_active: bool
    version: int


class LockedCredential:
    """One row while this process alone may change it."""

    def __init__(self, transaction: Transaction, platform: str, account: str) -> None:
        self._transaction = transaction
        self._platform = platform
        self._account = account

    async def get(self) -> SealedCredential | None:
        record = await self._transaction.fetch_one(
            _SQL["crm_credential_get"], platform=self._platform, account=self._account
        )
        return _read(record) if record is not None else None

    async def put(self, row: SealedCredential) -> SealedCredential:
        return _stored(await self._transaction.fetch_one(_SQL["crm_credential_put"], **_values(row)))


class CrmCredentials:
    """The repository. Every method raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, platform: str, account: str) -> SealedCredential | None:
        record = await self._database.fetch_one(_SQL["crm_credential_get"], platform=platform, account=account)
        return _read(record) if record is not None else None

    async def list(self) -> builtins.list[SealedCredential]:
        """All of them: there are as many as connected accounts."""
        return [_read(record) for record in await self._database.fetch_all(_SQL["crm_credential_list"])]

    async def put(self, row: SealedCredential) -> SealedCredential:
        """Insert or overwrite; returns the row with its new version."""
        return _stored(await self._database.fetch_one(_SQL["crm_credential_put"], **_values(row)))

    async def replace(self, row: SealedCredential) -> bool:
        """The same secrets, encrypted anew; False when the row changed since it was read."""
        query = _SQL["crm_credential_replace_secrets"]
        return await self._database.execute(query, **_values(row), version=row.version) == 1

    async def deactivate(self, platform: str, account: str) -> bool:
        """False: there is none."""
        query = _SQL["crm_credential_deactivate"]
        return await self._database.execute(query, platform=platform, account=account) == 1

    async def delete(self, platform: str, account: str) -> bool:
        """False: there is none."""
        query = _SQL["crm_credential_delete"]
        return await self._database.execute(query, platform=platform, account=account) == 1

    @asynccontextmanager
    async def locked(self, platform: str, account: str) -> AsyncIterator[LockedCredential]:
        """A transaction in which no other process is inside ``locked`` for the same account. Waits for its turn, within
        the database's command deadline."""
        async with self._database.transaction() as transaction:
            await transaction.fetch_value(_SQL["crm_credential_lock"], name=f"{platform}/{account}")
            yield LockedCredential(transaction, platform, account)


def _read(record: Record) -> SealedCredential:
    return msgspec.convert(dict(record), SealedCredential)


def _stored(record: Record | None) -> SealedCredential:
    assert record is not None  # INSERT ... ON CONFLICT DO UPDATE RETURNING always returns its row
    return _read(record)


def _values(row: SealedCredential) -> Mapping[str, Any]:
    values = msgspec.structs.asdict(row)
    del values["version"]
    return values | {"scopes": [*row.scopes]}
