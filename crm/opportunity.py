"""Deals, in the product's own terms."""

from datetime import datetime

from msgspec import Struct

from storage.crm.opportunities import StatusKind, ValuePeriod


class OpportunityFields(Struct, frozen=True, omit_defaults=True):
    """A deal's own data. None: unknown; in a change: leave as it is. ``value_cents`` in hundredths of
    ``value_currency`` (ISO 4217), each ``value_period``; ``status`` by its name over there."""

    status: str | None = None
    value_cents: int | None = None
    value_currency: str | None = None
    value_period: ValuePeriod | None = None
    confidence_percent: int | None = None
    note: str | None = None


class RemoteOpportunity(Struct, frozen=True):
    """A deal as it stands at a provider. ``mark``: what we left when we made it."""

    external_id: str
    parent_id: str
    fields: OpportunityFields
    status_kind: StatusKind | None = None
    contact_id: str | None = None
    updated_at: datetime | None = None
    mark: str | None = None
