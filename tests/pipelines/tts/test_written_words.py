from pipelines.tts.port import SpokenWord
from pipelines.tts.written_words import WrittenWords


def spoken(text, *words):
    written = WrittenWords()
    written.add_text(text)
    return [
        word for number, word in enumerate(words) for word in written.place(word, number * 100.0, number * 100.0 + 90)
    ]


def texts(text, *words):
    return [word.text for word in spoken(text, *words)]


def test_punctuation_is_as_written():
    assert spoken("“Sure,” she said.", "Sure", "she", "said.") == [
        SpokenWord("“Sure,”", 0, 90),
        SpokenWord("she", 100, 190),
        SpokenWord("said.", 200, 290),
    ]


def test_a_word_torn_in_two_is_told_once_whole():
    assert spoken("well-known facts", "well", "known", "facts") == [
        SpokenWord("well-known", 0, 190),
        SpokenWord("facts", 200, 290),
    ]


def test_words_said_otherwise_are_told_with_the_next_that_is_found():
    assert texts("It costs $5 each month", "It", "costs", "five", "dollars", "each", "month") == [
        "It", "costs", "$5", "each", "month",
    ]  # fmt: skip


def test_what_is_not_spoken_is_passed_over():
    assert texts("Yes — we can 🙂 do it", "Yes", "we", "can", "do", "it") == ["Yes", "—", "we", "can", "🙂", "do", "it"]


def test_times_never_run_backwards():
    words = spoken("a $5 b — c d", "a", "five", "dollars", "b", "c", "d")
    assert all(first.end_ms <= second.start_ms + 1e-6 for first, second in zip(words, words[1:], strict=False))


def test_strange_words_are_ignored():
    assert texts("Hello there", "♪", "xyz", "Hello", "there") == ["Hello", "there"]
