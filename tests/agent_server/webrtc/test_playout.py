"""What goes on the wire when, and how much of it counts as heard."""

import math

from hypothesis import given
from hypothesis import strategies as st

from agent_server.webrtc.playout import FRAME_BYTES, FRAME_MS, Playout
from pipelines.conversation.facts import PlaybackReported

DELAY_MS = 60.0
ONE = b"\x01\x00" * (FRAME_BYTES // 2)


def frames(playout: Playout, count: int, from_ms: float = 0.0) -> list[bytes | None]:
    return [playout.frame(from_ms + FRAME_MS * number) for number in range(count)]


def test_frames_are_cut_out_of_whatever_comes() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE * 2 + ONE[:100])
    assert frames(playout, 3) == [ONE, ONE, None], "a frame that is not full waits for the rest"
    playout.play("a", ONE[100:])
    assert playout.frame(60.0) == ONE
    playout.play("a", b"\x01\x00")
    playout.end("a")
    assert playout.frame(80.0) == b"\x01\x00".ljust(FRAME_BYTES, b"\0"), "the end is filled up"
    assert playout.frame(100.0) is None


def test_a_frame_is_heard_once_it_has_come_over_the_wire() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE * 3)
    playout.end("a")
    frames(playout, 3)
    assert playout.heard(59.9) == []
    assert playout.heard(85.0) == [PlaybackReported("a", 40.0, final=False)]
    assert not playout.is_idle
    assert playout.heard(100.0) == [PlaybackReported("a", 60.0, final=True)]
    assert playout.is_idle


def test_an_end_that_comes_late_is_told_all_the_same() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE)
    assert playout.frame(0.0) == ONE
    playout.end("a")
    assert playout.frame(20.0) is None
    assert playout.heard(80.0) == [PlaybackReported("a", 20.0, final=True)]


def test_one_reply_follows_another_in_the_same_frame() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE[:480])
    playout.end("a")
    playout.play("b", ONE)
    assert playout.frame(0.0) == ONE
    assert playout.heard(60.0) == [PlaybackReported("a", 10.0, final=True), PlaybackReported("b", 10.0, final=False)]


def test_a_held_reply_is_silent_and_goes_on_where_it_stopped() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE * 2)
    playout.frame(0.0)
    playout.hold()
    assert frames(playout, 5, 20.0) == [None] * 5
    playout.resume()
    assert playout.frame(120.0) == ONE


def test_a_cut_reply_was_heard_as_far_as_it_was_sent() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE * 10)
    playout.play("b", ONE)
    frames(playout, 4)
    assert playout.cut() == [PlaybackReported("a", 80.0, final=True), PlaybackReported("b", 0.0, final=True)]
    assert playout.frame(100.0) is None
    assert playout.is_idle
    playout.end("a")
    assert playout.is_idle, "nothing follows on a reply that was cut"


def test_a_reply_that_was_sent_to_its_end_is_not_cut() -> None:
    playout = Playout(DELAY_MS)
    playout.play("a", ONE)
    playout.end("a")
    playout.frame(0.0)
    assert playout.heard(math.inf) == [PlaybackReported("a", 20.0, final=True)]
    assert playout.cut() == []


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=30), st.integers(0, 200))
def test_every_sample_is_sent_once_and_heard_as_far_as_sent(lengths: list[int], cut_after: int) -> None:
    playout = Playout(DELAY_MS)
    for length in lengths:
        playout.play("a", b"\x01\x00" * length)
    playout.end("a")
    sent = [frame for frame in frames(playout, cut_after) if frame is not None]
    samples = sum(frame.count(b"\x01\x00") for frame in sent)
    heard = playout.heard(math.inf) + playout.cut()
    assert heard == [] if cut_after == 0 and not heard else heard[-1].audio_ms * 24 == samples
    assert samples == min(sum(lengths), 480 * cut_after)
