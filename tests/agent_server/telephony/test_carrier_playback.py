"""What a carrier plays is what the playback says it plays, however it is held, resumed and cut."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from agent_server.telephony.playback import (
    BYTES_PER_MS,
    MARKS_LATE_MS,
    MOST_PIECES,
    CarrierPlayback,
    Drop,
    Mark,
    Order,
    Sound,
)
from pipelines.conversation.facts import PlaybackReported
from simulators.telephone.handset import FRAME_MS, SILENCE, Handset

PIECE = bytes(range(1, 255)) * 6
"""No byte of it is silence. 190 ms."""

PIECE_MS = len(PIECE) / BYTES_PER_MS


class Call:
    """A playback and the handset at the other end, on one clock that advances by frames."""

    def __init__(self) -> None:
        self.playback = CarrierPlayback()
        self.handset = Handset("MZ")
        self.now_ms = 0.0
        self.reports: list[PlaybackReported] = []

    def give(self, orders: list[Order]) -> None:
        for order in orders:
            match order:
                case Sound(audio):
                    message = {"event": "media", "media": {"payload": _base64(audio)}}
                case Mark(name):
                    message = {"event": "mark", "mark": {"name": name}}
                case Drop():
                    message = {"event": "clear"}
            self.hear(self.handset.take({**message, "streamSid": "MZ"}))

    def hear(self, sent: list[dict[str, object]]) -> None:
        for message in sent:
            if message["event"] == "mark" and (played := self.playback.returned(_name(message), self.now_ms)):
                self.reports.append(played)

    def pass_ms(self, ms: int) -> None:
        for _ in range(ms // FRAME_MS):
            self.now_ms += FRAME_MS
            self.hear(self.handset.tick())

    def cut(self) -> list[PlaybackReported]:
        orders, played = self.playback.cut(self.now_ms)
        self.give(orders)
        return played

    @property
    def heard_ms(self) -> float:
        return self.handset.played_bytes / BYTES_PER_MS


def _base64(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


def _name(message: dict[str, object]) -> str:
    mark = message["mark"]
    assert isinstance(mark, dict)
    return str(mark["name"])


def test_marks_tell_how_far_a_reply_was_heard_and_that_it_was_heard_to_its_end() -> None:
    call = Call()
    for _ in range(3):
        call.give(call.playback.play("reply", PIECE, call.now_ms))
    call.give(call.playback.end("reply", call.now_ms))
    call.pass_ms(700)
    assert call.reports == [
        PlaybackReported("reply", PIECE_MS, final=False),
        PlaybackReported("reply", 2 * PIECE_MS, final=False),
        PlaybackReported("reply", 3 * PIECE_MS, final=False),
        PlaybackReported("reply", 3 * PIECE_MS, final=True),
    ]
    assert call.playback.is_idle


def test_a_hold_silences_the_carrier_and_a_resume_goes_on_where_it_stopped() -> None:
    call = Call()
    for _ in range(2):
        call.give(call.playback.play("reply", PIECE, call.now_ms))
    call.pass_ms(100)
    call.give(call.playback.hold(call.now_ms))
    assert call.handset.is_silent
    call.pass_ms(500)
    assert call.heard_ms == 100
    call.give(call.playback.end("reply", call.now_ms))
    call.give(call.playback.resume(call.now_ms))
    call.pass_ms(400)
    assert bytes(call.handset.heard).replace(SILENCE[:1], b"") == 2 * PIECE
    assert call.reports[-1] == PlaybackReported("reply", 2 * PIECE_MS, final=True)


def test_what_was_played_by_the_clock_is_not_played_again_though_its_marks_are_late() -> None:
    playback = CarrierPlayback()
    for _ in range(2):
        *_, mark = playback.play("reply", PIECE, 0.0)
    playback.hold(PIECE_MS + 50)
    assert playback.resume(500.0)[0] == Sound(PIECE[50 * BYTES_PER_MS :])
    playback.hold(500.0 + PIECE_MS)
    (mark,) = playback.resume(1000.0)
    assert isinstance(mark, Mark)
    assert playback.returned(mark.name, 1100.0) == PlaybackReported("reply", 2 * PIECE_MS, final=False)


def test_marks_that_come_back_because_audio_was_dropped_tell_nothing() -> None:
    call = Call()
    call.give(call.playback.play("reply", PIECE, call.now_ms))
    call.pass_ms(40)
    assert call.cut() == [PlaybackReported("reply", 40, final=True)]
    assert call.reports == []
    assert call.handset.drops == 1


def test_a_cut_tells_of_every_reply_that_was_not_heard_to_its_end() -> None:
    call = Call()
    call.give(call.playback.play("first", PIECE, call.now_ms))
    call.give(call.playback.end("first", call.now_ms))
    call.give(call.playback.play("second", PIECE, call.now_ms))
    call.pass_ms(100)
    assert call.cut() == [PlaybackReported("first", 100, final=True), PlaybackReported("second", 0, final=True)]
    assert call.playback.is_idle
    assert call.cut() == []


def test_a_cut_while_held_counts_from_the_hold() -> None:
    call = Call()
    call.give(call.playback.play("reply", PIECE, call.now_ms))
    call.pass_ms(60)
    call.give(call.playback.hold(call.now_ms))
    call.pass_ms(1000)
    assert call.cut() == [PlaybackReported("reply", 60, final=True)]
    assert call.handset.drops == 1


def test_a_strange_mark_is_ignored() -> None:
    playback = CarrierPlayback()
    playback.play("reply", PIECE, 0.0)
    for name in ("", "x", "-1", "7", "99999999999999999999", "²"):
        assert playback.returned(name, 50.0) is None


def test_a_carrier_that_returns_no_marks_fills_no_memory_and_may_begin_to() -> None:
    playback = CarrierPlayback()
    for number in range(MOST_PIECES + 10):
        *_, mark = playback.play("reply", PIECE, number * PIECE_MS)
        if number == 20:
            later = mark
    assert isinstance(later, Mark)
    assert playback.returned(later.name, 0.0) == PlaybackReported("reply", 21 * PIECE_MS, final=False)
    for _ in range(11):
        playback.play("reply", PIECE, 0.0)
    resumed = [order for order in [*playback.hold(0.0), *playback.resume(0.0)] if isinstance(order, Sound)]
    assert len(resumed) == MOST_PIECES
    for _ in range(MOST_PIECES):
        *_, mark = playback.play("reply", PIECE, 0.0)
    assert isinstance(mark, Mark)
    assert playback.returned(mark.name, 0.0) is not None
    assert playback.is_idle


def test_without_marks_the_clock_tells_at_last_that_all_was_heard() -> None:
    playback = CarrierPlayback()
    for number in range(MOST_PIECES + 10):
        playback.play("first", PIECE, number * 20.0)
    playback.end("first", 2000.0)
    *_, mark = playback.play("second", PIECE, 2000.0)
    over_ms = (MOST_PIECES + 11) * PIECE_MS
    assert playback.overdue(over_ms + MARKS_LATE_MS - 1) == []
    first, second = (
        PlaybackReported("first", (MOST_PIECES + 10) * PIECE_MS, final=True),
        PlaybackReported("second", PIECE_MS, final=False),
    )
    assert playback.overdue(over_ms + MARKS_LATE_MS) == [first, second]
    assert playback.is_idle
    assert playback.overdue(2 * over_ms + MARKS_LATE_MS) == []
    assert isinstance(mark, Mark)
    assert playback.returned(mark.name, 2 * over_ms) is None, "a mark that comes after all tells nothing new"


def test_a_mark_that_comes_after_all_is_not_taken_for_that_of_what_is_played_since() -> None:
    playback = CarrierPlayback()
    *_, old = playback.play("first", PIECE, 0.0)
    over_ms = PIECE_MS + MARKS_LATE_MS
    assert playback.overdue(over_ms) == [PlaybackReported("first", PIECE_MS, final=False)]
    playback.play("second", PIECE, over_ms)
    assert isinstance(old, Mark)
    assert playback.returned(old.name, over_ms) is None


def test_what_is_held_back_is_not_overdue() -> None:
    playback = CarrierPlayback()
    playback.play("reply", PIECE, 0.0)
    playback.hold(0.0)
    assert playback.overdue(60_000.0) == []
    playback.resume(60_000.0)
    assert playback.overdue(60_000.0 + PIECE_MS + MARKS_LATE_MS - 1) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(0, 0)),
        st.tuples(st.just("pass"), st.integers(1, 20)),
        st.tuples(st.sampled_from(["hold", "resume", "end", "cut"]), st.integers(0, 0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_what_is_told_of_is_what_was_heard(steps: list[tuple[str, int]]) -> None:
    """Each hold or cut may be wrong by the frame that is just being played, and no more."""
    call, number, total_ms, doubts = Call(), 0, 0.0, 0
    final: dict[str, float] = {}
    for step, frames in steps:
        item = f"reply {number}"
        match step:
            case "play":
                call.give(call.playback.play(item, PIECE, call.now_ms))
            case "pass":
                call.pass_ms(frames * FRAME_MS)
            case "hold":
                doubts += 1
                call.give(call.playback.hold(call.now_ms))
            case "resume":
                call.give(call.playback.resume(call.now_ms))
            case "end":
                call.give(call.playback.end(item, call.now_ms))
                number += 1
            case "cut":
                doubts += 1
                final |= {played.item_id: played.audio_ms for played in call.cut()}
                number += 1
    call.give(call.playback.end(f"reply {number}", call.now_ms))
    call.give(call.playback.resume(call.now_ms))
    call.pass_ms(20_000)
    assert call.playback.is_idle
    final |= {played.item_id: played.audio_ms for played in call.reports if played.final}
    total_ms = sum(final.values())
    assert abs(call.heard_ms - total_ms) <= FRAME_MS * doubts + 1
