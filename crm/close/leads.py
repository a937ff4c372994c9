"""``/lead/``: companies, each with its contacts."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.close.records import custom_members
from crm.http import Request

FIELDS = (
    "id",
    "name",
    "display_name",
    "description",
    "url",
    "status_id",
    "status_label",
    "contacts",
    "opportunities",
    "custom",
)
FIELDS_WITH_TIMES = (*FIELDS, "date_created", "date_updated")
READ = "lead:read"
WRITE = "lead:write"


class LeadChanges(Struct, frozen=True, kw_only=True):
    """What a PUT changes: members left UNSET stay as they are, None clears."""

    name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    status_id: str | UnsetType = UNSET
    contacts: tuple[dict[str, Any], ...] | UnsetType = UNSET
    """On creation only, made by ``contacts.as_body``; later contacts have their own endpoint."""


def get(lead_id: str) -> Request:
    return http.get(f"/lead/{lead_id}/", READ)


def create(draft: LeadChanges, custom: dict[str, Any] | None = None) -> Request:
    return http.send_json("POST", "/lead/", WRITE, http.members(draft) | custom_members(custom or {}), idempotent=False)


def update(lead_id: str, changes: LeadChanges, custom: dict[str, Any] | None = None) -> Request:
    body = http.members(changes) | custom_members(custom or {})
    return http.send_json("PUT", f"/lead/{lead_id}/", WRITE, body, idempotent=True)
