"""Which phrases are kept, and which give way."""

from pipelines.tts.kept_phrases import KeptPhrase, KeptPhrases
from pipelines.tts.port import TtsOptions

ANNA = TtsOptions(voice="anna", repeated=True)
BEN = TtsOptions(voice="ben", repeated=True)


def phrase(text: str, size: int = 100) -> KeptPhrase:
    return KeptPhrase(text, bytes(size), ())


def test_a_phrase_is_found_in_its_voice_and_speed_only():
    phrases = KeptPhrases(1000)
    phrases.keep(ANNA, phrase("One moment."))
    assert phrases.get(ANNA, "One moment.") is not None
    assert phrases.get(BEN, "One moment.") is None
    assert phrases.get(TtsOptions(voice="anna", speed=1.2, repeated=True), "One moment.") is None
    assert phrases.get(ANNA, "One moment") is None


def test_a_beginning_may_become_it():
    phrases = KeptPhrases(1000)
    phrases.keep(ANNA, phrase("One moment."))
    assert phrases.may_become(ANNA, "One m")
    assert not phrases.may_become(ANNA, "One day")
    assert not phrases.may_become(ANNA, "One moment. Yes")
    assert not phrases.may_become(BEN, "One m")


def test_the_one_that_was_said_the_longest_time_ago_gives_way():
    phrases = KeptPhrases(400)
    for text in "abcd":
        phrases.keep(ANNA, phrase(text))
    phrases.get(ANNA, "a")
    phrases.keep(ANNA, phrase("e"))
    assert [text for text in "abcde" if phrases.get(ANNA, text)] == ["a", "c", "d", "e"]
    assert phrases.bytes == 400


def test_the_same_phrase_again_takes_no_more():
    phrases = KeptPhrases(400)
    phrases.keep(ANNA, phrase("a"))
    phrases.keep(ANNA, phrase("a", 60))
    assert (len(phrases), phrases.bytes) == (1, 60)


def test_one_that_would_drive_out_the_others_is_not_kept():
    phrases = KeptPhrases(400)
    phrases.keep(ANNA, phrase("a", 101))
    assert len(phrases) == 0
