from pipelines.stt.port import Final, Interim, UtteranceFailed, Word
from pipelines.stt.segment_book import SegmentBook


def words(*texts, at_ms=0.0):
    return tuple(Word(text, at_ms + 100.0 * n, at_ms + 100.0 * n + 90) for n, text in enumerate(texts))


def drained(book):
    events = list(book.out)
    book.out.clear()
    return events


def texts(book):
    return [(type(event), event.utterance, event.text) for event in drained(book)]


def test_interims_grow_and_the_flush_is_the_answer():
    book = SegmentBook()
    book.begin(1, 300)
    book.heard(words("I", "want"), 500, is_final=False)
    book.heard(words("I", "want"), 500, is_final=False)
    book.heard(words("I", "want", "two."), 600, is_final=True)
    book.heard(words("Please", at_ms=600), 800, is_final=False)
    assert book.finish(1, 900)
    book.heard(words("Please.", at_ms=600), 900, is_final=True, is_flushed=True)
    assert texts(book) == [
        (Interim, 1, "I want"),
        (Interim, 1, "I want two."),
        (Interim, 1, "I want two. Please"),
        (Final, 1, "I want two. Please."),
    ]


def test_words_go_to_the_utterance_in_whose_time_they_lie():
    book = SegmentBook()
    book.begin(1, 100)
    assert book.finish(1, 500)
    book.begin(2, 600)
    book.heard(words("one", "two", "three", "four", "five", "six"), 900, is_final=True)
    assert texts(book) == [(Final, 1, "one two three four five"), (Interim, 2, "six")]
    assert not book.finish(2, 900)
    assert texts(book) == [(Final, 2, "six")]


def test_what_is_settled_already_is_answered_at_once():
    book = SegmentBook()
    book.begin(1, 100)
    book.heard(words("yes"), 500, is_final=True)
    drained(book)
    assert not book.finish(1, 520)
    book.give_up(1)
    assert texts(book) == [(Final, 1, "yes")]


def test_without_an_answer_the_interim_is_the_answer_once():
    book = SegmentBook()
    book.begin(1, 100)
    book.heard(words("half", "of"), 200, is_final=False)
    assert book.finish(1, 400)
    book.give_up(1)
    book.heard(words("half", "of", "it"), 400, is_final=True, is_flushed=True)
    assert texts(book) == [(Interim, 1, "half of"), (Final, 1, "half of")]


def test_noise_from_before_is_left_out_and_the_onset_is_not():
    book = SegmentBook()
    book.heard(words("radio"), 500, is_final=True)
    book.heard(words("well", at_ms=4500), 4700, is_final=True)
    book.begin(1, 5000)
    assert texts(book) == [(Interim, 1, "well")]


def test_an_abandoned_utterances_words_are_nobodys():
    book = SegmentBook()
    book.begin(1, 100)
    book.heard(words("mhm"), 300, is_final=True)
    book.abandon(1, 500)
    drained(book)
    book.begin(2, 800)
    book.heard(words("wait", at_ms=700), 900, is_final=True)
    assert texts(book) == [(Interim, 2, "wait")]


def test_finishing_what_never_began_is_answered():
    book = SegmentBook()
    assert not book.finish(9, 100)
    assert texts(book) == [(Final, 9, "")]


def test_everything_awaited_fails():
    book = SegmentBook()
    book.begin(1, 100)
    book.finish(1, 200)
    book.begin(2, 300)
    book.failed("stt_x", "gone", fatal=True)
    assert drained(book) == [UtteranceFailed(1, "stt_x", "gone"), UtteranceFailed(2, "stt_x", "gone", True)]


def test_what_another_connection_heard_and_did_not_settle_is_incomplete():
    book = SegmentBook()
    book.begin(1, 0)
    book.heard(words("half"), 200, is_final=False)
    book.broken()
    book.heard(words("half"), 200, is_final=False)
    assert book.finish(1, 400)
    book.give_up(1)
    final = drained(book)[-1]
    assert (final.text, final.is_complete) == ("half", False)
