"""A lead has several addresses and numbers: each address names one lead, and each number tells who calls."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.calls.outbound import OutboundCalls
from storage.campaigns.results import suppress
from storage.campaigns.sending import CampaignSending
from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.email_address import hashed
from storage.erasure.finding import find
from storage.erasure.person import Person, Subject
from storage.errors import InvalidData
from storage.leads.leads import Leads, insert_leads, new_lead
from storage.leads.of_callers import Origin, lead_of_origin
from storage.leads.records import LeadFilter, LeadRecord
from storage.leads.search import search_of
from storage.leads.upsert import Existing, LeadDraft, upsert_leads
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN, MOBILE, HOME = "+14155550132", "+14155550133", "+14155550134"
OWN_MAIL, HOME_MAIL = "ann@acme.com", "ann@home.example"
_WISH = Query(
    "wish",
    "INSERT INTO do_not_call (number, reason, source, created_at) VALUES (%(number)s, 'Said so.', 'opt_out', %(now)s)",
)
_CLAIM = Query("claim", "INSERT INTO claimed_numbers (lead_id, phone) VALUES (%(lead_id)s, %(phone)s)")
_WAITS = Query("waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
_LISTED = Query("listed", "SELECT array_agg(number ORDER BY number) FROM do_not_call")


@pytest.fixture
def leads(database: Database) -> Leads:
    return Leads(database)


@pytest.fixture
async def ann(leads: Leads) -> LeadRecord:
    fields = {"contact_email": OWN_MAIL, "contact_phone": OWN, "contact_name": "Ann"}
    return await leads.create({**fields, "further_emails": [HOME_MAIL], "further_phones": ["(415) 555-0133"]}, now=NOW)


async def who_calls(database: Database, phone: str) -> Any:
    return await lead_of_origin(database, Origin(phone=phone), "conv_x", now=NOW)


async def test_they_are_kept_in_one_spelling_without_doubles(leads: Leads, ann: LeadRecord) -> None:
    assert (ann.further_emails, ann.further_phones) == ((HOME_MAIL,), (MOBILE,))
    assert await leads.get(ann.id) == ann
    changed = await leads.patch(ann.id, {"contact_email": HOME_MAIL.upper(), "further_phones": [HOME, OWN]}, now=NOW)
    assert changed is not None
    assert (changed.contact_email, changed.further_emails, changed.further_phones) == (HOME_MAIL, (), (HOME,))
    emptied = await leads.patch(ann.id, {"contact_phone": None}, now=NOW)
    assert emptied is not None
    assert (emptied.contact_phone, emptied.further_phones) == (HOME, ()), "a lead with a number has a first one"


async def test_an_address_names_one_lead(leads: Leads, ann: LeadRecord) -> None:
    for fields in ({"contact_email": HOME_MAIL}, {"contact_email": "b@c.com", "further_emails": [OWN_MAIL]}):
        with pytest.raises(InvalidData, match="already"):
            await leads.create(fields, now=NOW)
    bob = await leads.create({"contact_email": "bob@acme.com", "further_emails": ["bob@home.example"]}, now=NOW)
    for changes in ({"further_emails": [HOME_MAIL]}, {"contact_email": HOME_MAIL}):
        with pytest.raises(InvalidData, match="already"):
            await leads.patch(bob.id, changes, now=NOW)
    await leads.patch(ann.id, {"further_emails": []}, now=NOW)
    assert await leads.patch(bob.id, {"further_emails": [HOME_MAIL]}, now=NOW), "it is free now"


async def test_a_lead_is_found_by_any(database: Database, leads: Leads, ann: LeadRecord) -> None:
    assert await leads.find(email=HOME_MAIL) == ann
    assert await leads.find(phone=MOBILE) == ann
    assert (await leads.list(where=LeadFilter(email=HOME_MAIL))).items == (ann,)
    for typed in (HOME_MAIL, "ann@h", "home"):
        assert (await leads.list(search=search_of(typed))).items == (ann,), typed
    assert (await leads.list(search=search_of("ann@x"))).items == ()
    await database.execute(_CLAIM, lead_id=ann.id, phone=HOME)
    for number in (OWN, MOBILE, HOME):
        for typed in (number, f"({number[2:5]}) {number[5:8]}-{number[8:]}"):
            assert (await leads.list(search=search_of(typed))).items == (ann,), typed
            assert (await leads.list(search=search_of(typed), sort="score")).items == ()
    assert (await leads.list(search=search_of("+14155550178"))).items == ()
    assert await who_calls(database, MOBILE) == ann.id
    assert await lead_of_origin(database, Origin(email=HOME_MAIL), "conv_x", now=NOW) == ann.id


async def test_who_writes_from_an_unknown_address_is_known_by_it_from_then_on(database: Database, leads: Leads) -> None:
    first, again = [await lead_of_origin(database, Origin(email="bob@acme.com"), "conv_x", now=NOW) for _ in range(2)]
    bob = await leads.find(email="bob@acme.com")
    assert bob is not None
    assert first == again == bob.id


async def test_whose_first_number_it_is_comes_before_those_who_have_it_too(
    database: Database, leads: Leads, ann: LeadRecord
) -> None:
    office = await leads.create({"contact_phone": MOBILE, "contact_name": "Office"}, now=NOW)
    assert await who_calls(database, MOBILE) == office.id
    await leads.create({"contact_phone": "+14155550150", "contact_name": "Bob", "further_phones": [HOME]}, now=NOW)
    await leads.patch(ann.id, {"further_phones": [HOME]}, now=NOW)
    assert await who_calls(database, HOME) not in {ann.id, office.id}, "several have it beside another"


async def test_wishes_hold_for_any_number(database: Database, leads: Leads, ann: LeadRecord) -> None:
    await database.execute(_WISH, number=MOBILE, now=NOW)
    asked = await OutboundCalls(database).consents_of([OWN, "+14155550777"])
    assert {number: found.suppressed for number, found in asked.items()} == {OWN: True, "+14155550777": False}
    await leads.patch(ann.id, {"opted_out_at": NOW, "further_phones": [HOME]}, now=NOW)
    assert await database.fetch_value(_LISTED) == [OWN, MOBILE, HOME]
    await leads.patch(ann.id, {"further_phones": ["+14155550135"]}, now=NOW)
    assert "+14155550135" in await database.fetch_value(_LISTED), "one that came to be known later"


async def test_who_unsubscribed_gets_no_mail_at_another_address(database: Database, ann: LeadRecord) -> None:
    async with database.transaction() as transaction:
        await suppress(transaction, hashed(HOME_MAIL), "unsubscribed", now=NOW)
    assert await CampaignSending(database).suppressed([OWN_MAIL, "bob@acme.com"]) == {OWN_MAIL}


@pytest.mark.parametrize("subject", [Subject(email=HOME_MAIL), Subject(phone=MOBILE)])
async def test_a_person_is_found_by_any_to_be_erased(database: Database, ann: LeadRecord, subject: Subject) -> None:
    async with database.transaction() as transaction:
        person = (await find(transaction, subject, Person())).person
    assert person.leads == (ann.id,)
    assert {OWN_MAIL, HOME_MAIL} <= {*person.emails}
    assert {*person.phones} == {OWN, MOBILE}


async def test_a_number_that_a_caller_claims_waits_for_somebody_to_say_so(
    database: Database, leads: Leads, ann: LeadRecord
) -> None:
    """Also beside a first one, which it does not replace."""
    for key, said in (("k1", HOME), ("k2", "+14155550135"), ("k3", MOBILE)):
        told = {"contact_email": OWN_MAIL, "contact_phone": said}
        await Outcomes(database, now=lambda: NOW).record(key, "conv_1", "lead_update", told)
    assert await leads.get(ann.id) == ann
    assert await leads.claimed_numbers([ann.id]) == {ann.id: (HOME, "+14155550135")}
    async with database.transaction() as transaction:
        assert (await find(transaction, Subject(phone=HOME), Person())).person.leads == (), "anybody could say so"
    accepted = await leads.settle_number(ann.id, HOME, accepted=True, now=NOW)
    assert accepted is not None
    assert accepted.further_phones == (MOBILE, HOME)
    assert await who_calls(database, HOME) == ann.id
    assert await leads.settle_number(ann.id, "+14155550135", accepted=False, now=NOW) == accepted
    assert await leads.claimed_numbers([ann.id]) == {}
    assert await leads.settle_number(ann.id, HOME, accepted=False, now=NOW) is None, "it is settled"


async def test_who_names_an_address_brings_the_number_they_call_from(
    database: Database, leads: Leads, ann: LeadRecord
) -> None:
    """The lead of their call becomes the known one, and what both had is kept."""
    call = await who_calls(database, HOME)
    record = ConversationRecord(id="conv_x", channel="phone", lead_id=call, created_at=NOW, updated_at=NOW)
    await Conversations(database).create(record)
    await leads.patch(call, {"further_phones": ["+14155550135"]}, now=NOW)
    await Outcomes(database, now=lambda: NOW).record("k1", "conv_x", "lead_update", {"contact_email": HOME_MAIL})
    assert [lead.id for lead in (await leads.list()).items] == [ann.id]
    assert await leads.claimed_numbers([ann.id]) == {ann.id: (HOME, "+14155550135")}


async def test_a_number_on_record_tells_who_calls_after_an_address_was_misheard(
    database: Database, leads: Leads, ann: LeadRecord
) -> None:
    """Until the address was said again, the number was one that somebody else claimed."""
    call = await who_calls(database, HOME)
    record = ConversationRecord(id="conv_x", channel="phone", lead_id=call, created_at=NOW, updated_at=NOW)
    await Conversations(database).create(record)
    for key, told in (
        ("k1", {"contact_email": "ann@acne.com", "contact_phone": MOBILE}),
        ("k2", {"contact_email": OWN_MAIL}),
    ):
        await Outcomes(database, now=lambda: NOW).record(key, "conv_x", "lead_update", told)
    assert await leads.claimed_numbers([ann.id]) == {ann.id: (HOME,)}
    assert await who_calls(database, MOBILE) == ann.id


async def test_a_claimed_number_in_first_place_is_thrown_away(database: Database, leads: Leads) -> None:
    bob = await leads.create({"contact_email": "bob@acme.com"}, now=NOW)
    told = {"contact_email": "bob@acme.com", "contact_phone": HOME}
    await Outcomes(database, now=lambda: NOW).record("k1", "conv_1", "lead_update", told)
    thrown = await leads.settle_number(bob.id, HOME, accepted=False, now=NOW)
    assert thrown is not None
    assert thrown.contact_phone is None


async def test_wishes_of_a_claimed_number_hold(database: Database, leads: Leads, ann: LeadRecord) -> None:
    """Whoever says a number and wants no calls is not to be called at it."""
    outcomes = Outcomes(database, now=lambda: NOW)
    told = {"contact_email": OWN_MAIL, "contact_phone": HOME}
    await outcomes.record("k1", "conv_1", "lead_update", told)
    await outcomes.record("k2", "conv_1", "opt_out", {})
    assert HOME in await database.fetch_value(_LISTED)
    asked = await OutboundCalls(database).consents_of([HOME])
    assert asked[HOME].suppressed


async def test_an_import_adds_what_nobody_else_has(database: Database, leads: Leads, ann: LeadRecord) -> None:
    others = {"further_emails": (HOME_MAIL, "bob@home.example"), "further_phones": (HOME,)}
    drafts = [
        LeadDraft(None, {"contact_email": "bob@acme.com", **others}),
        LeadDraft(None, {"contact_email": "bob@home.example", "industry": "bakery"}),
        LeadDraft(None, {"contact_email": HOME_MAIL, "further_phones": (HOME,), "contact_title": "CEO"}),
    ]
    assert await upsert_leads(database, drafts, "update", now=NOW) == ["created", "updated", "updated"]
    one = await leads.find(email="bob@acme.com")
    assert one is not None
    assert (one.further_emails, one.industry) == (("bob@home.example",), "bakery")
    assert (one.contact_phone, one.further_phones) == (HOME, ()), "the only number is the first"
    after = await leads.get(ann.id)
    assert after is not None
    assert (after.contact_email, after.contact_title, after.further_phones) == (OWN_MAIL, "CEO", (MOBILE, HOME))
    assert await upsert_leads(database, drafts, "update", now=NOW) == ["unchanged"] * 3


@pytest.mark.parametrize(("existing", "first", "further"), [("update", HOME, OWN), ("fill", OWN, HOME)])
async def test_an_import_takes_no_number_away(
    database: Database, leads: Leads, ann: LeadRecord, existing: Existing, first: str, further: str
) -> None:
    """Who called from it is known by it all the same, and a wish that was said of it holds."""
    drafts = [LeadDraft(None, {"contact_email": OWN_MAIL, "contact_phone": HOME})]
    assert await upsert_leads(database, drafts, existing, now=NOW) == ["updated"]
    after = await leads.get(ann.id)
    assert after is not None
    assert (after.contact_phone, after.further_phones) == (first, tuple(sorted([MOBILE, further])))
    assert await upsert_leads(database, drafts, existing, now=NOW) == ["unchanged"]
    words = await leads.patch(ann.id, {"contact_phone": "ask at the desk"}, now=NOW)
    assert words is not None
    await upsert_leads(database, drafts, existing, now=NOW)
    after = await leads.get(ann.id)
    assert after is not None
    assert "ask at the desk" not in after.further_phones, "only numbers are further ones"


@pytest.mark.parametrize("existing", ["update", "fill"])
async def test_a_claimed_number_that_an_import_gives_as_well_tells_who_calls(
    database: Database, leads: Leads, ann: LeadRecord, existing: Existing
) -> None:
    """As it does when somebody sets it: whose list it is has said whose number it is. Also where it stood first."""
    bob = await leads.create({"contact_email": "bob@acme.com"}, now=NOW)
    for key, email, phone in (("k1", OWN_MAIL, HOME), ("k2", "bob@acme.com", "+14155550150")):
        told = {"contact_email": email, "contact_phone": phone}
        await Outcomes(database, now=lambda: NOW).record(key, f"conv_{key}", "lead_update", told)
    drafts = [
        LeadDraft(None, {"contact_email": OWN_MAIL, "further_phones": (HOME,)}),
        LeadDraft(None, {"contact_email": "bob@acme.com", "contact_phone": "+14155550150"}),
    ]
    await upsert_leads(database, drafts, "skip", now=NOW)
    assert {*await leads.claimed_numbers([ann.id, bob.id])} == {ann.id, bob.id}, "nothing was taken of the list"
    await upsert_leads(database, drafts, existing, now=NOW, dry_run=True)
    assert {*await leads.claimed_numbers([ann.id, bob.id])} == {ann.id, bob.id}, "nothing was written"
    await upsert_leads(database, drafts, existing, now=NOW)
    assert [await who_calls(database, phone) for phone in (HOME, "+14155550150")] == [ann.id, bob.id]
    assert await leads.claimed_numbers([ann.id, bob.id]) == {}


async def test_a_row_that_is_left_alone_takes_no_address(database: Database, leads: Leads, ann: LeadRecord) -> None:
    drafts = [
        LeadDraft(None, {"contact_email": OWN_MAIL, "further_emails": ("bob@acme.com",)}),
        LeadDraft(None, {"contact_email": "bob@acme.com"}),
    ]
    assert await upsert_leads(database, drafts, "skip", now=NOW) == ["skipped", "created"]
    assert await leads.get(ann.id) == ann


async def test_rows_of_one_lead_add_to_each_other(database: Database, leads: Leads, ann: LeadRecord) -> None:
    drafts = [
        LeadDraft(None, {"contact_email": OWN_MAIL, "contact_title": "CEO"}),
        LeadDraft(None, {"contact_email": HOME_MAIL, "industry": "bakery"}),
    ]
    assert await upsert_leads(database, drafts, "update", now=NOW) == ["updated", "updated"]
    after = await leads.get(ann.id)
    assert after is not None
    assert (after.contact_title, after.industry) == ("CEO", "bakery")


@pytest.mark.parametrize("field", ["contact_email", "further_emails"])
async def test_an_import_changes_what_somebody_else_makes_at_the_same_moment(
    database: Database, leads: Leads, field: str
) -> None:
    made = {"contact_email": "bob@acme.com"} if field == "contact_email" else {"further_emails": ["bob@acme.com"]}
    draft = LeadDraft(None, {"contact_email": "bob@acme.com", "industry": "bakery"})
    bob = new_lead({"contact_email": "bob@home.example", **made}, now=NOW)
    async with asyncio.timeout(10), database.transaction() as other:
        await insert_leads(other, [bob])
        importing = asyncio.create_task(upsert_leads(database, [draft], "update", now=NOW))
        while not await database.fetch_value(_WAITS):
            await asyncio.sleep(0.01)
    assert await importing == ["updated"]
    assert {lead.id: lead.industry for lead in (await leads.list()).items} == {bob.id: "bakery"}
