"""``/contact/``: people, each belonging to one lead."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.close.pages import page
from crm.close.records import Email, Phone, Url, custom_members
from crm.http import Request

READ = "contact:read"
WRITE = "contact:write"


class ContactDraft(Struct, frozen=True, kw_only=True):
    """What a POST sets or a PUT changes: members left UNSET stay as they are.

    ``emails``, ``phones`` and ``urls`` replace the whole list, so a change is always made from the list as it stands.
    """

    name: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    emails: tuple[Email, ...] | UnsetType = UNSET
    phones: tuple[Phone, ...] | UnsetType = UNSET
    urls: tuple[Url, ...] | UnsetType = UNSET


def as_body(draft: ContactDraft, custom: dict[str, Any] | None = None) -> dict[str, Any]:
    """The draft with its custom fields, as Close writes them: on its own or within a new lead."""
    return http.members(draft) | custom_members(custom or {})


def get(contact_id: str) -> Request:
    return http.get(f"/contact/{contact_id}/", READ)


def count() -> Request:
    """As little of the list of all as there is, for its total."""
    return page("/contact/", READ, limit=1, _fields="id")


def create(lead_id: str, draft: ContactDraft, custom: dict[str, Any] | None = None) -> Request:
    body = {"lead_id": lead_id} | as_body(draft, custom)
    return http.send_json("POST", "/contact/", WRITE, body, idempotent=False)


def update(contact_id: str, changes: ContactDraft, custom: dict[str, Any] | None = None) -> Request:
    return http.send_json("PUT", f"/contact/{contact_id}/", WRITE, as_body(changes, custom), idempotent=True)


def delete(contact_id: str) -> Request:
    return http.delete(f"/contact/{contact_id}/", WRITE)
