"""``/lead/``: companies, each with its contacts."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.http import Request

FIELDS = ("id", "name", "contacts", "opportunities", "date_created", "date_updated")
"""What is read of many at once."""
READ = "lead:read"
WRITE = "lead:write"


class LeadChanges(Struct, frozen=True, kw_only=True):
    """What a POST sets or a PUT changes: members left UNSET stay as they are."""

    name: str | UnsetType = UNSET
    contacts: tuple[dict[str, Any], ...] | UnsetType = UNSET
    """On creation only, made by ``contacts.as_body``; later contacts have their own endpoint."""


def get(lead_id: str) -> Request:
    return http.get(f"/lead/{lead_id}/", READ)


def create(draft: LeadChanges) -> Request:
    return http.send_json("POST", "/lead/", WRITE, http.members(draft), idempotent=False)


def update(lead_id: str, changes: LeadChanges) -> Request:
    return http.send_json("PUT", f"/lead/{lead_id}/", WRITE, http.members(changes), idempotent=True)
