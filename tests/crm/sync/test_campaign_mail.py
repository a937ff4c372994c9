"""Messages of campaigns are entered at Close exactly once, as drafts or to be sent, and what comes of them is noted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs
from sync_world import SyncWorld

from crm.mail import RemoteMail
from crm.sync.mail_results import Answered, Went, WentNot, findings
from storage import email_address
from storage.campaigns.campaigns import Campaigns
from storage.campaigns.mails import EnteredMail
from storage.campaigns.messages import CampaignMessages
from storage.campaigns.release import candidates, lock_release, release
from storage.campaigns.results import add_result
from storage.campaigns.sending import CampaignSending
from storage.postgres.database import Database
from storage.postgres.named_query import Query

ALL = Query("all_messages", "SELECT * FROM campaign_messages ORDER BY position")
RESULTS = Query("all_results", "SELECT kind FROM campaign_results ORDER BY kind")
OPT_OUT = Query("opt_out", "UPDATE leads SET opted_out_at = now()")
ADDRESS = "ann@one.test"


class Campaign:
    """One of one person, written, approved and on its way."""

    def __init__(self, sync: SyncWorld, database: Database) -> None:
        self.sync, self.database = sync, database
        self.campaigns, self.messages = Campaigns(database), CampaignMessages(database)
        self.sending = CampaignSending(database)
        self.id: UUID

    async def begin(
        self, *, send: bool = True, follow_up_days: tuple[int, ...] = (), people: int = 1, leads: Sequence[UUID] = ()
    ) -> None:
        now = self.sync.now()
        addresses = [ADDRESS, *(f"bob{number}@two.test" for number in range(1, people))] if not leads else []
        for address in addresses:
            lead = await self.sync.store.leads.create({"contact_email": address, "contact_name": "Ann One"}, now=now)
            leads = [*leads, lead.id]
        self.id = await self.campaigns.create(
            name="Spring",
            channel="email",
            goal="Invite them.",
            audience={},
            budget_usd=1.0,
            leads=[(lead_id, None) for lead_id in leads],
            send=send,
            follow_up_days=follow_up_days,
            now=now,
        )
        await self.campaigns.move(self.id, "generating", now=now)
        while (message := await self.messages.claim()) is not None:
            made = {"subject": "For you", "body": f"Step {message.step}.", "engine": "rules", "execution_id": "x"}
            await self.messages.written(message, **made, cost_usd=0.0, now=now)
        await self.messages.approve(self.id, now=now)
        await self.sending.move(self.id, "on", now=now)

    async def release(self) -> int:
        """All whose turn it is."""
        now = self.sync.now()
        async with self.database.transaction() as transaction:
            await lock_release(transaction)
            found = await candidates(transaction, self.id, now=now, rows=10)
            for each in found:
                url = f"https://x.test/token-{each.id}"
                about = {"mark": f"token-{each.id}", "footer": f"-- \n{url}", "sender": "a@b.test"}
                await release(transaction, each, "close", about, now=now)
        return len(found)

    async def states(self) -> list[tuple[str, str | None]]:
        return [(row["status"], row["reason"]) for row in await self.database.fetch_all(ALL)]

    async def results(self) -> list[str]:
        return [row["kind"] for row in await self.database.fetch_all(RESULTS)]

    async def held(self) -> tuple[str, str | None]:
        row = await self.campaigns.get(self.id)
        assert row is not None
        return row.sending, row.held_code

    def mails(self) -> list[dict[str, Any]]:
        return [mail for mail in self.sync.close.mail.every() if mail["direction"] == "outgoing"]

    async def polled(self) -> None:
        for _ in range(2):  # what it sent it hears of afterwards
            self.sync.pass_time(60)
            await self.sync.poll()


@pytest.fixture
def campaign(sync: SyncWorld, database: Database) -> Campaign:
    return Campaign(sync, database)


async def test_a_message_is_sent_once_from_there_with_its_way_out(campaign: Campaign) -> None:
    await campaign.begin()
    assert await campaign.release() == 1
    assert await campaign.release() == 0
    await campaign.polled()
    (mail,) = campaign.mails()
    assert (mail["status"], mail["to"], mail["sender"], mail["subject"]) == ("sent", [ADDRESS], "a@b.test", "For you")
    assert mail["body_text"].startswith("Step 0.") and "https://x.test/token-" in mail["body_text"]
    assert '<a href="https://x.test/token-' in mail["body_html"]
    assert mail["contact_id"] in campaign.sync.close.store.contacts
    assert await campaign.states() == [("sent", None)]


async def test_a_draft_counts_once_a_person_sent_it(campaign: Campaign) -> None:
    await campaign.begin(send=False, follow_up_days=(3,))
    await campaign.release()
    await campaign.polled()
    (mail,) = campaign.mails()
    assert (mail["status"], await campaign.states()) == ("draft", [("entered", None), ("approved", None)])
    campaign.sync.pass_time(9 * 86400)
    assert await campaign.release() == 0, "nothing follows what nobody sent"
    campaign.sync.close.mail.send_draft(mail["id"])
    await campaign.polled()
    assert await campaign.states() == [("sent", None), ("approved", None)]
    campaign.sync.pass_time(2 * 86400)
    assert await campaign.release() == 0
    campaign.sync.pass_time(86400)
    assert await campaign.release() == 1
    await campaign.polled()
    follow_up = campaign.mails()[-1]
    assert (follow_up["subject"], follow_up["thread_id"]) == ("Re: For you", mail["thread_id"])


async def test_a_draft_that_somebody_threw_away_is_not_sent_and_nothing_follows_it(campaign: Campaign) -> None:
    await campaign.begin(send=False, follow_up_days=(3,))
    await campaign.release()
    await campaign.polled()
    campaign.sync.close.mail.delete(campaign.mails()[0]["id"])
    await campaign.polled()
    assert await campaign.states() == [("failed", "discarded"), ("skipped", "not_sent")]


@pytest.mark.parametrize("fault", ["timeout_after", "timeout_before", "rate_limit"])
async def test_without_an_answer_it_is_looked_for(campaign: Campaign, fault: Any) -> None:
    await campaign.begin()
    await campaign.release()
    transport = campaign.sync.transport
    transport.choose = lambda request: fault if request.method == "POST" and "/activity/" in request.url else None
    await campaign.sync.poll()
    transport.choose = lambda request: None
    for _ in range(2):
        campaign.sync.pass_time(600)
        await campaign.sync.poll()
    assert len(campaign.mails()) == 1
    assert await campaign.states() == [("sent", None)]


async def test_a_process_that_is_killed_at_any_write_sends_it_once(sync: SyncWorld, campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1,))
    for kills in range(40):
        await campaign.release()
        if not await sync.poll_killed(kills):
            break
        sync.pass_time(60)  # however often it is killed, it is not released long ago
    sync.pass_time(2 * 86400)
    await campaign.release()
    await campaign.polled()
    assert [mail["subject"] for mail in campaign.mails()] == ["For you", "Re: For you"]
    assert await campaign.states() == [("sent", None), ("sent", None)]
    assert kills > 5, "there were moments to be killed at"


async def test_who_opts_out_between_release_and_sending_gets_nothing(campaign: Campaign) -> None:
    await campaign.begin()
    await campaign.release()
    await campaign.database.execute(OPT_OUT)
    await campaign.polled()
    assert campaign.mails() == []
    assert await campaign.states() == [("skipped", "opted_out")]


async def test_who_unsubscribes_from_what_was_entered_without_an_answer_was_sent_it(campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1,))
    await campaign.release()
    transport = campaign.sync.transport
    transport.choose = lambda r: "timeout_after" if r.method == "POST" and "/activity/" in r.url else None
    await campaign.sync.poll()
    transport.choose = lambda request: None
    (row, _) = await campaign.database.fetch_all(ALL)
    await campaign.sending.unsubscribe(row["id"], email_address.hashed(ADDRESS), "close", now=campaign.sync.now())
    campaign.sync.pass_time(600)
    await campaign.sync.poll()
    assert await campaign.states() == [("sent", None), ("skipped", "unsubscribed")]
    assert await campaign.results() == ["unsubscribed"]
    assert len(campaign.mails()) == 1


async def test_who_is_unsubscribed_over_there_gets_nothing(campaign: Campaign) -> None:
    campaign.sync.make("One", name="Ann One", email=ADDRESS)
    await campaign.sync.poll()
    await campaign.begin()
    campaign.sync.close.mail.unsubscribe({"email": ADDRESS})
    await campaign.release()
    await campaign.polled()
    assert campaign.mails() == []
    assert await campaign.states() == [("skipped", "unsubscribed_there")]


async def test_a_paused_campaign_waits_in_the_outbox_and_a_stopped_one_ends(campaign: Campaign) -> None:
    await campaign.begin()
    await campaign.release()
    await campaign.sending.move(campaign.id, "paused", now=campaign.sync.now())
    await campaign.polled()
    assert (campaign.mails(), await campaign.states()) == ([], [("queued", None)])
    await campaign.sending.move(campaign.id, "on", now=campaign.sync.now())
    campaign.sync.pass_time(300)
    await campaign.sync.poll()
    assert await campaign.states() == [("sent", None)]


async def test_what_waited_long_takes_its_turn_anew_and_is_sent_at_no_hour_of_its_own(campaign: Campaign) -> None:
    await campaign.begin()
    await campaign.release()
    campaign.sync.pass_time(9 * 3600)  # Close was away from the afternoon until night
    await campaign.polled()
    assert (campaign.mails(), await campaign.states()) == ([], [("approved", None)])
    assert await campaign.release() == 1
    await campaign.polled()
    assert await campaign.states() == [("sent", None)]
    assert len(campaign.mails()) == 1


async def test_what_follows_a_rejected_message_is_not_approved_with_all_others(campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1,), people=2)
    first, *_ = await campaign.database.fetch_all(ALL)
    for step, status in ((0, "rejected"), (1, "drafted")):
        about: Any = {"subject": None, "body": None, "status": status}
        await campaign.messages.change_message(campaign.id, first["lead_id"], step, **about, now=campaign.sync.now())
    (counted,) = (await campaign.campaigns.list()).items
    assert (counted.counts["drafted"], counted.approvable) == (1, 0), "no more is promised"
    assert await campaign.messages.approve(campaign.id, now=campaign.sync.now()) == 0
    assert [status for status, _ in await campaign.states()] == ["rejected", "approved", "drafted", "approved"]


async def test_a_reply_ends_it_a_machines_does_not(campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1, 2))
    await campaign.release()
    await campaign.polled()
    (mail,) = campaign.mails()
    room = campaign.sync.close.mail
    room.receive(f"Ann <{ADDRESS}>", mail["id"], "I am away until Monday.", automatic=True)
    await campaign.polled()
    assert await campaign.results() == []
    room.receive(f"Ann <{ADDRESS}>", mail["id"], "Tell me more.\n\n> Step 0.\n> unsubscribe", in_thread=False)
    await campaign.polled()
    assert await campaign.results() == ["replied"]
    assert [reason for _, reason in await campaign.states()] == [None, "replied", "replied"]


async def test_a_reply_to_another_campaign_is_no_result_of_this_one_and_ends_it(
    sync: SyncWorld, database: Database
) -> None:
    ours, other = Campaign(sync, database), Campaign(sync, database)
    await ours.begin(follow_up_days=(1,))
    lead = await sync.store.leads.find(email=ADDRESS)
    assert lead is not None
    await other.begin(follow_up_days=(1,), leads=[lead.id])
    for campaign in (ours, other):
        await campaign.release()
        await campaign.polled()
    first, _ = ours.mails()
    sync.close.mail.receive(f"Ann <{ADDRESS}>", first["id"], "Tell me more.")
    await ours.polled()
    assert [day.replied for day in await ours.sending.by_day(ours.id)] == [1]
    assert [day.replied for day in await other.sending.by_day(other.id)] == [0]
    assert sorted(await ours.states(), key=str) == sorted([("sent", None), ("skipped", "replied")] * 2, key=str)


async def test_who_answers_one_campaign_is_a_persons_to_write_to_in_another(
    sync: SyncWorld, database: Database
) -> None:
    ours, other = Campaign(sync, database), Campaign(sync, database)
    await ours.begin()
    lead = await sync.store.leads.find(email=ADDRESS)
    assert lead is not None
    await ours.release()
    await ours.polled()
    await other.begin(follow_up_days=(1,), leads=[lead.id])
    await other.release()
    async with database.transaction() as transaction:
        await add_result(transaction, ours.id, lead.id, "replied", at=sync.now())
    await other.polled()
    assert len(other.mails()) == 1
    states = {
        (row["campaign_id"], row["step"]): (row["status"], row["reason"]) for row in await database.fetch_all(ALL)
    }
    assert states[other.id, 0] == ("drafted", "in_touch")
    assert await other.messages.approve(other.id, now=sync.now()) == 0, "not among all others"
    about: Any = {"subject": None, "body": None, "status": "approved"}
    await other.messages.change_message(other.id, lead.id, **about, now=sync.now())
    assert await other.release() == 1
    await other.polled()
    assert len(other.mails()) == 2
    sync.pass_time(2 * 86400)
    assert [await other.release(), await other.polled(), len(other.mails())] == [1, None, 3], "and what follows it"


async def test_who_writes_to_a_salesperson_is_a_persons_to_write_to(campaign: Campaign) -> None:
    sync = campaign.sync
    there, _ = sync.make("One", name="Ann One", email=ADDRESS)
    await sync.poll()
    await campaign.begin()
    room = sync.close.mail
    room.create({"lead_id": there, "status": "inbox", "sender": "boss@one.test", "subject": "Not hers"})
    asked = room.create({"lead_id": there, "status": "sent", "to": [ADDRESS], "subject": "Shall we talk?"})
    room.receive(f"Ann <{ADDRESS}>", asked["id"], "I am away until Monday.", automatic=True)
    answer = room.receive(f"Ann <{ADDRESS}>", asked["id"], "Gladly, what does it cost?")
    await campaign.release()
    await campaign.polled()
    assert await campaign.states() == [("drafted", "in_touch")]
    (row,) = await campaign.database.fetch_all(ALL)
    about: Any = {"subject": None, "body": None, "status": "approved"}
    sync.pass_time(60)
    await campaign.messages.change_message(campaign.id, row["lead_id"], **about, now=sync.now())
    assert await campaign.release() == 1
    await campaign.polled()
    assert await campaign.states() == [("sent", None)]
    assert answer["direction"] == "incoming"


async def test_what_was_written_long_ago_is_no_correspondence(campaign: Campaign) -> None:
    there, _ = campaign.sync.make("One", name="Ann One", email=ADDRESS)
    await campaign.sync.poll()
    campaign.sync.close.mail.create({"lead_id": there, "status": "inbox", "sender": ADDRESS, "subject": "Hello"})
    campaign.sync.pass_time(31 * 86400)
    await campaign.begin()
    await campaign.release()
    await campaign.polled()
    assert await campaign.states() == [("sent", None)]


async def test_a_bounce_keeps_the_address_from_every_later_message(campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1,))
    await campaign.release()
    await campaign.polled()
    campaign.sync.close.mail.bounce(campaign.mails()[0]["id"])
    await campaign.polled()
    assert await campaign.results() == ["bounced"]
    async with campaign.database.transaction() as transaction:
        assert await candidates(transaction, campaign.id, now=campaign.sync.now(), rows=10) == ()
    assert await campaign.states() == [("sent", None), ("skipped", "bounced")]


async def test_a_merge_of_records_there_hides_no_reply(campaign: Campaign) -> None:
    await campaign.begin(follow_up_days=(1,))
    await campaign.release()
    await campaign.polled()
    (mail,) = campaign.mails()
    other, _ = campaign.sync.make("Other", name="Bob", email="bob@two.test")
    campaign.sync.close.store.merge_leads(mail["lead_id"], other)
    await campaign.polled()
    campaign.sync.close.mail.receive(f"Ann <{ADDRESS}>", mail["id"], "Yes.")
    await campaign.polled()
    assert await campaign.results() == ["replied"]


async def test_a_sender_whose_server_refuses_it_holds_the_campaign(campaign: Campaign) -> None:
    campaign.sync.options(refused_senders=("a@b.test",))
    await campaign.begin(follow_up_days=(1,))
    await campaign.release()
    await campaign.polled()
    assert await campaign.states() == [("failed", "sender_refused"), ("skipped", "not_sent")]
    assert await campaign.held() == ("paused", "sender_refused")
    assert await campaign.sending.by_day(campaign.id) == (), "it was sent to nobody"
    assert await campaign.sending.by_variant(campaign.id) == ()
    campaign.sync.close.mail.receive(f"Ann <{ADDRESS}>", campaign.mails()[0]["id"], "A word of my own.")
    await campaign.polled()
    assert await campaign.results() == []


async def test_a_sender_close_does_not_know_holds_the_campaign_and_what_waits_goes_back(campaign: Campaign) -> None:
    campaign.sync.options(unconnected_senders=("a@b.test",))
    await campaign.begin(people=6)
    assert await campaign.release() == 6
    await campaign.polled()
    assert await campaign.states() == [("approved", None)] * 6
    assert await campaign.held() == ("paused", "sender_refused")
    assert (campaign.mails(), (await campaign.sync.store.dead_letters.list()).items) == ([], ())
    entered = [request for request in campaign.sync.transport.requests if request.startswith("POST ")]
    assert sum("/activity/email/" in request for request in entered) <= 4, "not one by one"
    campaign.sync.options(unconnected_senders=())
    await campaign.sending.move(campaign.id, "on", now=campaign.sync.now())
    assert await campaign.held() == ("on", None)
    assert await campaign.release() == 6
    await campaign.polled()
    assert await campaign.states() == [("sent", None)] * 6
    assert len(campaign.mails()) == 6


ID = UUID(int=1)


def mail(external_id: str, at_s: int, base: Any, **about: Any) -> RemoteMail:
    return RemoteMail(external_id=external_id, at=base + timedelta(seconds=at_s), **about)


def entered(base: datetime) -> EnteredMail:
    return EnteredMail(
        id=ID,
        campaign_id=ID,
        lead_id=ID,
        step=0,
        status="entered",
        mail_id="m1",
        entered_at=base,
        sent_at=None,
        contact_email=ADDRESS,
    )


@pytest.mark.parametrize(
    ("subject", "bounced"),
    [
        ("Delayed Mail (still being retried)", False),
        ("Delivery Status Notification (Delay)", False),
        ("Delivery delayed:For you", False),
        ("Warning: message 1kX0aB-0004Zq-Ur delayed 24 hours", False),
        ("Warning: could not send message for past 4 hours", False),
        ("Delivery Status Notification (Failure)", True),
        ("Undeliverable: Delivery delayed? We help", True),
    ],
)
def test_a_postmaster_who_still_tries_tells_of_no_bounce(sync: SyncWorld, subject: str, bounced: bool) -> None:
    base = sync.now()
    sent = mail("m1", 5, base, status="sent", is_incoming=False, thread_id="t1")
    about = {"from_address": "mailer-daemon@two.test", "thread_id": "t1", "text": f"To: {ADDRESS}"}
    told = findings(
        [entered(base)], [sent, mail("m2", 9, base, status="inbox", is_incoming=True, subject=subject, **about)]
    )
    assert [finding.kind for finding in told if isinstance(finding, Answered)] == ["bounced"] * bounced


def test_what_a_mailbox_shows_is_told_apart(sync: SyncWorld) -> None:
    base = sync.now()
    mine = entered(base)
    draft = mail("m1", 0, base, status="draft", is_incoming=False)
    sent = mail("m1", 5, base, status="sent", is_incoming=False, thread_id="t1")
    before = mail("m2", 1, base, status="inbox", is_incoming=True, from_address=ADDRESS)
    colleague = mail("m3", 9, base, status="inbox", is_incoming=True, from_address="boss@one.test", thread_id="t1")
    stranger = mail("m4", 9, base, status="inbox", is_incoming=True, from_address="boss@one.test", thread_id="t2")
    assert findings([mine], [draft, before]) == ()
    assert findings([mine], []) == (WentNot(ID, "discarded"),)
    assert findings([mine], [sent, before, stranger]) == (Went(ID, sent.at),)
    assert findings([mine], [sent, colleague]) == (Went(ID, sent.at), Answered(ID, ID, "replied", colleague.at))


def test_who_answers_from_another_address_of_theirs_has_answered(sync: SyncWorld) -> None:
    base = sync.now()
    mine = structs.replace(entered(base), further_emails=("ann@home.test",))
    sent = mail("m1", 5, base, status="sent", is_incoming=False, thread_id="t1")
    at_home = mail("m2", 9, base, status="inbox", is_incoming=True, from_address="ann@home.test")
    assert findings([mine], [sent, at_home]) == (Went(ID, sent.at), Answered(ID, ID, "replied", at_home.at))
