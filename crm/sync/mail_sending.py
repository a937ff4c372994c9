"""Messages of campaigns, each entered at the CRM exactly once: sent from there, or a draft for a person to send.

The message carries the link by which its recipient unsubscribes, no other message has the same, and by it one that was
entered without an answer is known again.
"""

from datetime import datetime, timedelta
from uuid import UUID

from crm.errors import InvalidRecord
from crm.mail import OutgoingMail
from crm.provider import Capability, Provider
from crm.sync.entering import CALLED_OFF, Entered, Outcome, Skipped, enter_once, not_worth, settle
from crm.sync.mail_results import is_marked, last_written
from crm.sync.outbox import CAMPAIGN_HELD, Waits
from crm.sync.run import Run
from crm.sync.whom import contact_for
from storage.campaigns.mails import MailToSend, approve_again, hold_campaign, mail_entered, mail_to_send
from storage.campaigns.release import end_message, hold_message
from storage.crm.outbox import OutboxEntry, drop_entry, note_try

_LOOK_AGAIN_S = 300.0
_RELEASED_FOR = timedelta(minutes=30)
"""A release is for its hour and in its turn: what waited longer, because the CRM was away, is released anew."""


SENDER_REFUSED = Skipped("sender_refused")
"""The CRM does not send as this sender: no message of the campaign would fare better."""
IN_TOUCH = Skipped("in_touch")
"""Its recipient wrote to somebody here, answered another campaign meanwhile, or agreed to meet: a person is to look at
it first."""
_IN_TOUCH_FOR = timedelta(days=30)
"""As long as who answered another campaign is in touch (is_in_touch in SQL)."""
RELEASED_LONG_AGO = Skipped("released_long_ago")
"""Its recipient's working hours may be over, and many may have waited with it."""


def why_not(mail: MailToSend, waited: timedelta, wrote_at: datetime | None) -> Skipped | Waits | None:
    """Why a message is not to go out, or not now; None: it may. ``waited``: since it was released · ``wrote_at``: when
    its recipient last wrote to somebody here. Pure."""
    if mail.status not in ("queued", "failed"):
        return Skipped("not_queued")
    if mail.sending in ("off", "stopped"):
        return Skipped("campaign_stopped")
    if mail.opted_out_at is not None:
        return Skipped("opted_out")
    if mail.suppressed:
        return Skipped("suppressed")
    if mail.results:
        return Skipped(mail.results[0])
    if not mail.contact_email:
        return Skipped("no_email")
    if not mail.subject or not mail.body:
        return Skipped("no_text")
    if mail.in_touch or (
        wrote_at is not None and (mail.approved_alone_at is None or wrote_at > mail.approved_alone_at)
    ):
        return IN_TOUCH
    if waited > _RELEASED_FOR:
        return RELEASED_LONG_AGO
    return Waits(CAMPAIGN_HELD, _LOOK_AGAIN_S) if mail.sending == "paused" else None


class MailSender:
    """Carries out one outbox entry of kind ``email``. Its payload: ``message_id``, and of the release ``sender``,
    ``footer`` and the ``mark`` within that."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry
        self._message_id = UUID(str(entry.payload["message_id"]))

    async def send(self) -> Waits | None:
        """None: the entry is settled. Raises CrmError."""
        outcome = await self._enter_once()
        if isinstance(outcome, Waits):
            return outcome
        await self._settle(outcome)
        return None

    async def _enter_once(self) -> Outcome:
        run, provider, entry = self._run, self._provider, self._entry
        if (skipped := not_worth(run, provider, entry, Capability.MAIL)) is not None:
            return skipped
        contact = await contact_for(run, entry)
        if contact is None:  # the lead is gone, or has nothing by which to know a person
            return Skipped("no_contact")
        return await enter_once(run, provider, entry, contact, self)

    async def find(self, parent: str) -> str | None:
        mark = str(self._entry.payload["mark"])
        there = await self._provider.mails(parent, since=self._entry.created_at)
        return next((mail.external_id for mail in there if is_marked(mail, mark)), None)

    async def attempt(self, parent: str, contact_id: str) -> Outcome:
        run, entry = self._run, self._entry
        lead = await run.store.leads.get(UUID(entry.subject))
        address = lead.contact_email if lead is not None else None
        if address is not None and not await self._provider.may_mail(contact_id, address):
            return Skipped("unsubscribed_there")
        there = await self._provider.mails(parent, since=run.now() - _IN_TOUCH_FOR)
        async with run.writing() as transaction:
            now = run.now()
            mail = await mail_to_send(transaction, self._message_id, now=now)
            if mail is None:
                return Skipped("erased")
            if (refusal := why_not(mail, now - entry.created_at, last_written(there, address))) is not None:
                return refusal
            if not await note_try(transaction, entry, parent, now=now):
                return CALLED_OFF
        try:
            return Entered(await self._provider.enter_mail(parent, self._outgoing(mail), contact_id=contact_id), parent)
        except InvalidRecord as error:
            if "sender" in error.fields and error.outcome != "unknown":
                return SENDER_REFUSED
            raise

    def _outgoing(self, mail: MailToSend) -> OutgoingMail:
        payload = self._entry.payload
        return OutgoingMail(
            to=mail.contact_email or "",
            subject=mail.subject or "",
            text=f"{mail.body}\n\n{payload['footer']}",
            send=mail.send,
            sender=str(payload.get("sender") or ""),
            reply_to=mail.reply_to,
        )

    async def _settle(self, outcome: Entered | Skipped) -> None:
        run, now = self._run, self._run.now()
        async with run.writing() as transaction:
            if outcome == SENDER_REFUSED:
                await hold_campaign(transaction, self._message_id, "sender_refused", refused=True, now=now)
                return
            if outcome in (IN_TOUCH, RELEASED_LONG_AGO):
                send_back = hold_message if outcome == IN_TOUCH else approve_again
                await send_back(transaction, self._message_id, now=now)
                await drop_entry(transaction, self._entry)
                return
            mail = await mail_to_send(transaction, self._message_id, now=now)
            match outcome:
                case Entered(external_id, parent) if mail is not None and parent is not None:
                    await mail_entered(transaction, mail.id, external_id, parent, sent=mail.send, now=now)
                case Skipped(reason) if mail is not None and mail.status in ("queued", "failed"):
                    await end_message(transaction, mail.id, reason, now=now)
            await settle(transaction, run, self._entry, outcome)
