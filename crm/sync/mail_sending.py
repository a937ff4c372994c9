"""Messages of campaigns, each entered at the CRM exactly once: sent from there, or a draft for a person to send.

The message carries the link by which its recipient unsubscribes, no other message has the same, and by it one that was
entered without an answer is known again.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from crm.errors import InvalidRecord
from crm.mail import OutgoingMail
from crm.provider import Capability
from crm.sync.activities import ActivitySender, NotEntered, NotReady
from crm.sync.mail_results import is_marked
from storage.campaign_sending import (
    MailToSend,
    approve_again,
    end_message,
    hold_campaign,
    hold_message,
    mail_entered,
    mail_to_send,
)
from storage.crm_outbox import drop_entry, settle_sent
from storage.database import Transaction

CAMPAIGN_HELD = "campaign_paused"
_LOOK_AGAIN_S = 300.0
_RELEASED_FOR = timedelta(minutes=30)
"""A release is for its hour and in its turn: what waited longer, because the CRM was away, is released anew."""


def why_not(mail: MailToSend | None) -> str | None:
    """Why a message is not to go out any more; None: it may. Pure."""
    if mail is None:
        return "erased"
    if mail.status not in ("queued", "failed"):
        return "not_queued"
    if mail.sending in ("off", "stopped"):
        return "campaign_stopped"
    if mail.opted_out_at is not None:
        return "opted_out"
    if mail.suppressed:
        return "suppressed"
    if mail.results:
        return str(mail.results[0])
    if not mail.contact_email:
        return "no_email"
    return None if mail.subject and mail.body else "no_text"


class SenderRefused(Exception):  # noqa: N818 - names the fact
    """The CRM does not send as this sender: no message of the campaign would fare better."""


class InTouch(Exception):  # noqa: N818 - names the fact
    """Its recipient answered another campaign meanwhile, or agreed to meet: a person is to look at it first."""


class ReleasedLongAgo(Exception):  # noqa: N818 - names the fact
    """Its recipient's working hours may be over, and many may have waited with it."""


class MailSender(ActivitySender):
    """Carries out one outbox entry of kind ``email``. Its payload: ``message_id``, and of the release ``sender``,
    ``footer`` and the ``mark`` within that."""

    capability = Capability.MAIL
    _mail: MailToSend
    _parent: str

    @property
    def _message_id(self) -> UUID:
        return UUID(str(self._entry.payload["message_id"]))

    async def send(self) -> None:
        try:
            await super().send()
        except SenderRefused:
            now = self._run.now()
            async with self._run.writing() as transaction:
                await hold_campaign(transaction, self._message_id, "sender_refused", refused=True, now=now)
        except InTouch:
            async with self._run.writing() as transaction:
                await hold_message(transaction, self._message_id, now=self._run.now())
                await drop_entry(transaction, self._entry)
        except ReleasedLongAgo:
            async with self._run.writing() as transaction:
                await approve_again(transaction, self._message_id, now=self._run.now())
                await drop_entry(transaction, self._entry)

    async def _nobody(self) -> None:
        """The lead is gone, or has nothing by which to know a person."""
        await self._settle("skipped", None, error="no_contact")

    async def _enter_once(self, parent: str, contact_id: str) -> str:
        self._parent = parent
        return await super()._enter_once(parent, contact_id)

    async def _prepare(self, contact_id: str) -> None:
        lead = await self._run.store.leads.get(UUID(self._entry.subject))
        address = lead.contact_email if lead is not None else None
        if address is not None and not await self._provider.may_mail(contact_id, address):
            raise NotEntered("unsubscribed_there")

    async def _permit(self, transaction: Transaction) -> None:
        mail = await mail_to_send(transaction, self._message_id, now=self._run.now())
        if (reason := why_not(mail)) is not None:
            raise NotEntered(reason)
        assert mail is not None, "or there would be a reason"
        if mail.in_touch:
            raise InTouch
        if self._run.now() - self._entry.created_at > _RELEASED_FOR:
            raise ReleasedLongAgo
        if mail.sending == "paused":
            raise NotReady(CAMPAIGN_HELD, "the campaign is paused", retry_after_s=_LOOK_AGAIN_S)
        self._mail = mail

    async def _find(self, parent: str) -> str | None:
        mark = str(self._entry.payload["mark"])
        there = await self._provider.mails(parent, since=self._entry.created_at)
        return next((mail.external_id for mail in there if is_marked(mail, mark)), None)

    async def _enter(self, parent: str, contact_id: str) -> str:
        mail, payload = self._mail, self._entry.payload
        outgoing = OutgoingMail(
            to=mail.contact_email or "",
            subject=mail.subject or "",
            text=f"{mail.body}\n\n{payload['footer']}",
            send=mail.send,
            sender=str(payload.get("sender") or ""),
            reply_to=mail.reply_to,
        )
        try:
            return await self._provider.enter_mail(parent, outgoing, contact_id=contact_id)
        except InvalidRecord as error:
            if "sender" in error.fields and error.outcome != "unknown":
                raise SenderRefused from error
            raise

    async def _settle(self, state: Any, external_id: str | None, *, error: str | None) -> None:
        run, now = self._run, self._run.now()
        async with run.writing() as transaction:
            mail = await mail_to_send(transaction, self._message_id, now=now)
            if mail is not None and external_id is not None:
                await mail_entered(transaction, mail.id, external_id, self._parent, sent=mail.send, now=now)
            elif mail is not None and mail.status in ("queued", "failed"):
                await end_message(transaction, mail.id, error or "not_sent", now=now)
            await settle_sent(transaction, self._entry, state, now=now, external_id=external_id, error=error)
