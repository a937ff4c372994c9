"""By which clock a lead lives."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from pipelines.agents.lead import LeadFacts
from pipelines.calendar.rules import read_zone
from pipelines.calendar.zones import named_zone
from pipelines.loading import loaded


async def zone_of(lead: LeadFacts, now: datetime) -> ZoneInfo | None:
    """The one that was told, else that of the telephone number, else that of the country an address names. None:
    nothing tells it."""
    if lead.time_zone is not None:
        try:
            return read_zone(lead.time_zone)
        except ValueError:
            if (named := named_zone(lead.time_zone)) is not None:
                return named
    if not (lead.contact_phone or lead.contact_email or lead.company_website):
        return None
    return await loaded(partial(_whereabouts, lead, now))


def _whereabouts(lead: LeadFacts, now: datetime) -> ZoneInfo | None:
    from pipelines.calendar.whereabouts import zone_of_addresses, zone_of_number  # noqa: PLC0415 - slow to import

    by_number = zone_of_number(lead.contact_phone, now)
    return by_number or zone_of_addresses((lead.contact_email, lead.company_website), now)
