"""Deals, which are Close's opportunities."""

from crm.client import BACKGROUND, CallOptions
from crm.close import opportunities
from crm.close.provided.part import ClosePart
from crm.close.records import Opportunity, Status
from crm.mapping import close_opportunity as deals
from crm.opportunity import OpportunityFields, RemoteOpportunity


class CloseDeals(ClosePart):
    async def create_opportunity(
        self,
        parent_id: str,
        fields: OpportunityFields,
        *,
        reference: str,
        contact_id: str | None = None,
        options: CallOptions = BACKGROUND,
    ) -> RemoteOpportunity:
        draft = deals.changes(fields, await self._statuses(fields, options), mark=reference, contact_id=contact_id)
        return deals.remote(await self.api.one(opportunities.create(parent_id, draft), Opportunity, options))

    async def find_opportunity(
        self, parent_id: str, reference: str, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity | None:
        there = await self.api.every(lambda skip: opportunities.of_lead(parent_id, skip), Opportunity, options)
        return next((deal for deal in map(deals.remote, there) if deal.mark == reference), None)

    async def update_opportunity(
        self, external_id: str, changes: OpportunityFields, options: CallOptions = BACKGROUND
    ) -> RemoteOpportunity:
        mark = None
        if changes.note is not None:  # the note holds our mark, which stays
            now = await self.api.one(opportunities.get(external_id), Opportunity, options)
            mark = deals.divided(now.note)[1]
        wanted = deals.changes(changes, await self._statuses(changes, options), mark=mark)
        return deals.remote(await self.api.one(opportunities.update(external_id, wanted), Opportunity, options))

    async def _statuses(self, wanted: OpportunityFields, options: CallOptions) -> tuple[Status, ...]:
        """Close's names of statuses, where one is to be set."""
        if wanted.status is None:
            return ()
        return await self.api.every(lambda _: opportunities.statuses(), Status, options)
