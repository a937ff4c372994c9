import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.conversation.alignment import Alignment
from pipelines.tts.port import SpokenWord


def aligned(text: str, *words: str) -> Alignment:
    """Each word takes 100 ms."""
    alignment = Alignment()
    alignment.add_text(text)
    alignment.add_words(tuple(SpokenWord(word, 100.0 * n, 100.0 * (n + 1)) for n, word in enumerate(words)))
    return alignment


def test_text_is_cut_behind_the_last_whole_word() -> None:
    alignment = aligned("Hello there, friend.", "Hello", "there,", "friend.")
    assert alignment.text_until(0.0) == ""
    assert alignment.text_until(199.0) == "Hello"
    assert alignment.text_until(200.0) == "Hello there,"
    assert alignment.text_until(900.0) == "Hello there, friend."


def test_punctuation_belongs_to_the_word_before_it() -> None:
    alignment = aligned('Sure (really)! "Yes"', "Sure", "really", "Yes")
    assert alignment.text_until(100.0) == "Sure"
    assert alignment.text_until(200.0) == "Sure (really)!"


def test_a_word_the_voice_rewrote_takes_the_next_written_one() -> None:
    alignment = aligned("It costs $1,200 today", "It", "costs", "twelve-hundred", "today")
    assert alignment.text_until(300.0) == "It costs $1,200"
    assert alignment.text_until(400.0) == "It costs $1,200 today"


def test_a_repeated_word_is_placed_in_turn() -> None:
    alignment = aligned("no no no", "no", "no", "no")
    assert [alignment.text_until(100.0 * n) for n in (1, 2, 3)] == ["no", "no no", "no no no"]


@pytest.mark.parametrize("audio_ms", [200.0 - 1e-9, 160.0, 90.0])
def test_words_that_end_behind_the_audio_are_heard_with_the_last_of_it(audio_ms: float) -> None:
    alignment = aligned("Hello there!", "Hello", "there!")
    alignment.close(audio_ms)
    assert alignment.text_until(audio_ms) == "Hello there!"
    assert alignment.word_ends == tuple(sorted(alignment.word_ends))
    assert alignment.word_ends[-1] == (audio_ms, len("Hello there!"))


def test_close_covers_the_rest() -> None:
    alignment = aligned("one two three ", "one")
    alignment.close(300.0)
    assert alignment.text_until(299.0) == "one"
    assert alignment.text_until(300.0) == "one two three"


@given(st.lists(st.text(min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=20), st.integers(0, 2500))
def test_the_cut_is_always_a_prefix(words: list[str], at_ms: int) -> None:
    text = " ".join(words)
    alignment = aligned(text, *text.split())
    assert text.startswith(alignment.text_until(float(at_ms)))


def test_words_whose_audio_never_came_are_forgotten_and_their_text_is_there_to_be_spoken() -> None:
    alignment = aligned("one two three", "one", "two", "three")
    assert alignment.keep_spoken(160.0) == 200.0, "a voice that rounds its times has said that word"
    assert alignment.placed == "one two"
    alignment.add_words((SpokenWord("three", 200.0, 300.0),))
    assert alignment.text_until(300.0) == "one two three"
    assert alignment.keep_spoken(0.0) == 0.0
    assert alignment.placed == ""


def test_one_letter_that_the_voice_says_as_a_word_is_that_word() -> None:
    alignment = aligned("Research & development", "Research", "and", "development")
    assert alignment.text_until(200.0) == "Research &"


def test_a_voice_that_says_more_than_is_written_loses_and_adds_nothing() -> None:
    alignment = aligned("Ten ", "Ten", "percent", "off")
    assert alignment.text_until(300.0).strip() == "Ten"


def test_a_rewritten_word_is_not_looked_for_in_the_next_sentence() -> None:
    text = "It is 1 of the many plans that we have on offer for teams of your size, the one to take."
    alignment = aligned(text, "It", "is", "one", "of")
    assert alignment.text_until(400.0) == "It is 1 of"
