"""Telephone numbers that Apollo finds minutes after it was asked, and posts to an address of ours.

Deliveries are not signed: the address holds a secret, made of the installation's own. Numbers are taken of people who
were asked about and of nobody else, and go where enrichment goes: the first into an empty field, or before the
company's number that Apollo gave at first, the others beside it, all into the data.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from crm.apollo.people import delivered_phones
from crm.contact import ContactFields
from crm.platforms import TWO_WAY
from crm.provider import WebhookRefused
from crm.sync.further import knowing
from crm.sync.store import SyncStore
from storage import phone_number
from storage.crm.contacts import ContactRow, lock_contact, save_contacts
from storage.crm.outbox import send_contacts
from storage.crm.phone_requests import PhoneRequest, phone_requests
from storage.postgres.database import Transaction

PLATFORM = "apollo"
EXPECTED_FOR = timedelta(days=30)
MAX_BODY_BYTES = 1024 * 1024
_MOST_PEOPLE = 100
"""A request asks about ten."""
_MOST_NUMBERS = 20


def secret(installation_secret: str) -> str:
    """What the address holds; whoever has it can deliver numbers and do nothing else."""
    return hmac.new(installation_secret.encode(), b"apollo-phones", hashlib.sha256).hexdigest()[:40]


class PhoneDoor:
    """Takes deliveries in. ``secrets``: the one in the address given out now, and those given out before."""

    def __init__(
        self,
        store: SyncStore,
        secrets: Sequence[str],
        now: Callable[[], datetime],
        changed: Callable[[str], object] = lambda platform: None,
    ) -> None:
        """``changed`` hears of each platform something is to be sent to, once it is durable; it must not raise."""
        self._store = store
        self._secrets = tuple(secrets)
        self._now = now
        self._changed = changed

    def check(self, shown: str) -> None:
        """Before the body is read. Raises WebhookRefused."""
        matches = [hmac.compare_digest(known.encode(), shown.encode()) for known in self._secrets]
        if not any(matches):
            raise WebhookRefused("bad_secret", "This address was not given out.")

    async def take(self, body: bytes) -> int:
        """How many contacts learned something; a repeated delivery teaches nothing. Raises WebhookRefused for what is
        no delivery, and StorageError when it could not be kept: the sender has to try again then."""
        numbers = _read(body)
        learned: list[ContactRow] = []
        async with self._store.database.transaction() as transaction:
            for request in await phone_requests(transaction, PLATFORM, numbers.keys()):
                row = await self._take_in(transaction, request, numbers[request.person_id])
                if row is not None:
                    learned.append(row)
        for platform in {row.crm_platform for row in learned} & TWO_WAY:
            self._changed(platform)
        return len(learned)

    async def _take_in(
        self, transaction: Transaction, request: PhoneRequest, numbers: Sequence[str]
    ) -> ContactRow | None:
        row = await lock_contact(transaction, request.contact_id)
        if row is None or row.deleted_at is not None:
            return None
        taught = with_numbers(row, numbers, request.stand_in, now=self._now())
        if taught is None:
            return None
        await save_contacts(transaction, [taught])
        learned = (taught.phone, taught.further_phones) != (row.phone, row.further_phones)
        if learned and row.crm_platform in TWO_WAY:
            await send_contacts(transaction, row.crm_platform, [row.id], now=self._now())
        return taught


def with_numbers(
    row: ContactRow, numbers: Sequence[str], stand_in: str | None = None, *, now: datetime
) -> ContactRow | None:
    """``row`` knowing ``numbers``; None: they are no news to it. The first takes the place of none and of the
    ``stand_in``; any other number that is there stays, and one that was refused is not tried again."""
    held = row.enrichment_data.get(PLATFORM)
    known: dict[str, Any] = held if isinstance(held, dict) else {}
    before = known.get("phone_numbers")
    kept = list(before) if isinstance(before, list) else []
    news = [number for number in dict.fromkeys(numbers) if number not in kept][: max(0, _MOST_NUMBERS - len(kept))]
    if not news:
        return None
    fills = row.phone in (None, stand_in) and "phone" not in row.refused
    whole = tuple(filter(None, map(phone_number.normalised, [*kept, *news])))
    first = next(iter(whole), None) if fills else None
    stamped = ["enrichment_data", *(["phone"] if first else [])]
    filled = msgspec.structs.replace(row, phone=first or row.phone)
    return msgspec.structs.replace(
        knowing(filled, ContactFields(phone=row.phone, further_phones=whole)),
        enrichment_data=row.enrichment_data | {PLATFORM: known | {"phone_numbers": [*kept, *news]}},
        field_times=row.field_times | dict.fromkeys(stamped, now),
        version=row.version + 1,
        updated_at=now,
    )


def _read(body: bytes) -> dict[str, tuple[str, ...]]:
    try:
        numbers = delivered_phones(body)
    except msgspec.DecodeError as error:
        raise WebhookRefused("unreadable_body", "The body is not a delivery.") from error
    if len(numbers) > _MOST_PEOPLE:
        raise WebhookRefused("unreadable_body", f"A delivery tells of {_MOST_PEOPLE} people at most.")
    return numbers
