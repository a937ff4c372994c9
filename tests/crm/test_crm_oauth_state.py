"""The signed state of a sign-in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import oauth_state

KEY = b"k" * 32
NOW = 1_790_000_000.0


def refusal(state: str, *, key: bytes = KEY, browser: str = "cookie", now: float = NOW) -> str:
    with pytest.raises(oauth_state.StateRefused) as refused:
        oauth_state.verify(key, browser, state, now)
    return refused.value.code


def test_a_state_is_good_for_its_browser_for_ten_minutes() -> None:
    state = oauth_state.signed(KEY, "cookie", NOW)
    oauth_state.verify(KEY, "cookie", state, NOW)
    oauth_state.verify(KEY, "cookie", state, NOW + 600)
    assert refusal(state, now=NOW + 601) == "expired_state"
    assert refusal(state, now=NOW - 10) == "expired_state"
    assert refusal(state, browser="another") == "invalid_state"
    assert refusal(state, browser=b"\xff".decode("utf-8", "surrogateescape")) == "invalid_state"
    assert refusal(state, key=b"x" * 32) == "invalid_state"


def test_no_two_states_are_the_same() -> None:
    assert oauth_state.signed(KEY, "cookie", NOW) != oauth_state.signed(KEY, "cookie", NOW)


@given(st.text(max_size=300))
def test_anything_else_is_refused(text: str) -> None:
    assert refusal(text) == "invalid_state"


def test_a_changed_time_breaks_the_signature() -> None:
    state = oauth_state.signed(KEY, "cookie", NOW)
    later = state.replace("1790000000", "1790009999", 1)
    assert refusal(later, now=NOW + 9999) == "invalid_state"
