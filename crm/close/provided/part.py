"""What the parts of the provider have in common."""

from datetime import datetime, timedelta

from crm.close.api import CloseApi
from crm.errors import GiveUp
from crm.mapping.close import CloseMapping

CLOCK_MARGIN = timedelta(minutes=15)
"""How far Close's clock may be from ours without anything being overlooked."""
MOST_EVENT_PAGES = 400
"""20 000 events in one reading; beyond that the change feed is behind by more than a listing costs."""


class ClosePart:
    """One account. Each part is some of a provider's methods, and is there through ``CloseProvider``."""

    api: CloseApi
    mapping: CloseMapping


def created_after(since: datetime) -> str:
    """For Close's filters of lists: what was made at ``since`` or later, by whichever clock."""
    return (since - CLOCK_MARGIN).isoformat()


def too_many_events() -> GiveUp:
    """More than ``MOST_EVENT_PAGES``."""
    return GiveUp("changes_expired", "too many events since then to read them one by one", platform="close")
