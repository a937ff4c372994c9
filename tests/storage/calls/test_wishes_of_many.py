"""Of many numbers at once the answer is what it is of each."""

import random
from datetime import UTC, datetime
from uuid import UUID

from storage.calls.outbound import OutboundCalls
from storage.crm.contacts import ContactRow, save_contacts
from storage.postgres.database import Database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = [f"+1415555{number:04d}" for number in range(24)]
LEADS = [UUID(int=number) for number in range(1, 11)]
ROUNDS = 60

ONE = Query("one", "SELECT is_not_to_be_called(%(number)s, NULL)")
EMPTY = Query("empty", "TRUNCATE leads, crm_contacts, do_not_call, claimed_numbers CASCADE")
LEAD = Query(
    "lead",
    "INSERT INTO leads (id, company_name, contact_phone, further_phones, opted_out_at, status, created_at, updated_at)"
    " VALUES (%(id)s, 'Acme', %(phone)s, %(further)s, %(opted_out_at)s, 'pending', %(now)s, %(now)s)",
)
CLAIM = Query(
    "claim", "INSERT INTO claimed_numbers (lead_id, phone) VALUES (%(lead)s, %(phone)s) ON CONFLICT DO NOTHING"
)
TAKE_BACK = Query("take_back", "DELETE FROM do_not_call WHERE number = %(number)s")
WISH = Query(
    "wish",
    "INSERT INTO do_not_call (number, reason, source, lead_id, created_at)"
    " VALUES (%(number)s, 'Said so.', 'opt_out', %(lead)s, %(now)s) ON CONFLICT DO NOTHING",
)


async def test_wishes_are_those_of_each_number(database: Database) -> None:
    chance, seen = random.Random(7), set[bool]()
    calls = OutboundCalls(database)
    for _ in range(ROUNDS):
        await people(database, chance)
        asked = await calls.consents_of(chance.sample(NUMBERS, 16))
        for number, found in asked.items():
            assert found.suppressed == await database.fetch_value(ONE, number=number), number
            seen.add(found.suppressed)
    assert seen == {False, True}


async def people(database: Database, chance: random.Random) -> None:
    """Some, with numbers that several share, some opted out, some numbers on the list for all or for one of them."""
    await database.execute(EMPTY)
    for lead in LEADS:
        await database.execute(
            LEAD,
            id=lead,
            phone=chance.choice([*NUMBERS, None]),
            further=chance.sample(NUMBERS, chance.choice([0, 0, 1, 2])),
            opted_out_at=NOW if chance.random() < 0.05 else None,
            now=NOW,
        )
    for number in NUMBERS:
        if chance.random() < 0.5:
            await database.execute(TAKE_BACK, number=number)
    contacts = [
        ContactRow(
            id=f"c{number}",
            reference=f"c{number}",
            crm_platform="close",
            lead_id=chance.choice([*LEADS, None, None, None]),
            phone=chance.choice([*NUMBERS, None]),
            further_phones=tuple(chance.sample(NUMBERS, chance.choice([0, 0, 1, 2]))),
            deleted_at=NOW if chance.random() < 0.3 else None,
            created_at=NOW,
            updated_at=NOW,
        )
        for number in range(8)
    ]
    async with database.transaction() as transaction:
        await save_contacts(transaction, contacts)
    for _ in range(chance.randrange(3)):
        await database.execute(CLAIM, lead=chance.choice(LEADS), phone=chance.choice(NUMBERS))
    for _ in range(chance.randrange(4)):
        await database.execute(WISH, number=chance.choice(NUMBERS), lead=chance.choice([*LEADS, *[None] * 10]), now=NOW)
