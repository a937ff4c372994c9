"""Whose telephone numbers are expected of an enrichment provider, for which of our contacts."""

from collections.abc import Collection
from datetime import datetime

from storage.database import Database, Transaction
from storage.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_phone_requests.sql")


async def note_phone_request(
    transaction: Transaction, platform: str, person_id: str, contact_id: str, *, now: datetime
) -> None:
    """``person_id`` is the provider's."""
    await transaction.execute(
        _SQL["crm_phone_request_note"], platform=platform, person_id=person_id, contact_id=contact_id, now=now
    )


async def phone_requests(transaction: Transaction, platform: str, person_ids: Collection[str]) -> list[tuple[str, str]]:
    """The provider's id of a person and ours of a contact, by the latter. People nobody asked about are left out."""
    rows = await transaction.fetch_all(_SQL["crm_phone_requests_of"], platform=platform, person_ids=sorted(person_ids))
    return [(row["person_id"], row["contact_id"]) for row in rows]


async def forget_phone_requests(database: Database, before: datetime) -> None:
    """What was asked for before then is not expected any more. Raises StorageError."""
    await database.execute(_SQL["crm_phone_requests_forget"], before=before)
