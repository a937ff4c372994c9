from pipelines.stt.port import EagerEnd, Final, Interim, Resumed, TurnEnded, TurnStarted, UtteranceFailed
from pipelines.stt.turn_book import TurnBook


def drained(book):
    events = list(book.out)
    book.out.clear()
    return events


def test_a_turn_within_an_utterance():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.updated("I want")
    book.updated("I want")
    book.eager("I want two.")
    book.resumed()
    book.updated("I want two, please")
    book.eager("I want two, please.")
    book.ended("I want two, please.")
    assert drained(book) == [
        TurnStarted(1),
        Interim(1, "I want"),
        Interim(1, "I want"),  # the same again: it is at work
        EagerEnd(1, "I want two."),
        Resumed(1),
        Interim(1, "I want two, please"),
        EagerEnd(1, "I want two, please."),
        TurnEnded(1, "I want two, please."),
    ]


def test_turns_within_one_utterance_are_joined():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.ended("Hello.")
    book.started()
    book.updated("Are you")
    assert drained(book)[-1] == Interim(1, "Hello. Are you")
    assert book.finish(1)
    book.ended("Are you there?")
    assert drained(book) == [Final(1, "Hello. Are you there?")]


def test_a_new_utterance_takes_over_the_running_turn():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.abandon(1)
    book.begin(2)
    book.updated("mhm wait")
    book.ended("mhm wait, stop")
    assert drained(book) == [TurnStarted(1), Interim(2, "mhm wait"), TurnEnded(2, "mhm wait, stop")]


def test_an_utterance_that_is_being_finished_keeps_its_turn():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.updated("one")
    assert book.finish(1)
    book.begin(2)
    book.ended("one")
    book.started()
    book.updated("two")
    assert drained(book)[2:] == [Final(1, "one"), TurnStarted(2), Interim(2, "two")]


def test_finishing_after_the_end_answers_at_once_and_once():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.ended("Yes.")
    drained(book)
    assert not book.finish(1)
    book.give_up(1)
    assert drained(book) == [Final(1, "Yes.")]


def test_finishing_without_words_is_answered_when_given_up():
    book = TurnBook()
    book.begin(1)
    assert book.finish(1)
    book.give_up(1)
    book.give_up(1)
    assert drained(book) == [Final(1, "")]


def test_giving_up_gives_what_was_understood_and_the_end_is_no_second_answer():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.updated("half of")
    book.finish(1)
    book.give_up(1)
    book.ended("half of it")
    assert drained(book)[2:] == [Final(1, "half of"), TurnEnded(1, "half of it")]


def test_finishing_an_old_utterance_is_answered():
    book = TurnBook()
    book.begin(1)
    book.begin(2)
    assert not book.finish(1)
    assert drained(book) == [Final(1, "")]


def test_a_broken_connection_takes_back_the_eager_end():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.eager("yes")
    book.broken()
    book.started()
    book.ended("yes")
    assert drained(book) == [TurnStarted(1), EagerEnd(1, "yes"), Resumed(1), TurnStarted(1), TurnEnded(1, "yes")]


def test_an_end_without_a_start_loses_no_words():
    book = TurnBook()
    book.begin(1)
    book.ended("")
    book.ended("Yes.")
    assert drained(book) == [TurnStarted(1), TurnEnded(1, "Yes.")]


def test_everything_awaited_fails():
    book = TurnBook()
    book.begin(1)
    book.started()
    book.finish(1)
    book.begin(2)
    book.failed("stt_x", "gone", fatal=True)
    assert drained(book)[1:] == [UtteranceFailed(1, "stt_x", "gone"), UtteranceFailed(2, "stt_x", "gone", True)]
