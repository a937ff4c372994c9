"""``/activity/``: everything that happened with a lead, of all kinds."""

from collections.abc import Sequence

from crm.close.pages import page
from crm.http import Request

READ = "activity:read"


def of_lead(lead_id: str, *, kinds: Sequence[str] = (), created_after: str | None = None, skip: int = 0) -> Request:
    """Newest first. ``kinds`` are Close's names (Call, Note, Email …), ``created_after`` ISO 8601, exclusive."""
    return page(
        "/activity/", READ, skip=skip, lead_id=lead_id, _type__in=tuple(kinds) or None, date_created__gt=created_after
    )
