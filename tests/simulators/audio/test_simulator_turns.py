from hypothesis import given
from hypothesis import strategies as st

from simulators.audio.hearing import Ears
from simulators.audio.recordings import Library
from simulators.audio.turns import Pace, Turns
from simulators.script import Script

NO_RECORDINGS = Library((), -45)


def turns(*sentences, **pace):
    return Turns(Ears(Script(sentences=sentences), NO_RECORDINGS, 165), Pace(**pace))


def play(machine, *spans):
    """Feed (ms, voiced) spans; all events."""
    events = []
    for duration_ms, voiced in spans:
        for _ in range(duration_ms // 10):
            if event := machine.hear(2000 if voiced else 0):
                events.append(event)
    return events


def kinds(events, *, updates=False):
    return [event.kind for event in events if updates or event.kind != "update"]


def text(event):
    return " ".join(word.text for word in event.words)


def test_one_turn():
    events = play(turns("hello there you"), (300, False), (1000, True), (1000, False))
    marks = [(event.kind, event.now_ms) for event in events if event.kind != "update"]
    assert marks == [("start", 500), ("eager", 1450), ("end", 1650)]
    end = events[[event.kind for event in events].index("end")]
    assert (text(end), end.trigger, end.turn, end.start_ms) == ("hello there you", "model", 0, 0)


def test_an_update_comes_when_no_other_event_did():
    events = play(turns("hello there you"), (600, False), (1000, True), (600, False))
    assert [event.now_ms for event in events] == [250, 500, 750, 800, 1050, 1300, 1550, 1750, 1950, 2200]
    assert kinds(events, updates=True)[3] == "start"
    assert [text(event) for event in events[:3]] == ["", "", ""]


def test_the_next_turn_has_the_next_number_and_sentence():
    events = play(turns("one", "two"), (600, True), (500, False), (600, True), (500, False))
    ends = [event for event in events if event.kind == "end"]
    assert [(event.turn, text(event), event.start_ms) for event in ends] == [(0, "one", 0), (1, "two", ends[0].now_ms)]


def test_speech_that_returns_resumes_the_turn():
    events = play(turns("I think | Tuesday"), (600, True), (250, False), (600, True), (500, False))
    assert kinds(events) == ["start", "eager", "resume", "eager", "end"]
    eager, _, second, end = (event for event in events if event.kind in ("eager", "resume", "end"))
    assert (text(eager), text(second), text(end)) == ("I think", "I think Tuesday", "I think Tuesday")


def test_a_click_does_not_resume():
    assert kinds(play(turns("one"), (600, True), (200, False), (30, True), (300, False))) == ["start", "eager", "end"]


def test_a_short_sound_is_no_turn():
    assert kinds(play(turns("one"), (150, True), (300, False), (150, True), (300, False))) == []


def test_sound_without_words_is_no_turn_until_it_stops():
    machine = turns("", "words")
    assert kinds(play(machine, (2000, True), (300, False))) == []
    assert kinds(play(machine, (600, True), (500, False))) == ["start", "eager", "end"]


def test_without_eager_events_the_turn_just_ends():
    assert kinds(play(turns("one", eager_ms=None), (600, True), (500, False))) == ["start", "end"]


def test_an_end_always_follows_an_eager_event_when_there_are_any():
    events = play(turns("one", eager_ms=500, end_ms=300), (600, True), (800, False))
    assert kinds(events) == ["start", "eager", "end"]


def test_without_confidence_only_the_time_out_ends_a_turn():
    events = play(turns("one", eager_ms=None, end_ms=None, timeout_ms=2000), (600, True), (2500, False))
    end = events[[event.kind for event in events].index("end")]
    assert (end.trigger, end.silence_ms) == ("timeout", 2000)


def test_a_turn_can_be_ended_by_command():
    machine = turns("one two three four five six seven", "eight")
    assert machine.force_end() is None
    play(machine, (1000, True))
    end = machine.force_end()
    assert (end.trigger, end.kind) == ("manual", "end")
    assert text(end) == "one two three"
    assert machine.force_end() is None
    assert not machine.speaking


def test_pace_can_be_changed_within_a_turn():
    machine = turns("one")
    play(machine, (600, True))
    machine.pace = Pace(eager_ms=None, end_ms=1000)
    events = play(machine, (1200, False))
    assert [event.silence_ms for event in events if event.kind == "end"] == [1000]


SPANS = st.lists(st.tuples(st.integers(1, 60).map(lambda n: n * 10), st.booleans()), max_size=40)
PACES = st.builds(
    Pace,
    start_ms=st.sampled_from([100, 200]),
    update_ms=st.sampled_from([100, 250]),
    eager_ms=st.sampled_from([None, 50, 150, 600]),
    end_ms=st.sampled_from([None, 100, 350]),
    timeout_ms=st.sampled_from([500, 5000]),
)


@given(spans=SPANS, pace=PACES, forced_at=st.sets(st.integers(0, 39), max_size=3))
def test_the_guarantees_hold_whatever_is_said(spans, pace, forced_at):
    machine = Turns(
        Ears(Script(sentences=("one two | three four", "", "five | six | seven")), NO_RECORDINGS, 165), pace
    )
    events = []
    for number, span in enumerate(spans):
        events += play(machine, span)
        if number in forced_at and (event := machine.force_end()):
            events.append(event)
    state, index, eager = "ready", 0, ""
    last_ms = 0.0
    for event in events:
        assert event.turn == index
        assert event.now_ms - last_ms <= pace.update_ms
        last_ms = event.now_ms
        match event.kind:
            case "start":
                assert state == "ready"
                assert event.words
                state = "speaking"
            case "eager":
                assert state == "speaking"
                assert event.words
                state, eager = "ending", text(event)
            case "resume":
                assert state == "ending"
                state = "speaking"
            case "end":
                assert state in ("speaking", "ending")
                if state == "ending":
                    assert text(event) == eager
                elif pace.eager_ms is not None:
                    assert event.trigger == "manual"
                assert event.trigger is not None
                state, index = "ready", index + 1
            case "update":
                assert text(event) == eager or state != "ending"
                assert event.words or state == "ready"
        assert machine is not None
    assert machine.speaking == (state != "ready")
