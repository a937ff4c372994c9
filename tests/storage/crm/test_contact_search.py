"""Contacts found by parts of what is known of them, near and far down their list."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.crm.contact_search import contact_search_of
from storage.crm.contacts import ContactRow, CrmContacts, save_contacts
from storage.leads.search import LeadSearch
from storage.postgres.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def add(database: Database, number: int, **about: Any) -> None:
    at = NOW + timedelta(minutes=number)
    row = ContactRow(
        id=f"contact_{number}",
        **{"crm_platform": "close", **about},
        reference=f"ref_{number}",
        created_at=at,
        updated_at=at,
    )
    async with database.transaction() as transaction:
        await save_contacts(transaction, [row])


async def found(database: Database, text: str, **options: Any) -> list[str]:
    page = await CrmContacts(database).list(search=contact_search_of(text), **options)
    return [row.id for row in page.items]


def test_digits_of_a_number_are_one_word_however_they_are_parted() -> None:
    for text in ("+1 (415) 555-0132", "001.415.555.0132", "1/415/5550132"):
        assert contact_search_of(text) == LeadSearch(words=("14155550132",)), text
    assert contact_search_of("0151 2345 678") == LeadSearch(words=("1512345678",))
    assert contact_search_of(" 01 32 ") == LeadSearch(words=("0132",))
    assert contact_search_of("555-0132 jane") == LeadSearch(words=("5550132", "jane"))
    assert contact_search_of("Area 51 52") == LeadSearch(words=("area", "51", "52"))
    assert contact_search_of("ann.2024-01@") == LeadSearch(email_start="ann.2024-01@")


async def test_each_part_of_a_contact_finds_it(database: Database) -> None:
    await add(database, 1, first_name="Ann", last_name="O'Brien-Lee", company="Acme GmbH", email="ann.lee@acme.com")
    await add(database, 2, first_name="Bo", last_name="Müller", phone="+14155550132", crm_platform="apollo")
    await add(database, 3, first_name="Ann", last_name="Gone", deleted_at=NOW)
    for text in ("ann", "brien", "acme gm", "ann.lee@", "lee acme.com", "Ann.Lee@Acme.com"):
        assert await found(database, text) == ["contact_1"], text
    for text in ("mül", "+1 415 555 0132", "(415) 555", "0132", "5550", "0415 5550132", "bo 5550132"):
        assert await found(database, text) == ["contact_2"], text
    for text in ("gone", "cme", "0133", "ann bo", "' | 'x':*", "ann@"):
        assert await found(database, text) == [], text
    assert await found(database, "bo", platform="close") == []
    assert await found(database, "ann", email="ann.lee@acme.com") == ["contact_1"]


async def test_the_same_is_found_near_and_far_down_the_list(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        await add(database, number, company="Acme" if number % 3 else "Beta", phone=f"+1415555{number:04}")
    for near, few in ((1, 500), (5, 1), (100, 500), (1, 15)):
        monkeypatch.setattr("storage.crm.contacts._NEAR_ROWS", near)
        monkeypatch.setattr("storage.crm.contacts._FEW_CONTACTS", few)
        for text, expected in (
            ("acme", [number for number in range(30) if number % 3]),
            ("beta 0027", [27]),
            ("beta 00", [*range(0, 30, 3)]),
            ("5550012", [12]),
            ("zebra 1", []),
        ):
            seen: list[str] = []
            cursor = None
            while True:
                page = await CrmContacts(database).list(limit=4, cursor=cursor, search=contact_search_of(text))
                seen += [row.id for row in page.items]
                if (cursor := page.next_cursor) is None:
                    break
            assert seen == [f"contact_{number}" for number in reversed(expected)], (text, near, few)
