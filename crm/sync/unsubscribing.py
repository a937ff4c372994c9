"""Addresses that want nothing automatic any more: told to the CRM, and heard of from there.

Entries name an address by its hash alone, so that they tell of nobody once nobody here has it.
"""

from contextlib import suppress as without

from crm.errors import NotFound
from crm.provider import Capability, Provider
from crm.sync.further import all_of
from crm.sync.run import Run
from storage import email_address
from storage.campaigns.results import suppress
from storage.crm.inbox import InboxEntry, settle_entry
from storage.crm.outbox import OutboxEntry, Settled, settle_sent


class UnsubscriptionSender:
    """Carries out one outbox entry of kind ``unsubscription``. To tell it again changes nothing over there."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry

    async def send(self) -> None:
        """Raises CrmError; the entry is settled otherwise."""
        if Capability.MAIL not in self._provider.capabilities:
            await self._settle("skipped", error="not_supported")
            return
        address_hash = bytes.fromhex(self._entry.subject)
        contact = await self._run.store.contacts.of_address_hash(self._run.platform, address_hash)
        addresses = all_of(contact, "email") if contact is not None else ()
        address = next((each for each in addresses if email_address.hashed(each) == address_hash), None)
        if contact is None or address is None:
            await self._settle("skipped", error="no_contact")
            return
        if contact.external_id is None or await self._may_mail(contact.external_id, address):
            await self._provider.stop_mail(address)
        await self._settle("done")

    async def _may_mail(self, contact_id: str, address: str) -> bool:
        with without(NotFound):
            return await self._provider.may_mail(contact_id, address)
        return True

    async def _settle(self, state: Settled, *, error: str | None = None) -> None:
        async with self._run.writing() as transaction:
            await settle_sent(transaction, self._entry, state, now=self._run.now(), error=error)


async def read_unsubscription(run: Run, entry: InboxEntry) -> None:
    """Somebody unsubscribed over there: no campaign writes to them. That they want messages again is for them to say to
    a person."""
    async with run.writing() as transaction:
        await suppress(transaction, bytes.fromhex(entry.external_id), "unsubscribed", now=run.now())
        await settle_entry(transaction, run.platform, entry)
