"""When each voice was heard, worked out from what was sent, what came and what was told: decisions as values."""

from itertools import pairwise

import pytest

from pipelines.call_audio.caller_lane import CallerClock, frame_starts
from pipelines.call_audio.layout import Slice, lay_out
from pipelines.call_audio.reply_lane import ReplyLane
from pipelines.call_audio.spool import Kind, Place


def heard(lane: ReplyLane, heard_ms: float | None = None) -> list[tuple[float, float, float]]:
    return [(round(piece.from_ms), round(piece.at_ms), round(piece.length_ms)) for piece in lane.laid(heard_ms)]


def test_a_reply_is_played_without_a_pause_from_when_it_was_sent() -> None:
    lane = ReplyLane()
    for number in range(4):  # sent faster than it is played
        lane.sent(100, 1000 + 20 * number)
    assert heard(lane) == [(0, 1000, 400)]


def test_a_reply_that_comes_late_has_a_gap() -> None:
    lane = ReplyLane()
    lane.sent(100, 1000)
    lane.sent(100, 1500)
    assert heard(lane) == [(0, 1000, 100), (100, 1500, 100)]


def test_what_was_interrupted_ends_where_it_was_heard_to() -> None:
    lane = ReplyLane()
    lane.sent(2000, 1000)
    assert heard(lane, 700) == [(0, 1000, 700)]


def test_a_client_that_plays_later_than_the_clock_says_is_believed() -> None:
    lane = ReplyLane()
    lane.sent(500, 1000)
    lane.played(100, 1400, final=False)  # by the clock 400
    lane.sent(500, 1420)
    lane.played(350, 1680, final=False)
    lane.played(600, 1900, final=False)
    assert heard(lane) == [(0, 1300, 1000)]


def test_a_report_that_differs_little_moves_nothing() -> None:
    lane = ReplyLane()
    lane.sent(1000, 1000)
    lane.played(270, 1300, final=False)
    assert heard(lane) == [(0, 1000, 1000)]


def test_a_reply_that_is_always_a_little_late_begins_later() -> None:
    """What a browser keeps against jitter: reports of a server that knows when it sent what."""
    lane = ReplyLane()
    lane.sent(2000, 1000)
    for now_ms in (1240, 1480, 1720, 1960):
        lane.played(now_ms - 1030, now_ms, final=False)
    assert heard(lane) == [(0, 1030, 2000)]


def test_a_short_reply_that_was_late_begins_later_too() -> None:
    lane = ReplyLane()
    lane.sent(400, 1000)
    lane.played(160, 1240, final=False)
    lane.played(380, 1480, final=False)  # this report came late as well
    lane.played(400, 1500, final=True)
    assert heard(lane) == [(0, 1080, 400)]


def test_that_all_was_played_says_not_since_when() -> None:
    lane = ReplyLane()
    lane.sent(200, 1000)
    for now_ms in (1500, 1750, 2000):
        lane.played(200, now_ms, final=False)
    lane.sent(200, 2100)
    assert heard(lane) == [(0, 1000, 200), (200, 2100, 200)]


def test_a_reply_that_was_late_and_cut_ends_where_it_was_heard_to() -> None:
    lane = ReplyLane()
    lane.sent(2000, 1000)
    lane.played(160, 1240, final=False)
    lane.played(400, 1480, final=False)
    lane.played(700, 1700, final=True)
    assert heard(lane, 700) == [(0, 1080, 700)]


def test_a_report_that_comes_late_moves_nothing() -> None:
    lane = ReplyLane()
    lane.sent(1000, 1000)
    lane.played(250, 1250, final=False)
    lane.played(400, 1620, final=False)
    lane.played(750, 1755, final=False)
    assert heard(lane) == [(0, 1000, 1000)]


def test_a_stall_at_the_client_lies_between_two_reports() -> None:
    lane = ReplyLane()
    lane.sent(1000, 1000)
    lane.played(250, 1250, final=False)
    lane.played(300, 1500, final=False)
    lane.played(550, 1750, final=False)
    lane.played(780, 1980, final=False)
    assert heard(lane) == [(0, 1000, 250), (250, 1450, 750)]


