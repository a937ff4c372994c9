from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InvalidCursor, StorageError
from storage.postgres.cursor import MAX_LIMIT, check_limit, decode_cursor, encode_cursor, page_of

TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]))
IDS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100)


@given(TIMES, IDS)
def test_a_cursor_reads_back(at, id_):
    cursor = decode_cursor(encode_cursor(at, id_))
    assert (cursor.at, cursor.id) == (at, id_)


def test_the_longest_title_of_a_topic_is_a_place_to_go_on_from():
    title = "\N{GRINNING FACE}" * 300
    assert decode_cursor(encode_cursor(datetime(2026, 1, 2, tzinfo=UTC), title)).id == title


@given(TIMES, IDS)
def test_a_cursor_needs_no_quoting_in_a_url(at, id_):
    assert encode_cursor(at, id_).replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: urlsafe_b64encode(raw).decode().rstrip("=")))
def test_anything_else_is_refused_with_one_error(text):
    try:
        cursor = decode_cursor(text)
    except InvalidCursor:
        return
    assert encode_cursor(cursor.at, cursor.id) == text


@pytest.mark.parametrize(
    "change", [lambda c: c + "A", lambda c: c[:-1], lambda c: c + "=", lambda c: "." + c, lambda c: " "]
)
def test_a_changed_cursor_is_refused(change):
    with pytest.raises(InvalidCursor):
        decode_cursor(change(encode_cursor(datetime(2026, 1, 2, tzinfo=UTC), "conv_1")))


@pytest.mark.parametrize("at_us", [2**62, -(2**62)])
def test_a_time_that_no_calendar_has_is_refused(at_us):
    import msgspec

    forged = urlsafe_b64encode(msgspec.msgpack.encode([at_us, "x"])).decode().rstrip("=")
    with pytest.raises(InvalidCursor):
        decode_cursor(forged)


def test_an_endless_cursor_is_refused():
    with pytest.raises(InvalidCursor):
        decode_cursor("A" * 100_000)


def test_a_page_is_cut_at_its_limit_and_points_at_its_last_row():
    rows = [(datetime(2026, 1, day, tzinfo=UTC), f"id{day}") for day in (3, 2, 1)]
    page = page_of(rows, 2, key=lambda row: row)
    assert page.items == tuple(rows[:2])
    assert decode_cursor(page.next_cursor).id == "id2"


def test_the_last_page_has_no_cursor():
    rows = [(datetime(2026, 1, 1, tzinfo=UTC), "id")]
    assert page_of(rows, 1, key=lambda row: row).next_cursor is None
    assert page_of([], 1, key=lambda row: row) == page_of((), 5, key=lambda row: row)


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_bounds_is_refused(limit):
    with pytest.raises(StorageError) as caught:
        check_limit(limit)
    assert caught.value.code == "invalid_limit"
