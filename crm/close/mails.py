"""``/activity/email/``: e-mail that the organisation's people sent and got, through their own connected accounts.

``draft`` is entered for a person to send; with ``outbox`` Close sends it at once, which needs a ``sender`` that is
connected. Close takes no headers of ours.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from crm import http
from crm.close.pages import page
from crm.http import Request

READ = "activity_email:read"
WRITE = "activity_email:write"


class EmailDraft(Struct, frozen=True, kw_only=True):
    """``sender`` may be left out of a draft alone."""

    lead_id: str
    contact_id: str | UnsetType = UNSET
    status: Literal["draft", "outbox"]
    to: tuple[str, ...]
    subject: str
    body_text: str
    body_html: str
    sender: str | UnsetType = UNSET
    in_reply_to_id: str | UnsetType = UNSET


def of_lead(lead_id: str, *, created_after: str | None = None, skip: int = 0) -> Request:
    """One object a message, newest first. ``created_after`` ISO 8601, exclusive."""
    return page("/activity/email/", READ, skip=skip, lead_id=lead_id, date_created__gt=created_after)


def create(draft: EmailDraft) -> Request:
    return http.send_json("POST", "/activity/email/", WRITE, http.members(draft), idempotent=False)


def delete(mail_id: str) -> Request:
    return http.delete(f"/activity/email/{mail_id}/", WRITE)
