"""The event log as change feed."""

from datetime import UTC, datetime

from crm.client import BACKGROUND, CallOptions
from crm.close import changes as feed
from crm.close import events
from crm.close.provided.part import CLOCK_MARGIN, MOST_EVENT_PAGES, ClosePart, too_many_events
from crm.close.records import in_utc
from crm.contact import ChangePage
from crm.errors import BadAnswer, GiveUp


class CloseChanges(ClosePart):
    def changes_from(self, moment: datetime) -> str:
        return (moment.astimezone(UTC) - CLOCK_MARGIN).isoformat()

    async def changes(self, cursor: str, options: CallOptions = BACKGROUND) -> ChangePage:
        """Reads from a little before the cursor to now; pages come newest first, so it is all or nothing."""
        reached = in_utc(datetime.fromisoformat(cursor))
        start = reached - events.OVERLAP
        if datetime.fromtimestamp(self.api.client.rim.clock(), UTC) - start >= events.RETENTION:
            raise GiveUp("changes_expired", "the event log does not reach back that far", platform="close")
        reading = feed.Reading(start, reached)
        wanted = events.since(start)
        for _ in range(MOST_EVENT_PAGES):
            try:
                page, older = await self.api.event_page(wanted, options)
            except BadAnswer as error:
                raise GiveUp("changes_unreadable", "an event cannot be read", platform="close") from error
            reading.take(page)
            if older is None or events.is_past(page, start):
                return reading.page()
            wanted = events.older(older)
        raise too_many_events()
