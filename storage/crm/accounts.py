"""Whose records at each CRM are known here."""

from collections.abc import Sequence
from datetime import datetime

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_accounts.sql")


class CrmAccounts:
    """The repository. Every method raises StorageError. ``ids``: what may name an account over there; one is enough."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, platform: str, ids: Sequence[str], name: str, *, now: datetime) -> None:
        """The first is the one."""
        if ids:
            await self._database.execute(_SQL["crm_account_note"], platform=platform, ids=list(ids), name=name, now=now)

    async def other(self, platform: str, ids: Sequence[str]) -> str | None:
        """The name of the account that is known, where it is not this one."""
        if not ids:
            return None
        name: str | None = await self._database.fetch_value(_SQL["crm_account_other"], platform=platform, ids=list(ids))
        return name

    async def forget(self, platform: str) -> None:
        """The next is the one: everything is read anew, and what was known of the one before is looked for there."""
        async with self._database.transaction() as transaction:
            await transaction.execute(_SQL["crm_account_forget"], platform=platform)
            await transaction.execute(_SQL["crm_account_anew"], platform=platform)
