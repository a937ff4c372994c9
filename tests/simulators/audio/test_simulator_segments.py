import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.audio.hearing import Ears
from simulators.audio.recordings import Library
from simulators.audio.segments import SegmentPace, Segments
from simulators.script import Script

NO_RECORDINGS = Library((), -45)


def segments(*sentences, **pace):
    return Segments(Ears(Script(sentences=sentences), NO_RECORDINGS, 165), SegmentPace(**pace))


def play(machine, *spans):
    return [
        event
        for duration_ms, voiced in spans
        for _ in range(duration_ms // 10)
        for event in machine.hear(2000 if voiced else 0)
    ]


def text(event):
    return " ".join(word.text for word in event.words)


def test_one_stretch_of_speech():
    events = play(
        segments("hello there you", endpointing_ms=300, interim_ms=500, utterance_end_ms=1000),
        (200, False),
        (1200, True),
        (1500, False),
    )
    marks = [(event.kind, event.now_ms, text(event)) for event in events]
    assert marks == [
        ("speech_started", 260, ""),
        ("interim", 500, "hello"),
        ("interim", 1000, "hello there"),
        ("interim", 1500, "hello there you"),
        ("final", 1700, "hello there you"),
        ("interim", 2200, ""),
        ("utterance_end", 2400, ""),
        ("interim", 2700, ""),
    ]
    final = events[4]
    assert (final.endpoint, final.start_ms) == (True, 0)
    assert events[6].last_word_end_ms == pytest.approx(1400)


def test_without_interims_only_finals_come():
    events = play(segments("one two", endpointing_ms=300, interim_ms=None), (800, True), (600, False))
    assert [event.kind for event in events] == ["speech_started", "final"]


def test_long_speech_comes_in_several_segments_and_only_the_last_is_an_endpoint():
    sentence = " ".join(["word"] * 40)
    events = play(segments(sentence, endpointing_ms=300, interim_ms=None), (12_000, True), (500, False))
    finals = [event for event in events if event.kind == "final"]
    assert [event.endpoint for event in finals] == [False, False, True]
    assert " ".join(text(event) for event in finals) == sentence
    assert [event.start_ms for event in finals[1:]] == [event.now_ms for event in finals[:-1]]


def test_long_silence_is_settled_too():
    events = play(segments("one", interim_ms=None), (11_000, False))
    assert [(event.kind, event.now_ms, event.words) for event in events] == [("final", 5000, ()), ("final", 10_000, ())]


def test_short_endpointing_cuts_between_words_and_loses_none():
    machine = segments("one two three four five six", endpointing_ms=20, interim_ms=None)
    events = play(machine, (700, True), (50, False), (700, True), (400, False))
    finals = [event for event in events if event.kind == "final"]
    assert len(finals) >= 2
    assert all(event.endpoint for event in finals)
    assert " ".join(text(event) for event in finals) == "one two three four five six"


def test_endpointing_can_be_off():
    events = play(segments("one two", endpointing_ms=None, interim_ms=None), (800, True), (1500, False))
    finals = [event for event in events if event.kind == "final"]
    assert [(event.endpoint, text(event)) for event in finals] == [(False, "one two")]


def test_the_utterance_ends_though_endpointing_has_not_struck():
    machine = segments("one two", endpointing_ms=3000, interim_ms=None, utterance_end_ms=1000)
    events = play(machine, (800, True), (1200, False))
    assert [event.kind for event in events] == ["speech_started", "final", "utterance_end"]
    assert not events[1].endpoint


def test_noise_has_an_empty_final_and_no_word_end():
    machine = segments("", endpointing_ms=300, interim_ms=None, utterance_end_ms=1000)
    events = play(machine, (400, True), (1500, False))
    assert [(event.kind, text(event)) for event in events] == [
        ("speech_started", ""),
        ("final", ""),
        ("utterance_end", ""),
    ]
    assert events[2].last_word_end_ms == -1


def test_finalize_settles_what_was_heard_and_says_nothing_twice():
    machine = segments("one two three", "four", endpointing_ms=300, interim_ms=None)
    assert machine.finalize() == []
    play(machine, (500, True))
    (final,) = machine.finalize()
    assert (text(final), final.endpoint) == ("one two three", True)
    assert machine.finalize() == []
    events = play(machine, (500, True), (400, False))
    assert [text(event) for event in events if event.kind == "final"] == ["four"]


@given(
    spans=st.lists(st.tuples(st.integers(1, 80).map(lambda n: n * 10), st.booleans()), max_size=30),
    endpointing_ms=st.sampled_from([None, 10, 25, 300, 800]),
    utterance_end_ms=st.sampled_from([None, 1000]),
)
def test_segments_cover_the_audio_without_gap_or_overlap(spans, endpointing_ms, utterance_end_ms):
    machine = segments("a b | c", "", "d e f g", endpointing_ms=endpointing_ms, utterance_end_ms=utterance_end_ms)
    events = play(machine, *spans) + machine.finalize()
    start_ms = last_word_ms = 0.0
    for event in events:
        if event.kind in ("interim", "final"):
            assert event.start_ms == start_ms
        if event.kind == "final":
            assert event.now_ms > start_ms or not event.words
            start_ms = event.now_ms
            if event.words:
                assert event.words[-1].end_ms >= last_word_ms - 1e-6
                last_word_ms = event.words[-1].end_ms
    assert start_ms == sum(duration_ms for duration_ms, _ in spans)
