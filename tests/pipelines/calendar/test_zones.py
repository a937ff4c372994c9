"""Which zone a sentence names, and which a number or an address tells."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.calendar.whereabouts import zone_of_addresses, zone_of_number
from pipelines.calendar.zones import named_zone, spoken_zone

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def key(zone: ZoneInfo | None) -> str | None:
    return zone.key if zone is not None else None


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+12125550123", "America/New_York"),
        ("+13035550123", "America/Denver"),
        ("+493012345678", "Europe/Berlin"),
        ("+447700900123", "Europe/London"),
        ("+18005550123", None),  # toll-free: anywhere
        ("+79161234567", None),  # eleven clocks
        ("+15555550100", None),
        ("+999", None),
        ("no number", None),
        (None, None),
    ],
)
def test_a_number_tells_where_it_can(number: str | None, zone: str | None) -> None:
    assert key(zone_of_number(number, NOW)) == zone


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("jo@initech.de", "Europe/Berlin"),
        ("https://www.initech.co.uk:8080/about", "Europe/London"),
        ("initech.it", "Europe/Rome"),
        ("jo@initech.com", None),
        ("initech.io", None),  # a country's, used by everybody
        ("jo@initech.us", None),  # a country of many clocks
        ("", None),
        (None, None),
    ],
)
def test_an_address_tells_its_country(address: str | None, zone: str | None) -> None:
    assert key(zone_of_addresses([address], NOW)) == zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("I'm in New York", "America/New_York"),
        ("yes, Pacific time please", "America/Los_Angeles"),
        ("Tuesday at ten Berlin time works", "Europe/Berlin"),
        ("europe/london", "Europe/London"),
        ("two o'clock GMT", "UTC"),
        ("two o'clock GMT+2", None),
        ("I'm on UTC -5", None),
        ("in the morning", None),
        ("I'm in New Jersey", None),
        ("I'm in Norfolk, Virginia", None),
        ("three o'clock, around Christmas time", None),
        ("in the center of Berlin", "Europe/Berlin"),
        ("I am in a meeting in March", None),
        ("some other time", None),
        ("any/thing", None),
        ("", None),
    ],
)
def test_a_sentence_names_a_zone(text: str, zone: str | None) -> None:
    assert key(named_zone(text)) == zone


def test_a_zone_as_one_says_it() -> None:
    said = [spoken_zone(ZoneInfo(name)) for name in ("America/Chicago", "America/Sao_Paulo", "UTC")]
    assert said == ["Central time", "Sao Paulo time", "UTC"]
