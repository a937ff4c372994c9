"""Carries out orders to make and to change deals."""

from typing import Any

import msgspec

from crm.errors import NotFound
from crm.opportunity import OpportunityFields, RemoteOpportunity
from crm.provider import Capability
from crm.sync.activities import ActivitySender, NotReady
from crm.sync.opportunities import take_in_seen
from crm.sync.outbox import OPPORTUNITY_NOT_READY, SETTLE_S
from storage.crm_opportunities import give_up_opportunity
from storage.crm_outbox import settle_sent


class OpportunitySender(ActivitySender):
    """Carries out one outbox entry of kind ``opportunity``: a creation, or with ``changes`` a change."""

    capability = Capability.OPPORTUNITIES

    async def send(self) -> None:
        """Raises CrmError; the entry is settled otherwise."""
        if "changes" in self._entry.payload:
            await self._change()
        elif (met := await self._met()) is not None:
            await self._settle("done", met, error=None)
        else:
            await super().send()

    async def _met(self) -> str | None:
        """The id it has over there, where it was read since: its creation was not answered, and somebody may have
        deleted it meanwhile, so that looking for it would not tell."""
        row = await self._run.store.opportunities.get(self._entry.subject)
        return row.external_id if row is not None else None

    async def _change(self) -> None:
        """Setting the same values again changes nothing, so an unknown outcome is simply tried anew."""
        row = await self._run.store.opportunities.get(self._entry.subject)
        if row is None or row.deleted_at is not None:
            await self._settle("skipped", None, error="opportunity_gone")
            return
        if row.external_id is None:
            raise NotReady(OPPORTUNITY_NOT_READY, "the deal is not in the CRM yet", retry_after_s=SETTLE_S)
        changes = msgspec.convert(self._entry.payload["changes"], OpportunityFields)
        try:
            seen = await self._provider.update_opportunity(row.external_id, changes)
        except NotFound:
            await self._settle("skipped", row.external_id, error="opportunity_gone")
            return
        async with self._run.writing() as transaction:
            await take_in_seen(transaction, self._run, seen)
            await settle_sent(transaction, self._entry, "done", now=self._run.now(), external_id=seen.external_id)

    async def _settle(self, state: Any, external_id: str | None, *, error: str | None) -> None:
        """One that is not made is gone here too: what waits for it would wait for ever."""
        async with self._run.writing() as transaction:
            if state == "skipped" and "changes" not in self._entry.payload:
                await give_up_opportunity(transaction, self._entry.subject, now=self._run.now())
            await settle_sent(
                transaction, self._entry, state, now=self._run.now(), external_id=external_id, error=error
            )

    async def _find(self, parent: str) -> str | None:
        found = await self._provider.find_opportunity(parent, self._reference)
        return await self._linked(found) if found is not None else None

    async def _enter(self, parent: str, contact_id: str) -> str:
        fields = msgspec.convert(self._entry.payload["fields"], OpportunityFields)
        made = await self._provider.create_opportunity(parent, fields, reference=self._reference, contact_id=contact_id)
        return await self._linked(made)

    async def _linked(self, deal: RemoteOpportunity) -> str:
        """Ours is that one, by the mark it carries."""
        async with self._run.writing() as transaction:
            await take_in_seen(transaction, self._run, deal)
        self._run.made_ready.add(OPPORTUNITY_NOT_READY)
        return deal.external_id
