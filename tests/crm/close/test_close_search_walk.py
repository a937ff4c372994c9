"""The walk over a search, against a small model of Close's search: every row comes, whatever happens to cursors, but
those of a second too full, of which the walk tells."""

from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.close import search
from crm.errors import BadAnswer

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class SmallSearch:
    """Rows sorted by time, at most ``cap`` a search, pages of ``size``; a cursor is the position in its search."""

    def __init__(self, times: list[datetime], *, cap: int, size: int) -> None:
        rows = [{"id": f"lead_{i}", "date_updated": at.isoformat()} for i, at in enumerate(times)]
        self.rows = sorted(rows, key=lambda row: (_at(row), row["id"]))
        self.times = [_at(row) for row in self.rows]
        self.cap = cap
        self.size = size

    def answer(self, state: search.Walk) -> search.SearchAnswer:
        body = msgspec.json.decode(search.request(state).body)
        conditions = body["query"]["queries"][1:]
        start = conditions[0]["condition"]["on_or_after"]["value"] if conditions else ""
        first = bisect_left(self.times, datetime.fromisoformat(start)) if start else 0
        found = self.rows[first : first + self.cap]
        begin = int(body.get("cursor", 0))
        end = begin + self.size
        return search.SearchAnswer(found[begin:end], str(end) if end < len(found) else None)


def _at(row: dict[str, Any]) -> datetime:
    """As indexed: whole milliseconds."""
    moment = datetime.fromisoformat(row["date_updated"])
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


TIMES = st.lists(st.integers(0, 6_000_000).map(lambda us: EPOCH + timedelta(microseconds=us * 10)), max_size=60)


@given(times=TIMES, expiries=st.lists(st.booleans(), max_size=200), cap=st.integers(30, 60))
def test_every_row_comes_exactly_once_or_is_told_of(times: list[datetime], expiries: list[bool], cap: int) -> None:
    limits = search.PAGE_SIZE, search.MOST_RESULTS
    search.PAGE_SIZE, search.MOST_RESULTS = 5, cap
    try:
        given_out, passed_over = _walk(SmallSearch(times, cap=cap, size=5), iter(expiries))
        seconds = Counter(moment.replace(microsecond=0) for moment in times)
        assert all(seconds[second] >= cap for second in passed_over)
        assert len(given_out) == len(set(given_out))
        missing = {f"lead_{i}" for i in range(len(times))} - set(given_out)
        assert {times[int(row.removeprefix("lead_"))].replace(microsecond=0) for row in missing} <= set(passed_over)
    finally:
        search.PAGE_SIZE, search.MOST_RESULTS = limits


def _walk(vendor: SmallSearch, expiries: Any) -> tuple[list[str], tuple[datetime, ...]]:
    """The rows, and the seconds passed over."""
    state: search.Walk | None = search.walk("lead", ("id", "date_updated"))
    given_out: list[str] = []
    passed_over: tuple[datetime, ...] = ()
    while state is not None:
        state = msgspec.json.decode(msgspec.json.encode(state), type=search.Walk)
        if state.cursor is not None and next(expiries, False):
            state = search.renewed(state)
        rows, state = search.advance(state, vendor.answer(state))
        given_out += [row["id"] for row in rows]
        passed_over = passed_over if state is None else state.passed_over
    return given_out, passed_over


def test_a_row_that_changes_during_the_walk_comes_again() -> None:
    state = search.walk("lead", ("id", "date_updated"))
    before = {"id": "lead_1", "date_updated": EPOCH.isoformat()}
    after = {"id": "lead_1", "date_updated": (EPOCH + timedelta(microseconds=5)).isoformat()}
    _, following = search.advance(state, search.SearchAnswer([before], "more"))
    assert following is not None
    rows, _ = search.advance(following, search.SearchAnswer([after], None))
    assert rows == [after]


def test_a_second_with_too_many_rows_is_told_of_and_passed() -> None:
    later = EPOCH + timedelta(seconds=1)
    given_out, passed_over = _walk(SmallSearch([EPOCH] * 12_000 + [later], cap=10_000, size=200), iter(()))
    assert (len(given_out), len(set(given_out))) == (10_001, 10_001)
    assert passed_over == (EPOCH,)


def test_the_start_is_rounded_down_to_the_second() -> None:
    state = search.walk("lead", ("id", "date_updated"), EPOCH + timedelta(milliseconds=999))
    body = msgspec.json.decode(search.request(state).body)
    assert body["query"]["queries"][1]["condition"]["on_or_after"]["value"] == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("time", [{}, {"date_updated": "yesterday"}, {"date_updated": "0001-01-01T00:00:00+09:00"}])
def test_a_row_without_its_time_is_given_out_and_moves_nothing(time: dict[str, Any]) -> None:
    begun = search.walk("lead", ("id",))
    row = {"id": "lead_1"} | time
    rows, following = search.advance(begun, search.SearchAnswer([row], "more"))
    assert rows == [row]
    assert following is not None
    assert (following.reached, following.given, following.fresh) == (begun.reached, {}, 0)


def test_a_row_without_its_id_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        search.advance(search.walk("lead", ("id",)), search.SearchAnswer([{"date_updated": "2026-01-01"}], None))
