"""A frame every 20 ms, whatever the process is busy with."""

import pytest

from agent_server.webrtc.cadence import FRAME_S, FRAME_TICKS, LATE_S, Cadence


def test_frames_follow_each_other_from_the_first_on() -> None:
    cadence = Cadence()
    assert cadence.next(7.0) == (7.0, 0)
    for number in range(1, 500):
        due_s, ticks = cadence.next(7.0 + FRAME_S * (number - 1) + 0.004)
        assert due_s == pytest.approx(7.0 + FRAME_S * number)
        assert ticks == FRAME_TICKS * number


def test_what_is_a_little_late_is_caught_up() -> None:
    cadence = Cadence()
    cadence.next(0.0)
    late = [cadence.next(0.15) for _ in range(9)]
    assert [round(due_s, 3) for due_s, _ in late] == [0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18]
    assert late[-1][0] > 0.15, "in time again"


def test_what_is_far_too_late_is_left_out_and_the_clock_goes_on() -> None:
    cadence = Cadence()
    cadence.next(0.0)
    due_s, ticks = cadence.next(1.0)
    assert 1.0 - FRAME_S <= due_s <= 1.0
    assert ticks * FRAME_S / FRAME_TICKS == pytest.approx(due_s), "the client's clock and ours agree"
    assert due_s > LATE_S
