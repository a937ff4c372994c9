"""Limit headers, the good and the odd ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.apollo.dialect import ApolloDialect
from crm.close.dialect import CloseDialect
from crm.http import Response
from crm.limits import count, ratelimit_header, retry_after_s, seconds
from crm.linkedin.dialect import LinkedInDialect
from storage.shared.rate_limit import Observation

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def test_closes_header() -> None:
    (seen,) = ratelimit_header({"ratelimit": "limit=100, remaining=50, reset=5"})
    assert seen == Observation("ratelimit", limit=100, remaining=50, length_s=5.0, resets_in_s=5.0)
    (decimal,) = ratelimit_header({"ratelimit": "limit=100,remaining=0,reset=0.37"})
    assert decimal.resets_in_s == 0.37


@pytest.mark.parametrize("text", ["", "limit=100", "limit=, remaining=, reset=", "limit=a, remaining=b, reset=c"])
def test_a_header_without_all_three_says_nothing(text: str) -> None:
    assert ratelimit_header({"ratelimit": text}) == ()


@given(st.text(max_size=60))
def test_no_header_text_raises(text: str) -> None:
    ratelimit_header({"ratelimit": text})
    retry_after_s({"retry-after": text}, NOW)
    count(text)
    seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        ("0.5", 0.5),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0),
        ("Mon, 21 Sep 2026 14:14:20 -0000", 60.0),
        ("Mon, 21 Sep 2026 14:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("0", 0.0),
        ("604800", 604800.0),
        ("1e12", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, expected: float | None) -> None:
    assert retry_after_s({"retry-after": text}, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("12", 12), (" 12 ", 12), ("\N{SUPERSCRIPT TWO}", None), ("9" * 10, None)]
)
def test_a_count_is_a_plain_number(text: str, expected: int | None) -> None:
    assert count(text) == expected


def test_close_waits_exactly_as_long_as_the_header_says() -> None:
    refused = answer(429, ratelimit="limit=100, remaining=0, reset=3.2", retry_after="4")
    assert CloseDialect().refusal_wait_s(refused, NOW) == 3.2
    assert CloseDialect().refusal_wait_s(answer(429, retry_after="4"), NOW) == 4.0
    assert CloseDialect().refusal_wait_s(answer(429, ratelimit_reset="7"), NOW) == 7.0
    assert CloseDialect().refusal_wait_s(answer(429), NOW) == 5.0


APOLLO = {
    "x_rate_limit_minute": "50",
    "x_minute_usage": "10",
    "x_minute_requests_left": "40",
    "x_rate_limit_hourly": "200",
    "x_hourly_requests_left": "0",
    "x_rate_limit_24_hour": "600",
    "x_24_hour_usage": "5",
}


def test_apollos_three_windows() -> None:
    assert ApolloDialect().observations(answer(**APOLLO)) == (
        Observation("minute", limit=50, remaining=40, length_s=60.0),
        Observation("hourly", limit=200, remaining=0, length_s=3600.0),
        Observation("24-hour", limit=600, remaining=595, length_s=86400.0),
    )


def test_apollos_empty_headers_say_nothing() -> None:
    assert ApolloDialect().observations(answer(**dict.fromkeys(APOLLO, ""))) == ()


def test_apollo_without_retry_after_waits_for_the_window_that_is_used_up() -> None:
    assert ApolloDialect().refusal_wait_s(answer(429, **APOLLO), NOW) == 3600.0
    assert ApolloDialect().refusal_wait_s(answer(429, **APOLLO, retry_after="12"), NOW) == 12.0
    assert ApolloDialect().refusal_wait_s(answer(429), NOW) == 60.0


def test_linkedin_begins_anew_at_midnight_utc() -> None:
    assert LinkedInDialect().refusal_wait_s(answer(429), NOW) == 86400 - NOW % 86400
    assert LinkedInDialect().budgets("api")[0].limit == 100
