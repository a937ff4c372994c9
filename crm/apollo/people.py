"""``/people/match`` and ``/people/bulk_match``: who somebody is. Each match may cost credits; no match costs none."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from crm import http
from crm.apollo.records import Person
from crm.contact import PersonKey
from crm.http import Request

BULK_SIZE = 10
"""Apollo takes no more in one request."""


class PhoneDelivery(Struct, frozen=True):
    """Apollo finds telephone numbers minutes later and posts them to ``webhook_url`` (which it requires)."""

    webhook_url: str


class MatchAnswer(Struct, frozen=True):
    """No match is a success with ``person`` null."""

    person: Person | None = None


class BulkAnswer(Struct, frozen=True):
    """``matches`` in the order of the request, null where there is none; each is read by itself."""

    matches: tuple[msgspec.Raw, ...]
    credits_consumed: float | None = None
    missing_records: int | None = None


def match(key: PersonKey, phones: PhoneDelivery | None = None) -> Request:
    """Repeating it finds the same person, so it counts as idempotent although it may cost again."""
    body = _detail(key) | {"reveal_personal_emails": False} | _reveal(phones)
    return http.send_json("POST", "/people/match", "people/match", body, idempotent=True)


def bulk_match(keys: Sequence[PersonKey], phones: PhoneDelivery | None = None) -> Request:
    """At most ``BULK_SIZE`` people."""
    if not 0 < len(keys) <= BULK_SIZE:
        raise ValueError(f"bulk_match takes 1 to {BULK_SIZE} people")
    body = {"details": [_detail(key) for key in keys], "reveal_personal_emails": False} | _reveal(phones)
    return http.send_json("POST", "/people/bulk_match", "people/bulk_match", body, idempotent=True)


def matched(raw: msgspec.Raw) -> Person | None:
    """One of ``BulkAnswer.matches``. Raises msgspec.DecodeError."""
    return msgspec.json.decode(raw, type=Person | None)


def _detail(key: PersonKey) -> dict[str, object]:
    named = {
        "email": key.email,
        "first_name": key.first_name,
        "last_name": key.last_name,
        "organization_name": key.company,
        "domain": key.domain,
        "linkedin_url": key.linkedin_url,
    }
    return {name: value for name, value in named.items() if value}


def _reveal(phones: PhoneDelivery | None) -> dict[str, object]:
    return {"reveal_phone_number": True, "webhook_url": phones.webhook_url} if phones else {}


class _DeliveredPerson(Struct, frozen=True):
    id: str
    phone_numbers: tuple[Any, ...] | None = None


class _Delivered(Struct, frozen=True):
    people: tuple[_DeliveredPerson, ...] | None = None


def delivered_phones(body: bytes) -> dict[str, tuple[str, ...]]:
    """What Apollo posts to ``webhook_url``: numbers by person id, best first. Raises msgspec.DecodeError.

    The delivery is not signed: the address handed to Apollo has to hold a secret of its own. It may merely tell how it
    stands, of nobody, and of people of whom nothing was found.
    """
    people = msgspec.json.decode(body, type=_Delivered).people or ()
    return {person.id: tuple(filter(None, map(_number, person.phone_numbers or ()))) for person in people}


def _number(told: Any) -> str | None:
    value = (told.get("sanitized_number") or told.get("raw_number")) if isinstance(told, dict) else None
    return value if isinstance(value, str) else None
