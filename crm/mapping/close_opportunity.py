"""Close's opportunities and ours, in both directions. Pure.

Close has no field for a reference of ours on every plan, so the note's last line holds it.
"""

import re
from collections.abc import Sequence

from msgspec import UNSET

from crm.close.opportunities import OpportunityChanges
from crm.close.records import Opportunity, Status
from crm.errors import InvalidRecord
from crm.opportunity import OpportunityFields, RemoteOpportunity

_MARK = re.compile(r"\s*^Ref\. (sales-agent-[0-9a-f]+)\s*\Z", re.MULTILINE)


def remote(found: Opportunity) -> RemoteOpportunity:
    """Close's opportunity in our terms."""
    note, mark = divided(found.note)
    return RemoteOpportunity(
        external_id=found.id,
        parent_id=found.lead_id,
        contact_id=found.contact_id,
        fields=OpportunityFields(
            status=found.status_label,
            value_cents=found.value,
            value_currency=found.value_currency,
            value_period=found.value_period,
            confidence_percent=found.confidence,
            note=note,
        ),
        status_kind=found.status_type,
        updated_at=found.date_updated,
        mark=mark,
    )


def changes(
    wanted: OpportunityFields, statuses: Sequence[Status], *, mark: str | None, contact_id: str | None = None
) -> OpportunityChanges:
    """What is to be written. Raises InvalidRecord for a status Close does not have."""
    return OpportunityChanges(
        contact_id=contact_id or UNSET,
        status_id=_status_id(wanted.status, statuses) if wanted.status is not None else UNSET,
        confidence=wanted.confidence_percent if wanted.confidence_percent is not None else UNSET,
        value=wanted.value_cents if wanted.value_cents is not None else UNSET,
        value_period=wanted.value_period or UNSET,
        value_currency=wanted.value_currency or UNSET,
        note=marked(wanted.note, mark) if wanted.note is not None or (mark and contact_id) else UNSET,
    )


def marked(note: str | None, mark: str | None) -> str:
    """The note with our mark as its last line."""
    return "\n".join(filter(None, [note, f"Ref. {mark}" if mark else None]))


def divided(note: str | None) -> tuple[str | None, str | None]:
    """What people wrote, and our mark."""
    found = _MARK.search(note or "")
    if found is None:
        return note or None, None
    assert note is not None  # something was found in it
    return note[: found.start()].strip() or None, found[1]


def _status_id(label: str, statuses: Sequence[Status]) -> str:
    for status in statuses:
        if status.label.casefold() == label.casefold():
            return status.id
    raise InvalidRecord("unknown_status", "there is no such status", platform="close", fields=("status",))
