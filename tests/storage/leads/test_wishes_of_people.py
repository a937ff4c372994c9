"""Wishes not to be called or written to hold for the person, whatever number or address they were said of."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from storage.calls.outbound import OutboundCalls
from storage.campaigns.results import suppress
from storage.campaigns.sending import CampaignSending
from storage.crm.contacts import ContactRow, save_contacts
from storage.email_address import hashed
from storage.leads.leads import Leads
from storage.leads.records import LeadRecord
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN, MOBILE, OFFICE = "+14155550132", "+14155550133", "+14155550100"
OWN_MAIL, HOME_MAIL = "ann@acme.com", "ann@home.example"

_NUMBERS = Query("numbers", "SELECT is_not_to_be_called(%(number)s, %(lead)s)")
_MAIL = Query("mail", "SELECT wants_no_mail(%(address)s, %(lead)s)")
_WISH = Query(
    "wish",
    "INSERT INTO do_not_call (number, reason, source, lead_id, created_at)"
    " VALUES (%(number)s, 'Said so.', 'opt_out', %(lead)s, %(now)s)",
)


@pytest.fixture
async def ann(database: Database) -> LeadRecord:
    lead = await Leads(database).create(
        {"contact_email": OWN_MAIL, "contact_phone": OWN, "contact_name": "Ann"}, now=NOW
    )
    await with_contact(
        database,
        lead_id=lead.id,
        phone=OWN,
        further_phones=(MOBILE, OFFICE),
        email=OWN_MAIL,
        further_emails=(HOME_MAIL,),
    )
    return lead


async def with_contact(database: Database, id_: str = "c1", **fields: Any) -> None:
    row = ContactRow(id=id_, reference=id_, crm_platform="close", created_at=NOW, updated_at=NOW, **fields)
    async with database.transaction() as transaction:
        await save_contacts(transaction, [row])


async def no_calls(database: Database, number: str, lead: UUID | None = None) -> Any:
    return await database.fetch_value(_NUMBERS, number=number, lead=lead)


async def no_mail(database: Database, address: str, lead: UUID | None = None) -> Any:
    return await database.fetch_value(_MAIL, address=address, lead=lead)


async def test_a_number_on_the_list_keeps_all_of_theirs_from_being_called(database: Database, ann: LeadRecord) -> None:
    assert not any([await no_calls(database, number, ann.id) for number in (OWN, MOBILE, OFFICE)])
    await database.execute(_WISH, number=MOBILE, lead=None, now=NOW)
    assert await no_calls(database, OWN, ann.id)
    assert await no_calls(database, OFFICE)
    asked = await OutboundCalls(database).consents_of([OWN, "+14155550777"])
    assert {number: found.suppressed for number, found in asked.items()} == {OWN: True, "+14155550777": False}
    assert not await no_calls(database, "+14155550777")


async def test_who_opted_out_is_called_at_none_of_their_numbers(database: Database, ann: LeadRecord) -> None:
    """Those too that came to be known after they did."""
    await Leads(database).patch(ann.id, {"opted_out_at": NOW}, now=NOW)
    listed = Query("listed", "SELECT array_agg(number ORDER BY number) FROM do_not_call")
    assert await database.fetch_value(listed) == sorted([OWN, MOBILE, OFFICE])
    await with_contact(database, "c2", lead_id=ann.id, phone="+14155550134", further_phones=("+14155550135",))
    assert await no_calls(database, "+14155550134")
    assert await no_calls(database, "+14155550135")


async def test_the_wish_of_another_in_the_office_stands_for_its_number_alone(
    database: Database, ann: LeadRecord
) -> None:
    bob = await Leads(database).create({"contact_name": "Bob", "contact_phone": "+14155550150"}, now=NOW)
    await database.execute(_WISH, number=OFFICE, lead=bob.id, now=NOW)
    assert await no_calls(database, OFFICE, ann.id)
    assert not await no_calls(database, MOBILE, ann.id)


async def test_who_unsubscribed_gets_no_mail_at_another_address(database: Database, ann: LeadRecord) -> None:
    async with database.transaction() as transaction:
        await suppress(transaction, hashed(HOME_MAIL), "unsubscribed", now=NOW)
    assert await no_mail(database, OWN_MAIL, ann.id)
    assert await CampaignSending(database).suppressed([OWN_MAIL, "bob@acme.com"]) == {OWN_MAIL}


async def test_an_address_that_takes_no_mail_says_nothing_of_the_others(database: Database, ann: LeadRecord) -> None:
    async with database.transaction() as transaction:
        await suppress(transaction, hashed(HOME_MAIL), "bounced", now=NOW)
    assert await no_mail(database, HOME_MAIL)
    assert not await no_mail(database, OWN_MAIL, ann.id)


async def test_of_many_addresses_at_once_it_says_what_it_says_of_each(database: Database, ann: LeadRecord) -> None:
    fields = {"contact_email": "bob@acme.com", "further_emails": ["bob@home.example", "bob@old.example"]}
    await Leads(database).create(fields, now=NOW)
    await with_contact(database, "c2", email="cid@acme.com", further_emails=("cid@home.example", "desk@acme.com"))
    await with_contact(database, "c3", email="dot@acme.com", further_emails=("desk@acme.com",))
    await with_contact(database, "c4", email="eve@acme.com", further_emails=("eve@home.example",), deleted_at=NOW)
    await with_contact(database, "c5", email=None, further_emails=("fay@acme.com", "fay@home.example"))
    wishes = {
        HOME_MAIL: "unsubscribed",
        "bob@old.example": "unsubscribed",
        "cid@home.example": "bounced",
        "dot@acme.com": "unsubscribed",
        "eve@home.example": "unsubscribed",
        "fay@home.example": "unsubscribed",
        "gus@acme.com": "bounced",
    }
    async with database.transaction() as transaction:
        for address, reason in wishes.items():
            await suppress(transaction, hashed(address), reason, now=NOW)  # type: ignore[arg-type]
    others = ["bob@acme.com", "bob@home.example", "cid@acme.com", "desk@acme.com", "eve@acme.com", "fay@acme.com"]
    asked = [OWN_MAIL, *others, *wishes, "hal@acme.com"]
    of_each = {address for address in asked if await no_mail(database, address)}
    assert await CampaignSending(database).suppressed(asked) == of_each
    assert of_each.isdisjoint({"cid@acme.com", "eve@acme.com", "hal@acme.com"})
    assert of_each >= {OWN_MAIL, "bob@acme.com", "bob@home.example", "desk@acme.com", "fay@acme.com", "gus@acme.com"}
