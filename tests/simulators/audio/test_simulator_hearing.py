from simulators.audio.hearing import Ears, ScriptedUtterance
from simulators.audio.recordings import Library
from simulators.script import Script

NO_RECORDINGS = Library((), -45)


def texts(words):
    return [word.text for word in words]


def hear(utterance, voiced_ms, silent_ms=0):
    for _ in range(voiced_ms // 10):
        utterance.hear(1000)
    for _ in range(silent_ms // 10):
        utterance.hear(0)


def test_words_come_at_speaking_pace_and_whole_at_a_pause():
    utterance = ScriptedUtterance("one two three four", 100, 165)
    hear(utterance, 200)
    assert texts(utterance.words(settled=False)) == ["one"]
    hear(utterance, 600, 150)
    assert texts(utterance.words(settled=False)) == ["one", "two"]
    assert texts(utterance.words(settled=True)) == ["one", "two", "three", "four"]


def test_words_lie_within_the_voiced_audio_one_after_the_other():
    utterance = ScriptedUtterance("a longer sentence of words", 300, 165)
    hear(utterance, 1000, 300)
    words = utterance.words(settled=True)
    assert words[0].start_ms == 300
    assert abs(words[-1].end_ms - 1300) < 1e-6
    assert all(before.end_ms <= after.start_ms + 1e-6 for before, after in zip(words, words[1:], strict=False))


def test_what_follows_a_bar_is_known_only_once_the_speaker_goes_on():
    utterance = ScriptedUtterance("I was thinking of | next Tuesday", 0, 165)
    hear(utterance, 800, 200)
    assert texts(utterance.words(settled=True)) == ["I", "was", "thinking", "of"]
    utterance.go_on()
    hear(utterance, 100)
    assert texts(utterance.words(settled=False)) == ["I", "was", "thinking", "of", "next"]
    hear(utterance, 500)
    assert texts(utterance.words(settled=True))[-2:] == ["next", "Tuesday"]


def test_going_on_after_the_last_part_changes_nothing():
    utterance = ScriptedUtterance("one two", 0, 165)
    hear(utterance, 900)
    utterance.go_on()
    assert texts(utterance.words(settled=False)) == ["one", "two"]


def test_sentences_are_cycled_and_each_connection_begins_with_the_first():
    script = Script(sentences=("one", "two"))
    ears = Ears(script, NO_RECORDINGS, 165)
    heard = [texts(ears.begin(0, [1000] * 20).words(settled=True)) for _ in range(3)]
    assert heard == [["one"], ["two"], ["one"]]
    assert texts(Ears(script, NO_RECORDINGS, 165).begin(0, []).words(settled=True)) == ["one"]


def test_an_empty_script_hears_nothing():
    assert Ears(Script(sentences=()), NO_RECORDINGS, 165).begin(0, [1000] * 50).words(settled=True) == ()
