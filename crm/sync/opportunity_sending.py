"""Carries out orders to make and to change deals."""

import msgspec

from crm.errors import NotFound
from crm.opportunity import OpportunityFields, RemoteOpportunity
from crm.provider import Capability, Provider
from crm.sync.entering import CALLED_OFF, Entered, Outcome, Skipped, enter_once, is_noted, nobody, not_worth, settle
from crm.sync.opportunities import take_in_seen
from crm.sync.outbox import OPPORTUNITY_NOT_READY, SETTLE_S, Waits, wire_reference
from crm.sync.run import Run
from crm.sync.whom import contact_for
from storage.crm.opportunities import give_up_opportunity
from storage.crm.outbox import OutboxEntry, settle_sent


class OpportunitySender:
    """Carries out one outbox entry of kind ``opportunity``: a creation, or with ``changes`` a change."""

    def __init__(self, run: Run, provider: Provider, entry: OutboxEntry) -> None:
        self._run = run
        self._provider = provider
        self._entry = entry
        self._reference = wire_reference(entry.reference)

    async def send(self) -> Waits | None:
        """None: the entry is settled. Raises CrmError."""
        if "changes" in self._entry.payload:
            return await self._change()
        outcome = await self._make()
        if isinstance(outcome, Waits):
            return outcome
        async with self._run.writing() as transaction:
            if isinstance(outcome, Skipped):  # it is gone here too: what waits for it would wait for ever
                await give_up_opportunity(transaction, self._entry.subject, now=self._run.now())
            await settle(transaction, self._run, self._entry, outcome)
        return None

    async def _make(self) -> Outcome:
        run, provider, entry = self._run, self._provider, self._entry
        row = await run.store.opportunities.get(entry.subject)
        if row is not None and row.external_id is not None:
            # It was read since: its creation was not answered, and somebody may have deleted it meanwhile, so that
            # looking for it would not tell.
            return Entered(row.external_id, row.parent_id)
        if (skipped := not_worth(run, provider, entry, Capability.OPPORTUNITIES)) is not None:
            return skipped
        contact = await contact_for(run, entry)
        if contact is None:
            return await nobody(run, entry)
        return await enter_once(run, provider, entry, contact, self)

    async def find(self, parent: str) -> str | None:
        found = await self._provider.find_opportunity(parent, self._reference)
        return await self._linked(found) if found is not None else None

    async def attempt(self, parent: str, contact_id: str) -> Outcome:
        if not await is_noted(self._run, self._entry, parent):
            return CALLED_OFF
        fields = msgspec.convert(self._entry.payload["fields"], OpportunityFields)
        made = await self._provider.create_opportunity(parent, fields, reference=self._reference, contact_id=contact_id)
        return Entered(await self._linked(made), parent)

    async def _linked(self, deal: RemoteOpportunity) -> str:
        """Ours is that one, by the mark it carries."""
        async with self._run.writing() as transaction:
            await take_in_seen(transaction, self._run, deal)
        self._run.made_ready.add(OPPORTUNITY_NOT_READY)
        return deal.external_id

    async def _change(self) -> Waits | None:
        """Setting the same values again changes nothing, so an unknown outcome is simply tried anew."""
        run, entry = self._run, self._entry
        row = await run.store.opportunities.get(entry.subject)
        if row is None or row.deleted_at is not None:
            await self._settle_gone(None)
            return None
        if row.external_id is None:
            return Waits(OPPORTUNITY_NOT_READY, SETTLE_S)
        changes = msgspec.convert(entry.payload["changes"], OpportunityFields)
        try:
            seen = await self._provider.update_opportunity(row.external_id, changes)
        except NotFound:
            await self._settle_gone(row.external_id)
            return None
        async with run.writing() as transaction:
            await take_in_seen(transaction, run, seen)
            await settle_sent(transaction, entry, "done", now=run.now(), external_id=seen.external_id)
        return None

    async def _settle_gone(self, external_id: str | None) -> None:
        run, reason = self._run, "opportunity_gone"
        async with run.writing() as transaction:
            await settle_sent(transaction, self._entry, "skipped", now=run.now(), external_id=external_id, error=reason)
