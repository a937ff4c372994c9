"""Packets that come late, twice, never or not in order."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.audio.in_order import NEW_STREAM, InOrder

WRAP = 1 << 16
PATIENCE = 3


def passed(numbers: list[int], *, first: int | None = None) -> list[int]:
    order: InOrder[int] = InOrder(PATIENCE, first=first)
    return [out for number in numbers for out in order.add(number, number)]


def test_what_comes_in_order_is_passed_on_at_once() -> None:
    order: InOrder[int] = InOrder(PATIENCE)
    numbers = range(WRAP - 2, WRAP + 2)
    assert [order.add(number, number) for number in numbers] == [[number] for number in numbers]


def test_a_late_packet_takes_its_place() -> None:
    order: InOrder[int] = InOrder(PATIENCE)
    assert [order.add(number, number) for number in (1, 3, 4, 2)] == [[1], [], [], [2, 3, 4]]


def test_a_stream_that_begins_with_a_known_number_waits_for_it_as_for_any() -> None:
    assert passed([2, 1, 3], first=1) == [1, 2, 3]
    assert passed([3, 4, 5, 6], first=1) == [3, 4, 5, 6]
    later = list(range(5000, 5010))
    assert passed(later, first=1) == later


def test_a_lost_packet_is_waited_for_so_long_and_no_longer() -> None:
    behind = list(range(4, 4 + PATIENCE + 1))
    assert passed([1, 2, *behind[:-1]]) == [1, 2]
    assert passed([1, 2, *behind]) == [1, 2, *behind]
    assert passed([1, 2, *behind, 3, 3]) == [1, 2, *behind], "its turn is over"
    over_the_end = [WRAP - 4, WRAP - 2, WRAP - 1, 0, 1]
    assert passed(over_the_end) == over_the_end


def test_a_stream_that_begins_anew_is_followed() -> None:
    assert passed([10, 30_000]) == [10, 30_000]
    assert passed([1, 3, 4, 5, 30_000, 30_002, 30_001]) == [1, 30_000, 30_001, 30_002], "nothing waits from before"
    assert passed([*range(5000, 5010), 1, 2, 3], first=1)[-3:] == [1, 2, 3]
    assert passed([*range(1, NEW_STREAM), 1, 2]) == list(range(1, NEW_STREAM)), "so little back is a repetition"


@given(st.integers(0, WRAP - 1), st.integers(1, 200), st.data())
def test_what_comes_a_little_late_is_put_where_it_belongs(start: int, count: int, data: st.DataObject) -> None:
    late = data.draw(st.lists(st.integers(0, PATIENCE - 1), min_size=count, max_size=count))
    numbers = sorted(range(start, start + count), key=lambda number: (number + late[number - start], number))
    assert passed(numbers, first=start) == list(range(start, start + count))


@given(st.lists(st.integers(1, 80), max_size=120))
def test_whatever_comes_is_in_order_once_and_soon(numbers: list[int]) -> None:
    result = passed(numbers, first=1)
    assert result == sorted(set(result))
    assert len(set(numbers)) - len(result) <= PATIENCE + dropped(numbers)


def dropped(numbers: list[int]) -> int:
    """Those that come when a later one was played already, or had to be given up: all that are not the largest yet."""
    largest, late = 0, 0
    for number in dict.fromkeys(numbers):
        late += number < largest
        largest = max(largest, number)
    return late