def test_what_is_held_is_heard_when_it_goes_on() -> None:
    lane = ReplyLane()
    lane.sent(1000, 1000)
    lane.played(200, 1200, final=False)
    lane.hold(1400)
    lane.played(420, 1430, final=False)
    lane.resume(2000)
    assert heard(lane) == [(0, 1000, 420), (420, 2000, 580)]


def test_a_client_that_cannot_hold_is_heard_on() -> None:
    lane = ReplyLane()
    lane.sent(1000, 1000)
    lane.hold(1400)
    lane.resume(2000)
    assert heard(lane) == [(0, 1000, 1000)]


def frames(came: list[float]) -> list[tuple[float, float]]:
    return [(at, 20.0) for at in came]


def test_frames_that_jitter_follow_one_another_without_a_gap() -> None:
    starts = frame_starts(frames([1020 + 20 * n + (n * 7) % 30 for n in range(200)]))
    assert {round(later - earlier, 3) for earlier, later in pairwise(starts)} == {20.0}
    assert abs(starts[0] - 1000) <= 30


def test_a_burst_after_a_stall_is_put_where_it_was_said() -> None:
    came = [1020.0 + 20 * n for n in range(50)]
    came += [came[-1] + 900.0] * 45 + [came[-1] + 900.0 + 20 * n for n in range(1, 50)]
    starts = frame_starts(frames(came))
    assert starts[-1] == pytest.approx(1000 + 20 * (len(came) - 1), abs=80)


def test_a_muted_client_leaves_silence() -> None:
    came = [1020.0 + 20 * n for n in range(50)]
    came += [came[-1] + 5000 + 20 * n for n in range(50)]
    starts = frame_starts(frames(came))
    assert starts[50] - starts[49] == pytest.approx(5000, abs=61)


def test_what_was_said_before_the_clock_began_moves_nothing_behind_it() -> None:
    """A caller's microphone runs before the conversation does, and its first packets come late."""
    came = [10.0, 12.0, *(20.0 * n - 50 for n in range(3, 100))]
    assert frame_starts(frames(came)) == pytest.approx([20.0 * n - 50 for n in range(99)])
    layout = lay_out(Place(Kind.CALLER, at, 0, 1000 * n, 960) for n, at in enumerate(came))
    assert layout is not None
    assert layout.offset_ms == -50
    assert layout.caller[:2] == [Slice(0, 0, 480), Slice(480, 1000, 480)]


def test_words_that_are_sent_at_once_as_the_conversation_begins_are_heard() -> None:
    layout = lay_out([Place(Kind.CALLER, 100.0, 0, 0, 48 * 3000)])
    assert layout is not None
    assert (layout.offset_ms, layout.duration_ms, layout.caller) == (-2900, 3000, [Slice(0, 0, 24 * 3000)])


def test_a_line_that_becomes_faster_is_followed() -> None:
    came = [1200.0 + 20 * n for n in range(200)] + [1100.0 + 20 * n for n in range(200, 400)]
    starts = frame_starts(frames(came))
    assert starts[0] == pytest.approx(1180, abs=1)
    assert starts[-1] == pytest.approx(came[-1] - 20)
    layout = lay_out(Place(Kind.CALLER, at, 0, 1000 * n, 960) for n, at in enumerate(came))
    assert layout is not None
    assert layout.duration_ms == 400 * 20 - 100
    assert all(one.start + one.samples <= other.start for one, other in pairwise(layout.caller))


def test_an_item_is_found_by_its_time_in_the_callers_audio() -> None:
    clock = CallerClock([1000.0, 1020.0, 3000.0], [20.0, 20.0, 20.0], first_ms=500.0)
    assert clock.at(510) == 1010
    assert clock.at(545) == 3005
    assert clock.at(400) is None


def test_who_hangs_up_before_any_sound_leaves_no_recording() -> None:
    """A carrier's first frame may hold less than a sample."""
    assert lay_out([Place(Kind.CALLER, 6.0, 0, at=100, size=0)]) is None
