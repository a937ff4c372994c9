"""What an outcome of a conversation makes of the lead. Pure: values in, values out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from storage.leads.answers import of_both
from storage.leads.further import all_of
from storage.leads.records import FACTS, FURTHER, TEXT_FIELDS, LeadRecord, LeadStatus, spelled

OutcomeKind = Literal["meeting", "opt_out", "handoff", "lead_update"]

SOURCE = "conversation"
"""The source of a lead that a conversation brought."""

_MAX_TEXT_CHARS = 2_000
_MAX_PEOPLE = 100_000_000
_ARGUMENTS = {
    "name": "contact_name",
    "email": "contact_email",
    "phone": "contact_phone",
    "title": "contact_title",
    "company": "company_name",
    "website": "company_website",
}
"""Names the tools use for fields of a lead; the fields' own names are taken too."""
_TELLING = frozenset({"meeting", "lead_update"})
_CALLERS_OWN = frozenset({"need", "team_size", "budget", "authority", "timing", "time_zone"})
"""Facts the person on the line knows best: the newest word counts, whatever was written down before."""
_STATUS_OF: dict[str, LeadStatus] = {"meeting_booked": "meeting_booked", "not_interested": "not_interested"}
_SETTLED: frozenset[LeadStatus] = frozenset({"customer", "lost"})
"""What operators decide, and no conversation takes back."""


def said(kind: OutcomeKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a lead that an outcome tells, as they are kept; what has not the right form tells nothing."""
    if kind not in _TELLING:
        return {}
    told: dict[str, Any] = {}
    for argument, value in data.items():
        name = _ARGUMENTS.get(argument, argument)
        if name in TEXT_FIELDS and isinstance(value, str) and name not in ("notes", "source"):
            told[name] = value[:_MAX_TEXT_CHARS]
        elif name == "team_size" and type(value) is int and 0 <= value <= _MAX_PEOPLE:
            told[name] = value
    return {name: value for name, value in spelled(told).items() if value is not None}


def after_outcome(
    lead: LeadRecord,
    kind: OutcomeKind,
    data: Mapping[str, Any],
    *,
    told: Mapping[str, Any],
    before: Iterable[Mapping[str, Any]],
    now: datetime,
) -> LeadRecord:
    """The lead after an outcome. ``told``: what of it is for this lead (``said``) · ``before``: what the same
    conversation said earlier.

    What others wrote down stays; a fact is replaced where it is the caller's own, or where the conversation itself had
    said it otherwise.
    """
    earlier = [*before]
    changes: dict[str, Any] = {}
    for name, value in told.items():
        current = getattr(lead, name)
        own = name in _CALLERS_OWN or any(current == told.get(name) for told in earlier)
        if name in FURTHER and value in all_of(lead, name):
            continue
        if current is None or (own and current != value):
            changes[name] = value
    if kind == "opt_out" and lead.opted_out_at is None:
        changes["opted_out_at"] = now
    if status := _status(lead, kind, data):
        changes["status"] = status
    referral = data.get("referral") if kind == "lead_update" else None
    if isinstance(referral, str) and referral.strip():
        changes["custom"] = {**lead.custom, "referral": referral.strip()[:_MAX_TEXT_CHARS]}
    return msgspec.structs.replace(lead, **changes, updated_at=now) if changes else lead


def is_same_person(lead: LeadRecord, told: Mapping[str, Any]) -> bool:
    """Whether a lead found by number may be who is talking: an office shares a number, nobody an address."""
    email = told.get("contact_email")
    return email is None or lead.contact_email is None or email in all_of(lead, "contact_email")


def is_nobody(lead: LeadRecord) -> bool:
    """Whether a conversation brought it and it was never said who that was."""
    return lead.source == SOURCE and lead.contact_email is None and lead.contact_name is None


def carried_over(kept: LeadRecord, gone: LeadRecord, *, now: datetime) -> LeadRecord:
    """The lead that stays when two are one person: with what it lacks and the other had."""
    lacking = {
        name: value
        for name in (*FACTS, "opted_out_at")
        if getattr(kept, name) is None and (value := getattr(gone, name)) is not None and name != "source"
    }
    custom = {**gone.custom, **kept.custom}
    return msgspec.structs.replace(kept, **lacking, custom=custom, **of_both(kept, gone), updated_at=now)


def _status(lead: LeadRecord, kind: OutcomeKind, data: Mapping[str, Any]) -> LeadStatus | None:
    if lead.status in _SETTLED:
        return None
    wanted = "meeting_booked" if kind == "meeting" else data.get("outcome") if kind == "lead_update" else None
    status = _STATUS_OF.get(wanted) if isinstance(wanted, str) else None
    return status if status != lead.status else None
