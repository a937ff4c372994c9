"""In which time zone a lead is offered times."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.agents.bdr.answer import MAX_CHARS
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
    return await loaded(partial(_whereabouts, lead, now))


def zone_told(answer: Any) -> ZoneInfo | None:
    """What an answer says of it: ``{"time_zone": "Europe/Berlin"}``, or a sentence that names a zone."""
    told = answer.get("time_zone") if isinstance(answer, Mapping) else answer
    return named_zone(told[:MAX_CHARS]) if isinstance(told, str) else None


def _whereabouts(lead: LeadFacts, now: datetime) -> ZoneInfo | None:
    from pipelines.calendar.whereabouts import zone_of_addresses, zone_of_number  # noqa: PLC0415 - slow to import

    by_number = zone_of_number(lead.contact_phone, now)
    return by_number or zone_of_addresses((lead.contact_email, lead.company_website), now)
