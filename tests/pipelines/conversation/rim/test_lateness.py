"""Time is late beyond the beat that was due, counted once, whoever asks first."""

from pipelines.conversation.rim.lateness import BEAT_MS, GRAIN_MS, Lateness


def test_a_process_on_time_is_never_late() -> None:
    lateness = Lateness(0.0)
    for beat in range(1, 50):
        assert lateness.take(beat * BEAT_MS + GRAIN_MS / 2) == 0.0
        lateness.beat(beat * BEAT_MS)


def test_lateness_counts_from_the_beat_that_was_due_and_once() -> None:
    lateness = Lateness(0.0)
    assert lateness.take(BEAT_MS + 300.0) == 300.0
    assert lateness.take(BEAT_MS + 300.0) == 0.0
    assert lateness.take(BEAT_MS + 350.0) == 50.0, "the beat itself has still not come"
    lateness.beat(BEAT_MS + 360.0)
    assert lateness.take(2 * BEAT_MS + 360.0) == 0.0


def test_a_starved_process_is_on_time_a_beat_in_each_round() -> None:
    lateness, late_ms = Lateness(0.0), 0.0
    for now_ms in range(400, 4001, 400):
        late_ms += lateness.take(now_ms)
        lateness.beat(now_ms)
    assert late_ms == 4000.0 - 10 * BEAT_MS


def test_how_late_the_beat_is_counts_from_when_it_was_due_below_the_grain_too() -> None:
    lateness = Lateness(1000.0)
    assert [lateness.past_due_ms(1000.0 + BEAT_MS + ms) for ms in (-30.0, 0.0, 12.0, 300.0)] == [0.0, 0.0, 12.0, 300.0]
