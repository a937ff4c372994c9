"""Reads what came of a campaign's messages: the mail of a record they were entered with. Of all other records nothing
is asked for."""

from datetime import timedelta

from crm.errors import NotFound
from crm.provider import Capability, Provider
from crm.sync.mail_results import Answered, AnsweredAnother, Finding, Went, WentNot, findings
from crm.sync.run import Run
from storage import email_address
from storage.campaigns.mails import hold_campaign, mail_failed, mail_sent
from storage.campaigns.results import add_result, end_rest, suppress
from storage.crm.inbox import InboxEntry, settle_entry
from storage.crm.outbox import tell_unsubscription
from storage.postgres.database import Transaction

ANSWERED_WITHIN = timedelta(days=60)
"""What comes later has other reasons."""


async def read_mail(run: Run, provider: Provider, entry: InboxEntry) -> None:
    """Raises CrmError; the entry is settled otherwise."""
    parent = await run.store.contacts.current_name(run.platform, entry.external_id)
    after = run.now() - ANSWERED_WITHIN
    ours = await run.store.campaigns.of_parent(run.platform, parent, after=after)
    found: tuple[Finding, ...] = ()
    if ours and Capability.MAIL in provider.capabilities:
        try:
            there = await provider.mails(parent, since=ours[0].entered_at)
        except NotFound:  # the record is gone, with its mail
            there = None
        found = findings(ours, there) if there is not None else ()
    async with run.writing() as transaction:
        for finding in found:
            await _note(transaction, run, finding)
        await settle_entry(transaction, run.platform, entry)


async def _note(transaction: Transaction, run: Run, finding: Finding) -> None:
    """Noting it again changes nothing."""
    now = run.now()
    match finding:
        case Went(message_id, at):
            await mail_sent(transaction, message_id, at, now=now)
        case WentNot(message_id, reason):
            await mail_failed(transaction, message_id, reason, now=now)
            if reason == "sender_refused":
                await hold_campaign(transaction, message_id, reason, now=now)
        case AnsweredAnother(campaign_id, lead_id, at):
            await end_rest(transaction, campaign_id, lead_id, "replied", now=at)
        case Answered(campaign_id, lead_id, kind, at, address):
            await add_result(transaction, campaign_id, lead_id, kind, at=at)
            if address is not None and kind != "replied":
                address_hash = email_address.hashed(address)
                await suppress(transaction, address_hash, kind, now=now)
                if kind == "unsubscribed":
                    await tell_unsubscription(transaction, run.platform, address_hash, now=now)
