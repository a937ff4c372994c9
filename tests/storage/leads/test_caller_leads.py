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
from storage.postgres.named_query import Query

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


async def begin_call(database: Database, conversation_id: str) -> None:
    lead = await of_call(database, conversation_id=conversation_id)
    await Conversations(database).create(
        ConversationRecord(id=conversation_id, channel="phone", lead_id=lead.id, created_at=NOW, updated_at=NOW)
    )


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
    """In their first call, or in one after a first in which they did not say; and again in a third."""
    known = await leads.create({"contact_email": "ann@acme.com", "company_name": "Acme"}, now=NOW)
    for conversation_id in ("conv_1", "conv_2"):
        await begin_call(database, conversation_id)
    await Outcomes(database, now=lambda: NOW).record("k1", call, "lead_update", {"email": "ann@acme.com"})
    (lead,) = (await leads.list()).items
    assert (lead.id, lead.contact_phone) == (known.id, NUMBER)
    await begin_call(database, "conv_3")
    await Outcomes(database, now=lambda: NOW).record("k3", "conv_3", "lead_update", {"email": "ann@acme.com"})
    (lead,) = (await leads.list()).items
    assert (lead.id, lead.contact_phone) == (known.id, NUMBER)


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


@pytest.mark.parametrize("told", ["caller id", "words"])
@pytest.mark.parametrize("synced", [False, True])
async def test_who_named_somebodys_address_is_not_known_by_their_number_the_next_time(
    database: Database, leads: Leads, told: str, synced: bool
) -> None:
    """Else anybody could become anybody else by two calls."""
    bob = await leads.create({"contact_email": "bob@acme.com", "contact_name": "Bob"}, now=NOW)
    words = {"contact_email": "bob@acme.com"}
    if told == "caller id":
        await begin_call(database, "conv_1")
    else:
        words["contact_phone"] = NUMBER
    await Outcomes(database).record("key_1", "conv_1", "lead_update", words)
    assert (known := await leads.get(bob.id)) is not None
    assert known.contact_phone == NUMBER, "it is worth knowing all the same"
    if synced:  # the CRM has the number from here
        await contacts(database, contact(email="bob@acme.com", first_name="Bob"))
    again = await of_call(database, conversation_id="conv_2")
    assert again.id != bob.id
    assert (again.contact_name, again.contact_email) == (None, None)
    await leads.patch(bob.id, {"contact_phone": NUMBER}, now=NOW)
    assert (await of_call(database, conversation_id="conv_3")).id in (bob.id, again.id)
    async with database.transaction() as transaction:
        await transaction.execute(Query("gone", "DELETE FROM leads WHERE id = %(id)s"), id=again.id)
    assert (await of_call(database, conversation_id="conv_4")).id == bob.id, "somebody here says it is theirs"


async def test_who_told_who_they_are_is_known_by_their_number_the_next_time(database: Database, leads: Leads) -> None:
    call = await of_call(database)
    for conversation_id, words in (("conv_1", {"contact_name": "Ann"}), ("conv_2", {"contact_email": "ann@acme.com"})):
        await Outcomes(database).record(f"of {conversation_id}", conversation_id, "lead_update", words)
        assert (await of_call(database, conversation_id="conv_2")).id == call.id
