"""Packets that come late, twice, never or not in order."""

import random

from hypothesis import given
from hypothesis import strategies as st

from agent_server.webrtc.arrival import PATIENCE, InOrder

WRAP = 1 << 16


def test_what_comes_in_order_is_passed_on_at_once() -> None:
    order: InOrder[int] = InOrder()
    assert [order.add(number % WRAP, number) for number in range(WRAP - 2, WRAP + 2)] == [
        [WRAP - 2],
        [WRAP - 1],
        [WRAP],
        [WRAP + 1],
    ]


def test_a_late_packet_takes_its_place() -> None:
    order: InOrder[int] = InOrder()
    assert [order.add(number, number) for number in (1, 3, 4, 2)] == [[1], [], [], [2, 3, 4]]


def test_a_lost_packet_is_waited_for_so_long_and_no_longer() -> None:
    order: InOrder[int] = InOrder()
    order.add(1, 1)
    came = [order.add(number, number) for number in range(3, 3 + PATIENCE + 1)]
    assert came == [[]] * PATIENCE + [list(range(3, 3 + PATIENCE + 1))]
    assert order.add(2, 2) == [], "its turn is over"


def test_a_stream_that_begins_anew_is_followed() -> None:
    order: InOrder[int] = InOrder()
    order.add(10, 10)
    assert order.add(30_000, 30_000) == [30_000]


@given(st.integers(0, WRAP - 1), st.integers(0, 10_000))
def test_shuffled_neighbours_come_out_in_order_and_once(first: int, seed: int) -> None:
    shuffle = random.Random(seed)
    numbers = list(range(200))
    numbers.sort(key=lambda number: number + shuffle.uniform(0, PATIENCE) if number else -1)
    order: InOrder[int] = InOrder()
    came = [out for number in numbers for out in order.add((first + number) % WRAP, number)]
    assert came == sorted(set(came))
    assert len(came) + PATIENCE >= len(numbers)
