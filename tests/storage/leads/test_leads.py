"""Leads: made, found, filled, listed by any mix of filters."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from storage.errors import InvalidCursor, InvalidData, StorageError
from storage.leads.leads import Leads
from storage.leads.records import LeadFilter
from storage.leads.search import search_of
from storage.postgres.cursor import encode_cursor
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCORE = Query(
    "score", "UPDATE leads SET qualification_score = %(score)s, qualification_tier = %(tier)s WHERE id = %(id)s"
)


@pytest.fixture
def leads(database: Database) -> Leads:
    return Leads(database)


async def add(leads, number, **fields):
    return await leads.create(fields, now=NOW + timedelta(minutes=number))


async def names(leads, **options):
    where = LeadFilter(**{name: options.pop(name) for name in [*options] if name in LeadFilter.__struct_fields__})
    return [lead.company_name for lead in (await leads.list(where=where, **options)).items]


async def test_a_lead_is_kept_in_one_spelling(leads):
    made = await leads.create(
        {
            "company_name": " Acme ",
            "contact_email": " Jane.Doe@ACME.com",
            "contact_phone": "(415) 555-0132",
            "notes": " ",
        },
        now=NOW,
    )
    found = await leads.get(made.id)
    assert found == made
    assert (found.company_name, found.contact_email, found.contact_phone) == (
        "Acme",
        "jane.doe@acme.com",
        "+14155550132",
    )
    assert (found.notes, found.status, found.custom) == (None, "pending", {})


async def test_one_address_is_one_lead(leads):
    await leads.create({"contact_email": "jane@acme.com"}, now=NOW)
    other = await leads.create({"contact_email": "joe@acme.com"}, now=NOW)
    with pytest.raises(InvalidData) as caught:
        await leads.create({"contact_email": "JANE@acme.com"}, now=NOW)
    assert caught.value.code == "already_exists"
    with pytest.raises(InvalidData) as caught:
        await leads.patch(other.id, {"contact_email": "jane@acme.com"}, now=NOW)
    assert caught.value.code == "already_exists"
    assert (await leads.get(other.id)).contact_email == "joe@acme.com"


async def test_changes_set_empty_and_merge(leads):
    made = await leads.create({"company_name": "Acme", "budget": "5k", "custom": {"a": 1, "b": 2}}, now=NOW)
    later = NOW + timedelta(hours=1)
    changed = await leads.patch(
        made.id, {"budget": None, "need": "fewer calls", "custom": {"b": None, "c": 3}}, now=later
    )
    assert changed == await leads.get(made.id)
    assert (changed.company_name, changed.budget, changed.need) == ("Acme", None, "fewer calls")
    assert (changed.custom, changed.created_at, changed.updated_at) == ({"a": 1, "c": 3}, NOW, later)
    assert await leads.patch(uuid4(), {"need": "x"}, now=NOW) is None


async def test_filling_sets_only_what_is_not_known(leads):
    await leads.create({"contact_email": "taken@acme.com"}, now=NOW)
    made = await leads.create({"company_name": "Acme", "team_size": 0}, now=NOW)
    filled = await leads.fill(
        made.id,
        {"company_name": "ACME Inc", "team_size": 9, "industry": "Retail", "contact_email": "taken@acme.com", "id": 1},
        now=NOW,
    )
    assert filled == await leads.get(made.id)
    assert (filled.company_name, filled.team_size, filled.industry, filled.contact_email) == ("Acme", 0, "Retail", None)


async def test_a_lead_is_found_by_address_then_by_number(leads):
    by_phone = await add(leads, 1, contact_phone="+1 415 555 0132")
    await add(leads, 2, contact_phone="+14155550132")
    by_email = await add(leads, 3, contact_email="jane@acme.com")
    assert await leads.find(phone="415-555-0132") == by_phone
    assert await leads.find(email="JANE@acme.com", phone="415-555-0132") == by_email
    assert await leads.find(email="nobody@acme.com", phone=None) is None
    assert await leads.find(email="not an address", phone="") is None


async def test_filters_apply_together_and_pages_follow_each_other(leads, database):
    for number, (name, industry, score, tier) in enumerate(
        (
            ("Acme", "Retail", 90, "hot"),
            ("Beta", "retail", 50, "warm"),
            ("Gamma", "Health", 90, "hot"),
            ("Delta", None, None, None),
        )
    ):
        lead = await add(leads, number, company_name=name, industry=industry)
        await database.execute(SCORE, id=lead.id, score=score, tier=tier)
    assert await names(leads) == ["Delta", "Gamma", "Beta", "Acme"]
    assert await names(leads, industry="RETAIL") == ["Beta", "Acme"]
    assert await names(leads, min_score=60, industry="retail") == ["Acme"]
    assert await names(leads, max_score=60) == ["Beta"]
    assert await names(leads, tier="hot", created_from=NOW + timedelta(minutes=1)) == ["Gamma"]
    assert await names(leads, created_to=NOW + timedelta(minutes=1)) == ["Acme"]
    assert set(await names(leads, sort="score")) == {"Acme", "Gamma", "Beta"}
    for sort in ("created_at", "score"):
        seen, cursor = [], None
        while True:
            page = await leads.list(limit=1, cursor=cursor, sort=sort)
            seen += [lead.company_name for lead in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == await names(leads, sort=sort)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme", {"Acme GmbH"}),
        ("ACME gm", {"Acme GmbH"}),
        ("müller", {"Müller & Söhne"}),
        ("jane.doe@", {"Acme GmbH"}),
        ("doe acme.com", {"Acme GmbH"}),
        ("Jane.Doe@Acme.com", {"Acme GmbH"}),
        ("jane.d@", set()),
        ("gmbh jane.doe@a", {"Acme GmbH"}),
        ("gm jane", set()),
        ("@acme", {"Acme GmbH"}),
        ("soe", set()),
        ("cme", set()),
        ("' | 'x':*", set()),
        ("acme\\' & !beta", set()),
    ],
)
async def test_a_search_looks_for_words_and_the_beginning_of_the_last(leads, text, expected):
    await add(leads, 1, company_name="Acme GmbH", contact_email="jane.doe@acme.com")
    await add(leads, 2, company_name="Müller & Söhne")
    assert set(await names(leads, search=search_of(text))) == expected


async def test_cursors_of_other_lists_are_refused(leads):
    for cursor, sort in ((encode_cursor(NOW, "conv_1"), "created_at"), (encode_cursor(NOW, str(uuid4())), "score")):
        with pytest.raises(InvalidCursor):
            await leads.list(cursor=cursor, sort=sort)
    with pytest.raises(StorageError):
        await leads.list(limit=0)


@pytest.mark.parametrize("sort", ["created_at", "score"])
async def test_a_search_finds_the_same_near_and_far_down_the_list(leads, database, monkeypatch, sort):
    for number in range(30):
        lead = await add(leads, number, company_name=f"{'Acme' if number % 3 else 'Beta'} {number}")
        await database.execute(SCORE, id=lead.id, score=number % 7, tier=None)
    everything = await names(leads, sort=sort)
    for near, few in ((1, 500), (5, 1), (100, 500), (1, 15)):
        monkeypatch.setattr("storage.leads.leads._NEAR_ROWS", near)
        monkeypatch.setattr("storage.leads.leads._FEW_LEADS", few)
        for text in ("acme", "beta", "bet", "acme 1", "beta 2", "zebra", "zebra 1"):
            seen, cursor = [], None
            while True:
                page = await leads.list(limit=4, cursor=cursor, sort=sort, search=search_of(text))
                seen += [lead.company_name for lead in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
            first, *more = text.split()
            expected = [name for name in everything if name.lower().startswith(first)]
            assert seen == [name for name in expected if not more or name.split()[1].startswith(more[0])]


@pytest.mark.parametrize("name", ["3e2b", "12e5x7", "12a", "3eb", "a3e2b", "1e9", "7e"])
async def test_names_that_look_like_numbers_are_found(leads, name):
    await add(leads, 1, company_name=f"Acme {name}")
    for text in (name, f"acme {name}", f"{name} acme", name[:-1]):
        assert await names(leads, search=search_of(text)) == [f"Acme {name}"], text


async def test_every_mix_of_filters_lists_what_a_plain_search_through_all_finds(leads, database, monkeypatch):
    """Whichever way a list is read: by its own index, near, or found and sorted."""
    chance = random.Random(3)
    made = []
    for number in range(60):
        status = chance.choice(("pending", "customer"))
        lead = await add(
            leads, number, company_name=f"Acme {number}", status=status, industry=chance.choice(("A", "B"))
        )
        score = chance.choice((None, 10, 50, 90))
        tier = None if score is None else "hot" if score > 50 else "cold"
        await database.execute(SCORE, id=lead.id, score=score, tier=tier)
        made.append((lead.company_name, status, lead.industry, score, tier, lead.created_at))
    middle = NOW + timedelta(minutes=30)
    monkeypatch.setattr("storage.leads.leads._NEAR_ROWS", 7)
    for status, tier, industry, low, since, sort in itertools.product(
        (None, "customer"), (None, "hot"), (None, "a"), (None, 50), (None, middle), ("created_at", "score")
    ):
        expected = {
            name
            for name, has_status, has_industry, score, has_tier, at in made
            if status in (None, has_status)
            and tier in (None, has_tier)
            and industry in (None, has_industry.lower())
            and (low is None or (score is not None and score >= low))
            and (since is None or at >= since)
            and (sort == "created_at" or score is not None)
        }
        where = LeadFilter(status=status, tier=tier, industry=industry, min_score=low, created_from=since)
        seen, cursor = [], None
        while True:
            page = await leads.list(limit=5, cursor=cursor, sort=sort, where=where)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert {lead.company_name for lead in seen} == expected
        assert len(seen) == len(expected)
        keys = [lead.created_at if sort == "created_at" else lead.qualification_score for lead in seen]
        assert keys == sorted(keys, reverse=True)
