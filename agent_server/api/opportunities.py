"""Deals at the CRMs: seen here as they stand there, made and changed by order."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.crm_sync.parts import CrmParts
from agent_server.web.errors import Problem
from crm.opportunity import OpportunityFields
from crm.provider import Capability
from storage.crm.opportunities import OpportunityRow, StatusKind, ValuePeriod
from storage.postgres.cursor import MAX_LIMIT, Page

opportunities = Resource("opportunities", "Deals at the CRMs.")

Cents = Annotated[int, Meta(ge=0, le=10**15)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Status = Annotated[str, Meta(min_length=1, max_length=200)]


class Opportunity(Struct, frozen=True, kw_only=True):
    """`external_id` is null until the deal is in the CRM. `status` is its name there, `status_kind` what it amounts to.
    `value_cents` is in hundredths of `value_currency`."""

    id: str
    platform: str
    external_id: str | None
    contact_id: str | None
    status: str | None
    status_kind: StatusKind | None
    value_cents: int | None
    value_currency: str | None
    value_period: ValuePeriod | None
    confidence_percent: int | None
    note: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class OpportunityQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None
    platform: Literal["close"] | None = None
    contact_id: str | None = None
    status_kind: StatusKind | None = None


class NewOpportunity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`status` by its name at the CRM; left out: what the CRM begins with."""

    contact_id: str
    status: Status | None = None
    value_cents: Cents | None = None
    value_currency: Currency | None = None
    value_period: ValuePeriod | None = None
    confidence_percent: Percent | None = None
    note: Text | None = None


class OpportunityChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    status: Status | None = None
    value_cents: Cents | None = None
    value_currency: Currency | None = None
    value_period: ValuePeriod | None = None
    confidence_percent: Percent | None = None
    note: Text | None = None


@opportunities.get("/api/opportunities", scope="read", summary="Deals, newest first")
async def list_opportunities(call: Call, query: OpportunityQuery) -> Page[Opportunity]:
    page = await _parts(call).store.opportunities.list(
        limit=query.limit,
        cursor=query.cursor,
        platform=query.platform,
        contact_id=query.contact_id,
        status_kind=query.status_kind,
    )
    return Page(tuple(_shown(row) for row in page.items), page.next_cursor)


@opportunities.post("/api/opportunities", scope="write", summary="Make a deal", status=201, errors=(404, 422))
async def add_opportunity(call: Call, body: NewOpportunity) -> Opportunity:
    """It is here at once, and at the CRM with the next sync, moments later."""
    parts = _parts(call)
    contact = await parts.store.contacts.get(body.contact_id)
    if contact is None or contact.deleted_at is not None:
        raise Problem(404, "contact_not_found", "There is no such contact.", param="contact_id")
    provider = parts.crm.providers.get(contact.crm_platform)
    if provider is None or Capability.OPPORTUNITIES not in provider.capabilities:
        raise Problem(422, "no_opportunities", f"{contact.crm_platform} keeps no deals.", param="contact_id")
    row = await parts.opportunities.create(contact, _fields(body), now=parts.now())
    await parts.queue.changed(contact.crm_platform)
    return _shown(row)


@opportunities.get("/api/opportunities/{id}", scope="read", summary="One deal", errors=(404,))
async def get_opportunity(call: Call) -> Opportunity:
    """Deleted ones too, with `deleted_at`."""
    return _shown(await _row(call))


@opportunities.patch("/api/opportunities/{id}", scope="write", summary="Change a deal", status=202, errors=(404,))
async def change_opportunity(call: Call, body: OpportunityChanges) -> Opportunity:
    """Carried out at the CRM, moments later, and shown once it is: the answer is the deal as it was."""
    row = await _row(call)
    if row.deleted_at is not None:
        raise _missing()
    fields = _fields(body)
    if fields != OpportunityFields():
        parts = _parts(call)
        await parts.opportunities.change(row, fields, now=parts.now())
        await parts.queue.changed(row.platform)
    return _shown(row)


async def _row(call: Call) -> OpportunityRow:
    row = await _parts(call).store.opportunities.get(call.path("id"))
    if row is None:
        raise _missing()
    return row


def _fields(body: NewOpportunity | OpportunityChanges) -> OpportunityFields:
    return OpportunityFields(**{name: getattr(body, name) for name in OpportunityFields.__struct_fields__})


def _shown(row: OpportunityRow) -> Opportunity:
    return msgspec.convert(row, Opportunity, from_attributes=True)


def _missing() -> Problem:
    return Problem(404, "opportunity_not_found", "There is no such deal.", param="id")


def _parts(call: Call) -> CrmParts:
    return call.services.crm
