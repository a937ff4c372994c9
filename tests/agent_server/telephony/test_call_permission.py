"""Whether somebody may be called: the decision, at every hour and on both sides of a change of clocks."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.telephony.outbound.permission import (
    DAY,
    PERMITTED,
    CallFacts,
    CallingRules,
    Refused,
    is_within_hours,
    may_call,
)
from agent_server.telephony.outbound.place import told_zone

NEW_YORK, LOS_ANGELES, BERLIN = map(ZoneInfo, ("America/New_York", "America/Los_Angeles", "Europe/Berlin"))
RULES = CallingRules(consents=frozenset({"express_written", "existing_relationship"}))
NOON = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
"""Noon in New York, nine in Los Angeles."""

ZONES = st.sampled_from(
    [
        "America/New_York",
        "America/Los_Angeles",
        "America/St_Johns",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Africa/Cairo",
    ]
).map(ZoneInfo)
CHANGES_OF_CLOCKS = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # United States
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Europe
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe: half an hour
]
MOMENTS = st.one_of(
    st.integers(0, 365 * 1440).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES_OF_CLOCKS),
        st.integers(-2 * 1440, 2 * 1440),
    ),
)


def facts(**given_facts: Any) -> CallFacts:
    return CallFacts(**{"consent": "express_written", "zones": (NEW_YORK,), **given_facts})


def code(decision: object) -> str:
    return decision.code if isinstance(decision, Refused) else "permitted"


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        ({}, "permitted"),
        ({"suppressed": True}, "do_not_call"),
        ({"consent": None}, "no_consent"),
        ({"consent": "none"}, "no_consent"),
        ({"consent": "existing_relationship", "consent_until": NOON + timedelta(days=1)}, "permitted"),
        ({"consent": "existing_relationship", "consent_until": NOON}, "no_consent"),
        ({"in_call": True}, "already_in_call"),
        ({"attempts": tuple(NOON - timedelta(hours=hours) for hours in (1, 2, 3))}, "too_many_attempts"),
        ({"attempts": tuple(NOON - timedelta(hours=hours) for hours in (1, 2, 24))}, "permitted"),
        ({"zones": ()}, "outside_calling_hours"),
        ({"zones": (BERLIN,)}, "permitted"),
        ({"zones": (NEW_YORK, ZoneInfo("Pacific/Honolulu"))}, "outside_calling_hours"),
        ({"suppressed": True, "consent": None, "zones": ()}, "do_not_call"),
        ({"called_off": True, "suppressed": True}, "list_not_running"),
        ({"in_call": True, "attempts": (NOON, NOON, NOON)}, "already_in_call"),
        ({"attempts": (NOON, NOON, NOON), "zones": ()}, "too_many_attempts"),
    ],
)
def test_each_rule(given_facts: dict[str, Any], expected: str) -> None:
    assert code(may_call(facts(**given_facts), RULES, NOON)) == expected


def test_the_hours_begin_at_eight_and_end_before_nine_in_the_evening() -> None:
    def at(hour: int, minute: int) -> str:
        return code(may_call(facts(), RULES, datetime(2026, 6, 10, hour, minute, tzinfo=NEW_YORK)))

    assert [at(7, 59), at(8, 0), at(20, 59), at(21, 0)] == [
        "outside_calling_hours",
        "permitted",
        "permitted",
        "outside_calling_hours",
    ]


def test_who_may_be_in_several_zones_is_called_when_all_of_them_allow_it() -> None:
    refused = may_call(facts(zones=(NEW_YORK, LOS_ANGELES)), RULES, datetime(2026, 6, 10, 9, tzinfo=NEW_YORK))
    assert isinstance(refused, Refused)
    assert refused.retry_at == datetime(2026, 6, 10, 8, tzinfo=LOS_ANGELES)


def test_after_too_many_attempts_the_next_is_a_day_after_the_oldest_and_within_hours() -> None:
    first = datetime(2026, 6, 9, 20, 30, tzinfo=NEW_YORK)
    now = first + timedelta(minutes=20)
    refused = may_call(facts(attempts=(first, first, now)), RULES, now)
    assert isinstance(refused, Refused)
    assert refused.retry_at == first + DAY


def test_written_consent_is_needed_unless_the_operator_says_that_another_is_enough() -> None:
    rules = CallingRules(consents=frozenset({"express", "express_written"}))
    assert code(may_call(facts(consent="express"), CallingRules(), NOON)) == "no_consent"
    assert code(may_call(facts(consent="express"), rules, NOON)) == "permitted"
    assert code(may_call(facts(consent="existing_relationship"), rules, NOON)) == "no_consent"


@pytest.mark.parametrize(
    ("given_facts", "why"),
    [
        ({"consent": None}, "no record"),
        ({"consent": "none"}, "does not agree"),
        ({"consent": "express"}, "express is not enough"),
        ({"consent_until": NOON}, "has ended"),
    ],
)
def test_whose_consent_is_missing_it_is_said_what_is_missing(given_facts: dict[str, Any], why: str) -> None:
    refused = may_call(facts(**given_facts), RULES, NOON)
    assert isinstance(refused, Refused)
    assert why in refused.message
    assert refused.retry_at is None, "waiting does not help"


def test_whose_attempts_are_used_up_and_whose_time_is_not_known_is_not_promised_one() -> None:
    refused = may_call(facts(attempts=(NOON, NOON, NOON), zones=()), RULES, NOON)
    assert isinstance(refused, Refused)
    assert refused.retry_at is None


@given(now=MOMENTS, zones=st.lists(ZONES, min_size=1, max_size=3), opens=st.integers(0, 14), length=st.integers(1, 9))
def test_the_time_to_try_again_is_the_first_that_is_permitted(
    now: datetime, zones: list[ZoneInfo], opens: int, length: int
) -> None:
    rules = CallingRules(opens=time(opens), closes=time(opens + length))
    asked = facts(zones=tuple(zones))
    decision = may_call(asked, rules, now)
    if decision == PERMITTED:
        assert all(opens <= now.astimezone(zone).hour < opens + length for zone in zones)
        return
    assert isinstance(decision, Refused)
    until = decision.retry_at or now + timedelta(days=2)
    if decision.retry_at is not None:
        assert may_call(asked, rules, decision.retry_at) == PERMITTED
    step = timedelta(minutes=15)
    between = (now + step * number for number in range(int((until - now) / step) + 1))
    assert not any(is_within_hours(zones, rules, at) for at in between if at < until)


@given(
    now=MOMENTS,
    zone=ZONES,
    ago=st.lists(st.integers(0, 60 * 48), max_size=8),
    limit=st.integers(1, 4),
)
def test_never_more_attempts_than_allowed_within_any_24_hours(
    now: datetime, zone: ZoneInfo, ago: list[int], limit: int
) -> None:
    attempts = tuple(now - timedelta(minutes=minutes) for minutes in ago)
    rules = CallingRules(attempts_a_day=limit)
    decision = may_call(facts(zones=(zone,), attempts=attempts), rules, now)
    if decision == PERMITTED:
        assert sum(at > now - DAY for at in attempts) < limit


@given(now=MOMENTS, zones=st.lists(ZONES, max_size=2), consent=st.sampled_from([None, "none"]))
def test_nobody_is_called_without_consent_or_against_their_wish(
    now: datetime, zones: list[ZoneInfo], consent: Any
) -> None:
    assert may_call(facts(consent=consent, zones=tuple(zones)), RULES, now) != PERMITTED
    assert may_call(facts(suppressed=True, zones=tuple(zones)), RULES, now) != PERMITTED


@pytest.mark.parametrize(
    ("told", "zones"),
    [
        ("America/Phoenix", ["America/Phoenix"]),
        ("US/Eastern", ["US/Eastern"]),
        ("Etc/GMT+5", ["Etc/GMT+5"]),
        ("Pacific time", ["America/Los_Angeles"]),
        ("EST", ["America/New_York"]),  # not Panama's clock, an hour behind all summer
        ("MST", []),  # Denver's or Phoenix's
        ("GMT", []),  # London's, but not in summer
        ("UTC", []),  # nobody lives by it: left by a program
        ("Etc/UTC", []),
        ("UCT", []),
        ("Etc/UCT", []),
        ("Universal", []),
        ("Etc/Universal", []),
        ("Zulu", []),
        ("Etc/Zulu", []),
        ("UTC-5", []),  # is not UTC
        ("GMT+10", []),
        ("somewhere", []),
        (None, []),
    ],
)
def test_a_zone_of_a_lead_counts_where_it_is_their_clock_all_year(told: str | None, zones: list[str]) -> None:
    assert [zone.key for zone in told_zone(told)] == zones
