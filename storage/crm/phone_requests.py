"""Whose telephone numbers are expected of an enrichment provider, for which of our contacts."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from storage.postgres.database import Database, Transaction
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "crm_phone_requests.sql")


class PhoneRequest(Struct, frozen=True):
    """``person_id`` is the provider's. ``stand_in``: the number the contact got meanwhile, from the same provider."""

    person_id: str
    contact_id: str
    stand_in: str | None = None


async def note_phone_request(transaction: Transaction, platform: str, request: PhoneRequest, *, now: datetime) -> None:
    await transaction.execute(
        _SQL["crm_phone_request_note"],
        platform=platform,
        person_id=request.person_id,
        contact_id=request.contact_id,
        stand_in=request.stand_in,
        now=now,
    )


async def phone_requests(
    transaction: Transaction, platform: str, person_ids: Collection[str]
) -> tuple[PhoneRequest, ...]:
    """Those of these people, by contact; who was not asked about is left out."""
    rows = await transaction.fetch_all(_SQL["crm_phone_requests_of"], platform=platform, person_ids=sorted(person_ids))
    return tuple(PhoneRequest(**row) for row in rows)


async def forget_phone_requests(database: Database, before: datetime) -> None:
    """What was asked for before then is not expected any more. Raises StorageError."""
    await database.execute(_SQL["crm_phone_requests_forget"], before=before)
