"""``/opportunity/``: deals of a lead. Money is in cents."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.close.pages import page
from crm.close.records import custom_members
from crm.http import Request

READ = "opportunity:read"
WRITE = "opportunity:write"


class OpportunityChanges(Struct, frozen=True, kw_only=True):
    """What a POST sets or a PUT changes. ``value`` in cents, ``confidence`` in percent (0 to 100)."""

    contact_id: str | UnsetType = UNSET
    status_id: str | UnsetType = UNSET
    confidence: int | UnsetType = UNSET
    value: int | UnsetType = UNSET
    value_period: Literal["one_time", "monthly", "annual"] | UnsetType = UNSET
    value_currency: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET


def get(opportunity_id: str) -> Request:
    return http.get(f"/opportunity/{opportunity_id}/", READ)


def of_lead(lead_id: str, skip: int = 0) -> Request:
    return page("/opportunity/", READ, skip=skip, lead_id=lead_id)


def create(lead_id: str, draft: OpportunityChanges, custom: dict[str, Any] | None = None) -> Request:
    body = {"lead_id": lead_id} | http.members(draft) | custom_members(custom or {})
    return http.send_json("POST", "/opportunity/", WRITE, body, idempotent=False)


def update(opportunity_id: str, changes: OpportunityChanges, custom: dict[str, Any] | None = None) -> Request:
    body = http.members(changes) | custom_members(custom or {})
    return http.send_json("PUT", f"/opportunity/{opportunity_id}/", WRITE, body, idempotent=True)


def statuses() -> Request:
    return http.get("/status/opportunity/", "status:read")
