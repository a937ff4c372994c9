"""Whoever a conversation was held with becomes a contact at Close, with the call, what was learned and how they were
judged, each once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sync_world import SyncWorld

from storage.conversations.conversations import Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord
from storage.crm.contacts import ContactRow
from storage.leads.leads import Leads
from storage.ledger.records import QualificationResultRecord
from storage.ledger.tracking import TrackingLog
from storage.postgres.database import Database
from storage.postgres.named_query import Query


class Office:
    """What conversations and agents do, on the test's database."""

    def __init__(self, sync: SyncWorld, database: Database) -> None:
        self.sync = sync
        self.database = database
        self.conversations = Conversations(database)
        self.outcomes = Outcomes(database, now=sync.now)

    async def begins(self, conversation_id: str = "conv_1", **metadata: str) -> None:
        now = self.sync.now()
        about: dict[str, Any] = {"id": conversation_id, "channel": "phone", "metadata": metadata}
        await self.conversations.create(ConversationRecord(**about, created_at=now, updated_at=now))

    async def learns(self, key: str, conversation_id: str = "conv_1", **data: Any) -> None:
        assert await self.outcomes.record(key, conversation_id, "lead_update", data)

    async def ends(self, conversation_id: str = "conv_1") -> None:
        await self.conversations.end(conversation_id, "closed", now=self.sync.now())

    async def judges(self, execution_id: str, lead_id: UUID, tier: str, score: int) -> None:
        tracking = TrackingLog(self.database)
        tracking.start()
        about: dict[str, Any] = {"execution_id": execution_id, "lead_id": lead_id, "reasoning": "Budget and need"}
        tracking.record(QualificationResultRecord(**about, tier=tier, score=score, created_at=self.sync.now()))
        await tracking.aclose()

    async def lead(self) -> UUID:
        (lead,) = (await Leads(self.database).list()).items
        return lead.id

    async def contact(self) -> ContactRow:
        (row,) = (await self.sync.store.contacts.list()).items
        return row

    def noted(self) -> list[str]:
        """First lines of everything entered at Close."""
        return sorted(str(row["note"]).splitlines()[0] for row in self.sync.close.store.activities.values())

    async def polls(self, times: int = 3) -> None:
        for _ in range(times):
            self.sync.pass_time(310)
            await self.sync.poll()


@pytest.fixture
def office(sync: SyncWorld, database: Database) -> Office:
    return Office(sync, database)


async def test_a_new_prospect_becomes_a_contact_with_everything_that_happened(office: Office) -> None:
    await office.begins()
    await office.learns("call_1", email="ada@acme.example", name="Ada Byron", company="Acme", team_size=20)
    await office.outcomes.record("call_2", "conv_1", "meeting", {"start": "2030-02-01T10:00:00Z"})
    await office.ends()
    await office.judges("exec_1", await office.lead(), "hot", 85)
    await office.polls()
    (theirs,) = office.sync.theirs().values()
    assert (theirs.email, theirs.first_name, theirs.last_name) == ("ada@acme.example", "Ada", "Byron")
    assert [line.partition(".")[0] for line in office.noted()] == [
        "Learned in conversation",
        "Meeting booked",
        "Qualified",
        "Ref",  # a call in which nothing was said
    ]
    assert (await office.contact()).lead_id == await office.lead()


async def test_somebody_close_knows_is_not_doubled(office: Office) -> None:
    _, contact_id = office.sync.make("Acme", name="Ada Byron", email="ada@acme.example", title="Countess")
    await office.sync.poll()
    await office.begins()
    await office.learns("call_1", email="Ada@Acme.example", phone="+15415550123", title="Mathematician")
    await office.ends()
    await office.polls()
    assert set(office.sync.theirs()) == {contact_id}
    assert office.sync.theirs()[contact_id].phone == "+15415550123", "what Close lacked"
    assert office.sync.theirs()[contact_id].title == "Countess", "what it had"
    assert len(office.noted()) == 2


