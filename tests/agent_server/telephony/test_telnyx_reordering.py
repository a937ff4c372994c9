from hypothesis import given
from hypothesis import strategies as st

from agent_server.telephony.telnyx.reordering import ANEW, MOST_HELD, Reordering


def taken(numbers: list[int]) -> list[int]:
    reordering = Reordering()
    return [int(audio) for number in numbers for audio in reordering.take(number, str(number).encode())]


def test_in_order_nothing_waits() -> None:
    reordering = Reordering()
    for number in range(1, 50):
        assert reordering.take(number, b"%d" % number) == [b"%d" % number]


@given(st.integers(1, 60), st.data())
def test_what_comes_a_little_late_is_put_where_it_belongs(count: int, data: st.DataObject) -> None:
    late = data.draw(st.lists(st.integers(0, MOST_HELD - 1), min_size=count, max_size=count))
    numbers = sorted(range(1, count + 1), key=lambda number: (number + late[number - 1], number))
    assert taken(numbers) == list(range(1, count + 1))


@given(st.lists(st.integers(1, 80), max_size=120))
def test_whatever_comes_is_in_order_once_and_soon(numbers: list[int]) -> None:
    result = taken(numbers)
    assert result == sorted(set(result))
    assert len(set(numbers)) - len(result) <= MOST_HELD + dropped(numbers)


def dropped(numbers: list[int]) -> int:
    """Those that come when a later one was played already, or had to be given up: all that are not the largest yet."""
    largest, late = 0, 0
    for number in dict.fromkeys(numbers):
        late += number < largest
        largest = max(largest, number)
    return late


def test_a_piece_that_never_comes_is_waited_for_no_longer_than_five() -> None:
    assert taken([1, 2, *range(4, 4 + MOST_HELD)]) == [1, 2]
    assert taken([1, 2, *range(4, 4 + MOST_HELD + 1)]) == [1, 2, *range(4, 4 + MOST_HELD + 1)]
    assert taken([1, 2, *range(4, 4 + MOST_HELD + 1), 3, 3]) == [1, 2, *range(4, 4 + MOST_HELD + 1)]


def test_a_stream_may_begin_with_any_number_and_begin_anew() -> None:
    later = list(range(5000, 5010))
    assert taken(later) == later
    assert taken([*later, 1, 2, 3])[-3:] == [1, 2, 3]
    assert taken([*range(1, ANEW), 1, 2]) == list(range(1, ANEW)), "so little back is a repetition"
