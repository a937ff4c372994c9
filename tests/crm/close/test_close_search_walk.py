"""The walk over a search, against a small model of Close's search: every row comes, whatever happens to cursors."""

from bisect import bisect_left
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
def test_every_row_comes_exactly_once(times: list[datetime], expiries: list[bool], cap: int) -> None:
    limits = search.PAGE_SIZE, search.MOST_RESULTS
    search.PAGE_SIZE, search.MOST_RESULTS = 5, cap
    try:
        given_out = _walk(SmallSearch(times, cap=cap, size=5), iter(expiries))
    except BadAnswer as error:
        assert "search_cannot_advance" in str(error)  # noqa: PT017 - one of two good endings
        assert _most_in_a_second(times) >= cap
    else:
        assert sorted(given_out) == sorted(f"lead_{i}" for i in range(len(times)))
    finally:
        search.PAGE_SIZE, search.MOST_RESULTS = limits


def _walk(vendor: SmallSearch, expiries: Any) -> list[str]:
    state: search.Walk | None = search.walk("lead", ("id", "date_updated"))
    given_out: list[str] = []
    while state is not None:
        state = msgspec.json.decode(msgspec.json.encode(state), type=search.Walk)
        if state.cursor is not None and next(expiries, False):
            state = search.renewed(state)
        rows, state = search.advance(state, vendor.answer(state))
        given_out += [row["id"] for row in rows]
    return given_out


def _most_in_a_second(times: list[datetime]) -> int:
    seconds = [moment.replace(microsecond=0) for moment in times]
    return max(map(seconds.count, seconds), default=0)


def test_a_row_that_changes_during_the_walk_comes_again() -> None:
    state = search.walk("lead", ("id", "date_updated"))
    before = {"id": "lead_1", "date_updated": EPOCH.isoformat()}
    after = {"id": "lead_1", "date_updated": (EPOCH + timedelta(microseconds=5)).isoformat()}
    _, following = search.advance(state, search.SearchAnswer([before], "more"))
    assert following is not None
    rows, _ = search.advance(following, search.SearchAnswer([after], None))
    assert rows == [after]


def test_a_second_with_too_many_rows_is_an_error_not_a_hole() -> None:
    vendor = SmallSearch([EPOCH] * 12_000, cap=10_000, size=200)
    with pytest.raises(BadAnswer, match="search_cannot_advance"):
        _walk(vendor, iter(()))


def test_the_start_is_rounded_down_to_the_second() -> None:
    state = search.walk("lead", ("id", "date_updated"), EPOCH + timedelta(milliseconds=999))
    body = msgspec.json.decode(search.request(state).body)
    assert body["query"]["queries"][1]["condition"]["on_or_after"]["value"] == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("row", [{"id": "lead_1"}, {"id": "lead_1", "date_updated": "yesterday"}])
def test_a_row_without_its_time_is_a_bad_answer(row: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        search.advance(search.walk("lead", ("id",)), search.SearchAnswer([row], None))
