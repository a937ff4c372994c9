"""How fast a client is read."""

import pytest

from agent_server.realtime.client_events import MAX_EVENT_BYTES
from agent_server.realtime.rates import Reading


def test_a_conversation_is_never_held_back() -> None:
    reading = Reading()
    # Audio of 20 ms a message, and an error now and then.
    pauses = {reading.pause_s(1400, 20.0 * n, refused=n % 25 == 0) for n in range(50_000)}
    assert pauses == {0.0, None}


def test_the_largest_message_is_taken_at_once_and_the_next_has_to_wait() -> None:
    reading = Reading()
    assert reading.pause_s(MAX_EVENT_BYTES, 0.0, refused=False) == 0.0
    assert reading.pause_s(20 * 1024 * 1024, 10.0, refused=True) == Reading.MAX_PAUSE_S


def test_a_flood_of_audio_is_read_no_faster_than_its_allowance() -> None:
    reading, now_ms, taken = Reading(), 0.0, 0
    while now_ms < 60_000.0:
        taken += 64 * 1024
        now_ms += 0.1 + 1000 * (reading.pause_s(64 * 1024, now_ms, refused=False) or 0.0)
    assert taken <= Reading.CHARS_AT_ONCE + 2 * 60 * Reading.CHARS_PER_S


def test_a_flood_is_cut_off_and_a_burst_is_forgiven() -> None:
    reading, now_ms = Reading(), 0.0
    for _ in range(2000):
        now_ms += 1000 * (reading.pause_s(10, now_ms, refused=True) or 0.0)
    assert not reading.is_over
    now_ms += 200_000.0
    for _ in range(2000):
        now_ms += 1000 * (reading.pause_s(10, now_ms, refused=True) or 0.0)
    assert not reading.is_over
    for _ in range(2000):
        now_ms += 1000 * (reading.pause_s(10, now_ms, refused=True) or 0.0)
    assert reading.is_over


def test_errors_past_the_allowance_slow_their_client_down() -> None:
    reading = Reading()
    assert {reading.pause_s(10, 0.0, refused=True) for _ in range(300)} == {0.0}
    assert reading.pause_s(10, 0.0, refused=True) == Reading.REFUSAL_PAUSE_S
    assert reading.pause_s(10, 0.0, refused=False) is None
    assert reading.pause_s(10, 100.0, refused=True) == 0.0


def test_what_has_arrived_already_is_not_read_in_one_go() -> None:
    reading = Reading()
    pauses = [reading.pause_s(60, 0.0, refused=False) for _ in range(320)]
    assert pauses.count(0.0) == 10


def test_audio_in_the_smallest_of_frames_is_in_time() -> None:
    reading = Reading()
    pauses = {reading.pause_s(300, 2.5 * n, refused=False) for n in range(100_000)}
    assert pauses == {0.0, None}


@pytest.mark.parametrize("chars", [0, 60, 1400])
def test_a_flood_of_small_messages_is_read_no_faster_than_its_allowance(chars: int) -> None:
    reading, now_ms, taken = Reading(), 0.0, 0
    while now_ms < 60_000.0:
        taken += chars + Reading.MESSAGE_CHARS
        now_ms += 0.02 + 1000 * (reading.pause_s(chars, now_ms, refused=False) or 0.0)
    assert taken <= Reading.CHARS_AT_ONCE + 2 * 60 * Reading.CHARS_PER_S