async def test_who_it_was_may_turn_out_late(office: Office) -> None:
    await office.begins()
    await office.outcomes.record("call_1", "conv_1", "handoff", {})
    await office.polls(2)
    assert office.noted() == []
    await office.learns("call_2", email="ada@acme.example")
    await office.ends()
    await office.polls()
    assert "Handed over to a person" in office.noted()
    assert len(office.noted()) == 3


async def test_of_several_judgements_in_a_conversation_the_one_that_stands_is_entered(office: Office) -> None:
    await office.begins()
    await office.learns("call_1", email="ada@acme.example")
    lead = await office.lead()
    for number, (tier, score) in enumerate([("cold", 10), ("warm", 50), ("hot", 85)]):
        await office.judges(f"exec_{number}", lead, tier, score)
        office.sync.pass_time(20)
    await office.ends()
    await office.polls()
    (judged,) = [row["note"] for row in office.sync.close.store.activities.values() if "Qualified" in row["note"]]
    assert "tier: hot" in judged
    office.sync.pass_time(timedelta(days=1).total_seconds())
    await office.judges("exec_later", lead, "warm", 60)
    await office.polls()
    assert office.noted().count("Qualified") == 2, "a later one counts by itself"


async def test_two_leads_that_turn_out_to_be_one_lose_no_judgement(office: Office) -> None:
    await office.begins()
    await office.learns("call_1", email="ada@acme.example")
    kept = await office.lead()
    other = await Leads(office.database).create({"contact_name": "Ada"}, now=office.sync.now())
    await office.judges("exec_1", other.id, "hot", 85)
    async with office.database.transaction() as transaction:
        await transaction.execute(Query("merge", "SELECT merge_leads(%(gone)s, %(kept)s)"), gone=other.id, kept=kept)
    await office.ends()
    await office.polls()
    assert "Qualified" in office.noted()


async def test_a_list_that_was_judged_does_not_fill_the_crm(office: Office) -> None:
    lead = await Leads(office.database).create({"contact_email": "bought@list.example"}, now=office.sync.now())
    await office.judges("exec_1", lead.id, "cold", 5)
    await office.polls()
    assert office.sync.theirs() == {}


@pytest.mark.parametrize("killed_at", range(0, 24, 2))
async def test_a_worker_killed_at_any_write_enters_all_of_it_once(office: Office, killed_at: int) -> None:
    await office.begins()
    await office.learns("call_1", email="ada@acme.example", name="Ada Byron")
    await office.ends()
    office.sync.pass_time(10)
    await office.sync.poll_killed(killed_at)
    await office.polls()
    assert len(office.sync.theirs()) == 1
    assert len(office.noted()) == 2
    assert not await office.sync.waiting_out()


async def test_what_waited_for_a_crm_for_months_is_history(office: Office) -> None:
    await office.begins()
    await office.learns("call_1", email="ada@acme.example")
    await office.ends()
    office.sync.pass_time(timedelta(days=60).total_seconds())
    await office.sync.poll()
    assert office.noted() == []
    assert await office.sync.outbox_states() == {"skipped": 2}


async def test_all_addresses_and_numbers_of_a_lead_come_to_its_contact(office: Office) -> None:
    """Those too that somebody adds later, when the next call is entered."""
    fields = {"contact_email": "ada@acme.example", "contact_phone": "+14155550132", "contact_name": "Ada Byron"}
    leads = Leads(office.database)
    lead = await leads.create(fields | {"further_emails": ["ada@home.example"]}, now=office.sync.now())
    for number, further in enumerate((("+14155550133",), ("+14155550133", "+14155550134"))):
        await leads.patch(lead.id, {"further_phones": further}, now=office.sync.now())
        await office.begins(f"conv_{number}")
        await office.learns(f"call_{number}", f"conv_{number}", email="ada@acme.example")
        await office.ends(f"conv_{number}")
        await office.polls()
        (theirs,) = office.sync.theirs().values()
        assert (theirs.email, theirs.further_emails) == ("ada@acme.example", ("ada@home.example",))
        assert (theirs.phone, theirs.further_phones) == ("+14155550132", further)
