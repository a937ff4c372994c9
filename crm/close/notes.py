"""``/activity/note/``: notes on a lead, in HTML."""

from html import escape

from crm import http
from crm.close.pages import page
from crm.http import Request

READ = "activity_note:read"
WRITE = "activity_note:write"


def as_html(text: str) -> str:
    """Plain text as paragraphs, escaped: what a caller said must not become markup in somebody's browser."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text.splitlines() if line.strip())


def with_reference(text: str, reference: str) -> str:
    """The text as HTML, and a last line by which ``find_call`` and ``find_note`` know the entry again."""
    return f"{as_html(text)}<p>Ref. {escape(reference, quote=False)}</p>"


def of_lead(lead_id: str, *, created_after: str | None = None, skip: int = 0) -> Request:
    return page("/activity/note/", READ, skip=skip, lead_id=lead_id, date_created__gt=created_after)


def create(lead_id: str, note_html: str, contact_id: str | None = None) -> Request:
    body = {"lead_id": lead_id, "note_html": note_html} | ({"contact_id": contact_id} if contact_id else {})
    return http.send_json("POST", "/activity/note/", WRITE, body, idempotent=False)


def delete(note_id: str) -> Request:
    return http.delete(f"/activity/note/{note_id}/", WRITE)
