"""In which time zone somebody probably is, by a telephone number or an address. Slow to import: not for the event loop.

Nothing is guessed: what leaves several zones with different clocks (a toll-free number, a country with many) tells
nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from pipelines.calendar.zones import zones_of_countries

_ANYWHERE: Final = frozenset(
    "ac ad ag ai am as bz cc cd co cx dj fm gg gl io im is la ly me ms mu nu pw sc sh so sr st tk to tv vc ws".split()
)
"""Countries' domains that the whole world uses."""

_COUNTRY_OF: Final = {"uk": "GB"}
"""Domains that are not the ISO code of their country."""

_HALF_A_YEAR: Final = timedelta(days=182)


def zone_of_number(number: str | None, now: datetime) -> ZoneInfo | None:
    """``number``: E.164, as leads keep it. By its area where that tells, else by its country."""
    return _only(_keys_of_number(number), now)


def zones_of_number(number: str | None) -> tuple[ZoneInfo, ...]:
    """Every zone it may be in; none: nothing tells."""
    try:
        return tuple(ZoneInfo(key) for key in _keys_of_number(number))
    except (ZoneInfoNotFoundError, ValueError):
        return ()


def _keys_of_number(number: str | None) -> tuple[str, ...]:
    try:
        parsed = phonenumbers.parse(number or "")
    except phonenumbers.NumberParseException:
        return ()
    keys = tuple(time_zones_for_number(parsed))
    if keys != (UNKNOWN_TIMEZONE,):
        return keys
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return tuple(key for region in regions for key in zones_of_countries().get(region, ()))


def zone_of_addresses(addresses: Iterable[str | None], now: datetime) -> ZoneInfo | None:
    """E-mail addresses and sites, by the country their domain names."""
    for address in addresses:
        host = (address or "").rsplit("@", 1)[-1].split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
        domain = host.rstrip(".").rsplit(".", 1)[-1].lower()
        if domain in _ANYWHERE:
            continue
        zone = _only(zones_of_countries().get(_COUNTRY_OF.get(domain, domain.upper()), ()), now)
        if zone is not None:
            return zone
    return None


def _only(keys: Iterable[str], now: datetime) -> ZoneInfo | None:
    """The zone whose clock they all go by, summer and winter."""
    try:
        zones = [ZoneInfo(key) for key in keys]
    except (ZoneInfoNotFoundError, ValueError):
        return None
    clocks = {tuple(at.astimezone(zone).utcoffset() for at in (now, now + _HALF_A_YEAR)) for zone in zones}
    return zones[0] if len(clocks) == 1 else None
