"""Whoever calls is found by number or address; a number that several share names nobody."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.crm.contacts import ContactRow, save_contacts
from storage.leads.leads import Leads
from storage.leads.of_callers import Origin, lead_of_origin
from storage.postgres.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = "+14155550132"
CALL = Origin(phone=NUMBER)


@pytest.fixture
def leads(database: Database) -> Leads:
    return Leads(database)


async def of_call(database: Database, origin: Origin = CALL, conversation_id: str = "conv_1") -> Any:
    found = await Leads(database).get(await lead_of_origin(database, origin, conversation_id, now=NOW))
    assert found is not None
    return found


async def contacts(database: Database, *rows: dict[str, Any]) -> None:
    async with database.transaction() as transaction:
        await save_contacts(
            transaction,
            [
                ContactRow(id=f"c{number}", reference=f"r{number}", created_at=NOW, updated_at=NOW, **row)
                for number, row in enumerate(rows)
            ],
        )


def contact(platform: str = "close", **fields: Any) -> dict[str, Any]:
    return {"crm_platform": platform, "phone": NUMBER, **fields}


async def test_a_number_on_record(database: Database, leads: Leads) -> None:
    known = await leads.create({"contact_phone": "(415) 555-0132", "contact_name": "Ann Lee"}, now=NOW)
    assert (await of_call(database)).id == known.id


async def test_an_address_on_record(database: Database, leads: Leads) -> None:
    known = await leads.create({"contact_email": "ann@acme.com"}, now=NOW)
    assert (await of_call(database, Origin(email="ann@acme.com"))).id == known.id


async def test_a_contact_of_the_crm_tells_who_it_is(database: Database) -> None:
    ann = {"email": "ann@acme.com", "first_name": "Ann", "last_name": "Lee", "company": "Acme"}
    await contacts(database, contact(**ann), contact("apollo", **ann), contact(email="x@y.com", deleted_at=NOW))
    lead = await of_call(database)
    assert (lead.contact_name, lead.contact_email, lead.company_name) == ("Ann Lee", "ann@acme.com", "Acme")
    assert lead.contact_phone == NUMBER
    assert (await of_call(database, conversation_id="conv_2")).id == lead.id


async def test_a_contact_whose_lead_has_another_number(database: Database, leads: Leads) -> None:
    known = await leads.create({"contact_email": "ann@acme.com", "contact_phone": "+14155550199"}, now=NOW)
    await contacts(database, contact(email="ann@acme.com"))
    assert (await of_call(database)).id == known.id


async def test_a_number_of_several_people_names_none_of_them(database: Database, leads: Leads) -> None:
    two = [await leads.create({"contact_phone": NUMBER, "contact_name": name}, now=NOW) for name in ("Ann", "Bob")]
    await contacts(database, contact(email="ann@acme.com"), contact(email="bob@acme.com"))
    lead = await of_call(database)
    assert lead.id not in {other.id for other in two}
    assert (lead.contact_name, lead.contact_email, lead.contact_phone) == (None, None, NUMBER)
    assert (await of_call(database, conversation_id="conv_2")).id == lead.id, "one such lead is enough"


async def test_calls_at_the_same_moment_bring_one_lead(database: Database, leads: Leads) -> None:
    found = await asyncio.gather(*(of_call(database, conversation_id=f"conv_{number}") for number in range(4)))
    assert len({lead.id for lead in found}) == 1
    assert len((await leads.list()).items) == 1


@pytest.mark.parametrize("call", ["conv_1", "conv_2"])
async def test_who_called_becomes_who_they_say_they_are(database: Database, leads: Leads, call: str) -> None:
    """In their first call, or in one after a first in which they did not say."""
    known = await leads.create({"contact_email": "ann@acme.com", "company_name": "Acme"}, now=NOW)
    for conversation_id in ("conv_1", "conv_2"):
        lead = await of_call(database, conversation_id=conversation_id)
        await Conversations(database).create(
            ConversationRecord(id=conversation_id, channel="phone", lead_id=lead.id, created_at=NOW, updated_at=NOW)
        )
    await Outcomes(database, now=lambda: NOW).record("k1", call, "lead_update", {"email": "ann@acme.com"})
    (lead,) = (await leads.list()).items
    assert (lead.id, lead.contact_phone) == (known.id, NUMBER)
    assert (await of_call(database, conversation_id="conv_3")).id == known.id


async def test_a_further_number_or_address_of_a_contact_tells_who_it_is(database: Database, leads: Leads) -> None:
    known = await leads.create({"contact_email": "ann@acme.com"}, now=NOW)
    ann = {"email": "ann@acme.com", "phone": "+14155550199", "lead_id": known.id}
    await contacts(database, contact(**ann, further_phones=(NUMBER,), further_emails=("ann@home.example",)))
    assert (await of_call(database)).id == known.id
    assert (await of_call(database, Origin(email="ann@home.example"))).id == known.id


async def test_whose_first_number_it_is_comes_before_those_who_have_it_too(database: Database) -> None:
    office = contact(first_name="Office", last_name="Acme")
    others = [
        contact(phone=f"+1415555014{number}", further_phones=(NUMBER,), first_name=name, email=f"{name}@acme.com")
        for number, name in enumerate(("ann", "bob"))
    ]
    await contacts(database, office, *others)
    assert (await of_call(database)).contact_name == "Office Acme"


async def test_a_further_number_of_several_people_names_none_of_them(database: Database) -> None:
    two = [
        contact(phone=f"+1415555014{number}", further_phones=(NUMBER,), first_name=name, email=f"{name}@acme.com")
        for number, name in enumerate(("ann", "bob"))
    ]
    await contacts(database, *two)
    assert (await of_call(database)).contact_name is None
