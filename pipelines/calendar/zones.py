"""Time zones of people: how one says them, and which one somebody names. Pure, but for the file of zones."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

_SAID: Final = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Los_Angeles": "Pacific time",
    "UTC": "UTC",
    "Etc/UTC": "UTC",
}
"""Zones that nobody calls by a city."""

_NAMED: Final = {
    **{said.lower(): key for key, said in _SAID.items() if said != "UTC"},
    **dict.fromkeys(("est", "edt", "eastern standard time", "eastern daylight time"), "America/New_York"),
    **dict.fromkeys(("pst", "pdt", "pacific standard time", "pacific daylight time"), "America/Los_Angeles"),
    **dict.fromkeys(("utc", "gmt"), "UTC"),
    **dict.fromkeys(("cet", "central european time"), "Europe/Berlin"),
}
"""Names people use, where they mean one zone to nearly everybody."""

_MEAN_OTHERWISE: Final = frozenset({"center", "christmas", "easter", "jersey", "norfolk"})
"""Places with a zone of their own whose names mean something else to most: a feast, New Jersey, a port in Virginia."""

_PLACE: Final = re.compile(r"\b(?:in|from) ([a-z][a-z .']{2,30})|\b([a-z][a-z.']*(?: [a-z.']+){0,2}) time\b")


def spoken_zone(zone: ZoneInfo) -> str:
    """``Berlin time``, ``Eastern time``."""
    return _SAID.get(zone.key) or f"{zone.key.rsplit('/', 1)[-1].replace('_', ' ')} time"


def named_zone(text: str) -> ZoneInfo | None:
    """The zone a sentence names: "Pacific time", "I'm in New York", ``Europe/Berlin``; None: it names none."""
    lowered = " ".join(text.lower().split())
    for name, key in _NAMED.items():
        if re.search(rf"\b{name}\b(?! ?[+-]\d)", lowered):  # UTC-5 is not UTC
            return ZoneInfo(key)
    for written in re.findall(r"\b[a-z]+/[a-z_]+(?:/[a-z_]+)?\b", lowered):
        if written in _by_key():
            return ZoneInfo(_by_key()[written])
    for places in _PLACE.findall(lowered):
        words = "".join(places).split()
        # "in new york please", "say new york time": any run of the words may be the city.
        runs = (" ".join(words[start:end]) for start in range(len(words)) for end in range(len(words), start, -1))
        for city in runs:
            if city in _by_city():
                return ZoneInfo(_by_city()[city])
    return None


@cache
def zones_of_countries() -> Mapping[str, tuple[str, ...]]:
    """By ISO 3166 code (``DE``), the zone of most of the country first. From the tz database's zone.tab."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, key, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), key)
    return found


@cache
def _by_key() -> Mapping[str, str]:
    return {key.lower(): key for keys in zones_of_countries().values() for key in keys}


@cache
def _by_city() -> Mapping[str, str]:
    cities = {key.rsplit("/", 1)[-1].replace("_", " "): name for key, name in _by_key().items()}
    return {city: name for city, name in cities.items() if city not in _MEAN_OTHERWISE}
