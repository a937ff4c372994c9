"""How fast a client is read."""

import pytest

from agent_server.realtime.rates import Reading


def test_a_conversation_is_never_held_back() -> None:
    reading = Reading()
    # Audio of 20 ms a message, and an error now and then.
    pauses = {reading.pause_s(1400, 20.0 * n, refused=n % 25 == 0) for n in range(50_000)}
    assert pauses == {0.0}


def test_the_largest_message_is_taken_at_once_and_the_next_has_to_wait() -> None:
    reading = Reading()
    assert reading.pause_s(32 * 1024 * 1024, 0.0, refused=False) == 0.0
    assert reading.pause_s(20 * 1024 * 1024, 10.0, refused=True) == Reading.MAX_PAUSE_S
    assert reading.pause_s(64 * 1024, 10.0, refused=False) == 1 / 16


def test_a_flood_of_audio_is_read_no_faster_than_its_allowance() -> None:
    reading, now_ms, taken = Reading(), 0.0, 0
    while now_ms < 60_000.0:
        taken += 64 * 1024
        now_ms += 0.1 + 1000 * reading.pause_s(64 * 1024, now_ms, refused=False)
    assert taken <= Reading.CHARS_AT_ONCE + 2 * 60 * Reading.CHARS_PER_S


def test_a_flood_is_cut_off_and_a_burst_is_forgiven() -> None:
    reading, now_ms = Reading(), 0.0
    for _ in range(2000):
        now_ms += 1000 * reading.pause_s(10, now_ms, refused=True)
    assert not reading.is_over
    now_ms += 200_000.0
    for _ in range(2000):
        now_ms += 1000 * reading.pause_s(10, now_ms, refused=True)
    assert not reading.is_over
    for _ in range(2000):
        now_ms += 1000 * reading.pause_s(10, now_ms, refused=True)
    assert reading.is_over


def test_errors_past_the_allowance_slow_their_client_down() -> None:
    reading = Reading()
    assert {reading.pause_s(10, 0.0, refused=True) for _ in range(300)} == {0.0}
    assert reading.pause_s(10, 0.0, refused=True) == Reading.REFUSAL_PAUSE_S
    assert reading.pause_s(10, 0.0, refused=False) == 0.0
    assert reading.pause_s(10, 100.0, refused=True) == 0.0


def test_many_small_messages_count_as_much_as_a_large_one() -> None:
    reading, chars = Reading(), 1400
    at_once = sum(1 for _ in range(30_000) if not reading.pause_s(chars, 0.0, refused=False))
    held_back_chars = (30_000 * chars) - Reading.CHARS_AT_ONCE
    assert (30_000 - at_once) * Reading.GRAIN_CHARS == pytest.approx(held_back_chars, rel=0.05)
