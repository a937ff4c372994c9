"""Messages of a lead, and who wants none."""

from datetime import datetime

from crm.client import BACKGROUND, CallOptions
from crm.close import contacts, mails, unsubscribes
from crm.close.provided.part import ClosePart, created_after
from crm.close.records import ContactMarks, EmailActivity
from crm.mail import OutgoingMail, RemoteMail
from crm.mapping import close_mail


class CloseMail(ClosePart):
    async def enter_mail(
        self, parent_id: str, mail: OutgoingMail, *, contact_id: str | None = None, options: CallOptions = BACKGROUND
    ) -> str:
        draft = close_mail.draft(mail, parent_id, contact_id)
        return (await self.api.one(mails.create(draft), EmailActivity, options)).id

    async def mails(
        self, parent_id: str, *, since: datetime, options: CallOptions = BACKGROUND
    ) -> tuple[RemoteMail, ...]:
        start = created_after(since)
        found = await self.api.every(
            lambda skip: mails.of_lead(parent_id, created_after=start, skip=skip), EmailActivity, options
        )
        return tuple(mail for mail in map(close_mail.remote, found) if mail is not None)

    async def may_mail(self, contact_id: str, address: str, options: CallOptions = BACKGROUND) -> bool:
        there = await self.api.one(contacts.get(contact_id), ContactMarks, options)
        return not any(entry.is_unsubscribed and entry.email.lower() == address for entry in there.emails)

    async def stop_mail(self, address: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.client.send(unsubscribes.create(address), options)

    async def remove_mail(self, external_id: str, options: CallOptions = BACKGROUND) -> None:
        await self.api.remove(mails.delete(external_id), options)
