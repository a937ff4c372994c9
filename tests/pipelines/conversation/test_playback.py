from hypothesis import given
from hypothesis import strategies as st

from pipelines.conversation.playback import BYTES_PER_MS, Playback
from pipelines.conversation.settings import Pacing

PACING = Pacing(lead_ms=60.0, chunk_ms=20.0)


def audio(ms: float) -> bytes:
    return bytes(int(ms * BYTES_PER_MS))


def drain(playback: Playback, now_ms: float) -> float:
    """Send what is due at this moment; returns its length in ms."""
    return len(playback.due(now_ms)) / BYTES_PER_MS


def test_sends_the_lead_at_once_and_then_keeps_it() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    assert drain(playback, 1000.0) == 60.0
    assert drain(playback, 1010.0) == 0.0
    assert playback.wake_ms() == 1020.0
    assert drain(playback, 1020.0) == 20.0
    assert drain(playback, 1040.0) == 20.0


def test_heard_is_what_was_sent_less_what_is_still_to_be_played() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    drain(playback, 1000.0)
    assert playback.heard_ms(1000.0) == 0.0
    assert playback.heard_ms(1045.0) == 45.0
    assert playback.heard_ms(2000.0) == 60.0


def test_a_late_voice_makes_a_gap_that_was_not_heard() -> None:
    playback = Playback(PACING)
    playback.add(audio(60))
    drain(playback, 1000.0)
    playback.add(audio(60))
    drain(playback, 1500.0)
    assert playback.heard_ms(1500.0) == 60.0
    assert playback.heard_ms(1530.0) == 90.0


def test_a_hold_stops_sending_and_a_resume_goes_on_where_it_stopped() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    drain(playback, 1000.0)
    playback.hold(1010.0)
    assert drain(playback, 1500.0) == 0.0
    assert playback.wake_ms() is None
    assert playback.heard_ms(1500.0) == 60.0, "a client that cannot hold plays out what it has"
    playback.resume(1500.0)
    assert drain(playback, 1500.0) == 60.0
    assert playback.heard_ms(1530.0) == 90.0


def test_a_client_that_reports_holds_its_own_audio_too() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    drain(playback, 1000.0)
    playback.report(20.0, 1030.0, final=False)
    playback.hold(1040.0)
    assert playback.heard_ms(1500.0) == 30.0
    playback.resume(1500.0)
    assert playback.heard_ms(1510.0) == 40.0


def test_a_final_report_is_the_truth_whatever_the_clock_says() -> None:
    playback = Playback(PACING)
    playback.add(audio(60))
    drain(playback, 1000.0)
    playback.report(35.0, 1040.0, final=True)
    assert playback.heard_ms(5000.0) == 35.0


def test_no_report_claims_more_than_was_sent() -> None:
    playback = Playback(PACING)
    playback.add(audio(60))
    drain(playback, 1000.0)
    playback.report(9000.0, 1010.0, final=True)
    assert playback.heard_ms(2000.0) == 60.0


def test_a_report_in_whole_milliseconds_leaves_nothing_unheard() -> None:
    playback = Playback(PACING)
    playback.add(audio(50) + bytes(10))
    drain(playback, 1000.0)
    playback.report(50.0, 1050.0, final=True)
    assert playback.heard_ms(1060.0) == playback.sent_ms == 50.0 + 10 / BYTES_PER_MS


def test_a_cut_freezes_what_was_heard_and_drops_the_rest() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    drain(playback, 1000.0)
    playback.cut(1025.0)
    assert playback.heard_ms(3000.0) == 25.0
    assert playback.is_empty
    assert drain(playback, 1100.0) == 0.0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(1, 300)),
            st.tuples(st.just("wait"), st.integers(1, 200)),
            st.tuples(st.sampled_from(["hold", "resume", "report"]), st.integers(0, 300)),
        ),
        max_size=60,
    )
)
def test_heard_never_passes_sent_and_never_runs_backwards_by_itself(steps: list[tuple[str, int]]) -> None:
    playback, now_ms, added_ms, before = Playback(PACING), 0.0, 0.0, 0.0
    for kind, n in steps:
        if kind == "add":
            playback.add(audio(n))
            added_ms += n
        elif kind == "wait":
            now_ms += n
        elif kind == "hold":
            playback.hold(now_ms)
        elif kind == "resume":
            playback.resume(now_ms)
        else:
            playback.report(float(n), now_ms, final=False)
            before = 0.0
        playback.due(now_ms)
        heard_ms = playback.heard_ms(now_ms)
        assert 0.0 <= heard_ms <= playback.sent_ms <= added_ms + 1e-6
        assert heard_ms >= before - 1e-6
        before = heard_ms


@given(st.lists(st.binary(min_size=2, max_size=4000).map(lambda b: b[: len(b) // 2 * 2]), max_size=30))
def test_every_byte_is_sent_once_and_in_order(chunks: list[bytes]) -> None:
    playback, now_ms, sent = Playback(PACING), 0.0, b""
    for chunk in chunks:
        playback.add(chunk)
    while not playback.is_empty:
        sent += playback.due(now_ms)
        now_ms += 7.0
    assert sent == b"".join(chunks)


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(0, 40), st.integers(0, 700), st.integers(0, 90)
)
def test_a_trim_keeps_what_was_sent_and_what_lies_before_it(
    lengths_ms: list[int], waits: int, end_ms: int, more_ms: int
) -> None:
    playback, now_ms, sent = Playback(PACING), 0.0, b""
    pieces = [bytes([number, 0]) * (length * BYTES_PER_MS // 2) for number, length in enumerate(lengths_ms, 1)]
    for piece in pieces:
        playback.add(piece)
    for _ in range(waits):
        sent += playback.due(now_ms)
        now_ms += 7.0
    kept = b"".join(pieces)[: max(len(sent), end_ms * BYTES_PER_MS)]
    playback.trim(float(end_ms))
    assert playback.total_ms == len(kept) / BYTES_PER_MS
    playback.add(audio(more_ms))
    while not playback.is_empty:
        sent += playback.due(now_ms)
        now_ms += 7.0
    assert sent == kept + audio(more_ms)


def test_another_pace_holds_from_the_next_piece_on() -> None:
    playback = Playback(PACING)
    playback.add(audio(500))
    drain(playback, 1000.0)
    playback.pace(Pacing(lead_ms=120.0, chunk_ms=40.0))
    assert drain(playback, 1020.0) == 80.0
    assert playback.wake_ms() == 1060.0
