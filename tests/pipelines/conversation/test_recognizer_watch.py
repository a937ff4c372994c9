"""A recogniser that is lost or does not hear gives way to the next, in the middle of what the caller is saying."""

import msgspec
from fake_call import FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.settings import ConversationSettings, SemanticVad

TWO = ConversationSettings(
    turn_detection=SemanticVad(eagerness="high"), transcribe=True, recognizer_turns=True, recognizer_rungs=2
)


def changes(call: FakeCall) -> list[tuple[int, str]]:
    return [(action.rung, action.code) for action in call.told if isinstance(action, act.ChangeRecognizer)]


def speaks(call: FakeCall, windows: int) -> None:
    for _ in range(windows):
        call.window(0.95)


def test_a_turn_of_a_recogniser_that_is_lost_is_ended_by_silence_and_answered() -> None:
    call = FakeCall(TWO)
    speaks(call, 20)
    call.send(facts.RecognizerTurnStarted(1))
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    assert changes(call) == [(1, "stt_connection_lost")]
    call.send(facts.RecognizerChanged(1, detects_turns=False))
    call.send(facts.Heard(1, "what does it cost?"))
    for _ in range(20):
        call.window(0.02)
        for utterance in sorted(call.finishing):
            call.finishing.discard(utterance)
            call.send(facts.Transcribed(utterance, "what does it cost?"))
    assert [item.words for item in call.core.history] == ["what does it cost?"]
    assert call.open_response is not None


def test_a_voice_without_a_word_for_too_long_means_that_it_does_not_hear() -> None:
    call = FakeCall(TWO)
    speaks(call, 76)
    assert changes(call) == []
    speaks(call, 4)
    assert changes(call) == [(1, "stt_silent")]
    speaks(call, 200)
    assert len(changes(call)) == 1, "there is no third"


def test_words_count_from_the_last_one() -> None:
    call = FakeCall(TWO)
    for _ in range(6):
        speaks(call, 60)
        call.send(facts.Heard(1, "and so on"))
    assert changes(call) == []


def test_a_text_that_does_not_come_is_asked_of_the_next() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_turns=False))
    speaks(call, 30)
    for _ in range(60):
        call.window(0.02)
    call.advance(2100.0)
    assert changes(call) == [(1, "transcript_timeout")]
    assert not [action for action in call.told if isinstance(action, act.TranscriptionFailed)]
    call.send(facts.Transcribed(1, "hello there"))
    assert [item.words for item in call.core.history] == ["hello there"]


def test_the_first_is_tried_again_after_a_while_when_the_caller_is_quiet() -> None:
    call = FakeCall(TWO)
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    call.advance(59_000.0)
    assert len(changes(call)) == 1
    call.advance(2_000.0)
    assert changes(call)[-1] == (0, "stt_return")
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    call.advance(100_000.0)
    assert len(changes(call)) == 3, "the second time it is waited for longer"


def test_but_not_in_the_middle_of_what_they_say() -> None:
    call = FakeCall(TWO)
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    call.send(facts.RecognizerChanged(1, detects_turns=False))
    call.advance(59_000.0)
    for _ in range(6):
        speaks(call, 10)
        call.send(facts.Heard(1, "and so on"))
    assert call.now_ms > 60_000.0
    assert len(changes(call)) == 1
    call.settle()
    assert changes(call)[-1] == (0, "stt_return")


def test_one_that_opens_after_it_was_replaced_changes_nothing() -> None:
    call = FakeCall(TWO)
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    call.send(facts.RecognizerChanged(1, detects_turns=False))
    call.send(facts.RecognizerChanged(0, detects_turns=True, guesses=True))
    speaks(call, 20)
    call.send(facts.Heard(1, "what does it cost?"))
    is_silent_for(call, 640)
    assert call.finishing or list(call.core.history), "silence ends turns: this one finds none"
    assert not call.core.caller.turns.guesses


def test_when_none_is_left_the_client_is_told_and_no_turn_hangs() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_rungs=1))
    speaks(call, 30)
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    assert [action.code for action in call.told if isinstance(action, act.Refused)] == ["stt_connection_lost"]
    for _ in range(100):
        call.window(0.02)
    assert call.open_response is not None, "the agent says that it did not understand"
    call.settle()
    assert changes(call) == [(0, "stt_return")]


def test_what_a_replaced_recogniser_still_loses_does_not_count() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_rungs=3))
    call.send(facts.RecognizerLost(0, "one"))
    call.send(facts.RecognizerLost(0, "again"))
    assert changes(call) == [(1, "one")]


def test_a_long_speech_with_an_empty_text_is_put_to_the_next() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_turns=False))
    speaks(call, 40)
    for _ in range(30):
        call.window(0.02)
        for utterance in sorted(call.finishing) if not changes(call) else ():
            call.finishing.discard(utterance)
            call.send(facts.Transcribed(utterance, ""))
    assert changes(call) == [(1, "stt_silent")]
    assert not list(call.core.history) or not list(call.core.history)[-1].words
    call.send(facts.Transcribed(1, "what does it cost?"))
    for _ in range(20):
        call.window(0.02)
    assert [item.words for item in call.core.history] == ["what does it cost?"]
    assert call.open_response is not None


def test_a_cough_with_an_empty_text_is_not() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_turns=False))
    speaks(call, 20)
    for _ in range(60):
        call.window(0.02)
        for utterance in sorted(call.finishing):
            call.finishing.discard(utterance)
            call.send(facts.Transcribed(utterance, ""))
    assert changes(call) == []


def test_its_own_lateness_is_not_taken_for_a_deaf_recogniser() -> None:
    call = FakeCall(TWO)
    for _ in range(20):  # audio of 320 ms a round, of which the process slept 220
        speaks(call, 10)
        call.send(facts.Delayed(220.0))
    assert changes(call) == [], "6.4 s of voice without a word, of which it could have noticed one in 2 s"
    speaks(call, 20)
    assert changes(call) == [(1, "stt_silent")], "on time again, the silence counts"


def test_lateness_before_a_word_excuses_nothing_after_it() -> None:
    call = FakeCall(TWO)
    speaks(call, 20)
    call.send(facts.Delayed(5000.0))
    call.send(facts.Heard(1, "and so on"))
    speaks(call, 80)
    assert changes(call) == [(1, "stt_silent")]


def test_a_text_that_nobody_could_have_noticed_is_not_late() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_turns=False))
    speaks(call, 30)
    for _ in range(30):
        call.window(0.02)
    assert call.core.caller.awaited
    call.now_ms += 1900.0
    call.send(facts.Delayed(1900.0))
    call.advance(1000.0)
    assert changes(call) == []
    call.advance(1100.0)
    assert changes(call) == [(1, "transcript_timeout")]


def test_what_was_understood_does_when_the_rest_does_not_come_in_time() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, recognizer_turns=False))
    speaks(call, 10)
    call.send(facts.Heard(1, "what does it cost"))
    speaks(call, 10)
    is_silent_for(call, 960)
    call.advance(2500.0)
    assert changes(call) == [(1, "transcript_timeout")], "for what is said next"
    assert len(call.models) == 1


def begins(call: FakeCall) -> None:
    """The caller speaks, and the recogniser tells the beginning of it."""
    speaks(call, 20)
    call.send(facts.RecognizerTurnStarted(1))
    call.send(facts.Heard(1, "what does"))


def is_silent_for(call: FakeCall, ms: float) -> None:
    for _ in range(int(ms / 32)):
        call.window(0.02)


def waits(call: FakeCall, ms: float, *, telling: str) -> None:
    """A pause, in which the recogniser tells the same again and again."""
    for _ in range(int(ms / 250)):
        is_silent_for(call, 250)
        call.send(facts.Heard(1, telling))


def next_one_answers(call: FakeCall) -> None:
    call.send(facts.RecognizerChanged(1, detects_turns=False))
    call.send(facts.Heard(1, "what does it cost?"))
    is_silent_for(call, 64)
    for utterance in sorted(call.finishing):
        call.send(facts.Transcribed(utterance, "what does it cost?"))
    assert [item.words for item in call.core.history] == ["what does it cost?"]
    assert call.open_response is not None


def test_a_recogniser_that_stalls_in_a_turn_is_replaced_soon_after_the_speech() -> None:
    call = FakeCall(TWO)
    begins(call)
    speaks(call, 20)
    is_silent_for(call, 490)
    assert changes(call) == []
    is_silent_for(call, 40)
    assert changes(call) == [(1, "stt_silent")]
    next_one_answers(call)


def test_however_the_words_of_the_next_one_sound() -> None:
    call = FakeCall(msgspec.structs.replace(TWO, turn_detection=SemanticVad(eagerness="low")))
    begins(call)
    speaks(call, 20)
    is_silent_for(call, 530)
    assert changes(call) == [(1, "stt_silent")]
    call.send(facts.RecognizerChanged(1, detects_turns=False))
    call.send(facts.Heard(1, "what does it cost for"))
    is_silent_for(call, 400)
    for utterance in sorted(call.finishing):
        call.send(facts.Transcribed(utterance, "what does it cost for"))
    assert [item.words for item in call.core.history] == ["what does it cost for"]
    assert call.open_response is not None


def test_one_that_stalls_at_the_end_of_the_speech_a_little_later() -> None:
    call = FakeCall(TWO)
    begins(call)
    is_silent_for(call, 780)
    assert changes(call) == []
    is_silent_for(call, 64)
    assert changes(call) == [(1, "stt_silent")]
    next_one_answers(call)


def test_one_that_drips_is_too_late_for_the_end_of_the_turn() -> None:
    call = FakeCall(TWO)
    begins(call)
    speaks(call, 35)
    call.send(facts.Heard(1, "what does it"))
    is_silent_for(call, 400)
    call.send(facts.Heard(1, "what does it"))
    is_silent_for(call, 128)
    assert changes(call) == [(1, "stt_silent")]
    next_one_answers(call)


def test_one_that_told_of_the_end_and_stalls_is_taken_at_its_word() -> None:
    call = FakeCall(TWO)
    begins(call)
    is_silent_for(call, 160)
    call.send(facts.RecognizerEagerEnd(1, "what does it cost?"))
    assert call.models, "the reply is begun"
    is_silent_for(call, 780)
    assert not list(call.core.history)
    is_silent_for(call, 64)
    assert [item.words for item in call.core.history] == ["what does it cost?"]
    assert len(call.models) == 1
    assert call.open_response is not None
    assert changes(call) == []


def test_one_that_is_slow_once_is_not() -> None:
    call = FakeCall(TWO)
    begins(call)
    speaks(call, 20)
    is_silent_for(call, 470)
    call.send(facts.Heard(1, "what does it cost"))
    waits(call, 1250, telling="what does it cost")
    assert changes(call) == []


def test_nor_one_that_waits_for_the_caller_to_go_on() -> None:
    call = FakeCall(TWO)
    begins(call)
    for _ in range(3):  # a noise that is no word: the same text again
        speaks(call, 10)
        call.send(facts.Heard(1, "what does"))
    waits(call, 1750, telling="what does")
    assert changes(call) == []


def test_a_short_word_of_which_nothing_was_told_is_asked_for() -> None:
    call = FakeCall(TWO)
    speaks(call, 10)
    is_silent_for(call, 690)
    assert not call.finishing
    is_silent_for(call, 32)
    assert call.finishing == {1}
    call.send(facts.TranscriptFailed(1, "stt_incomplete", "The recogniser did not hear all of it."))
    assert changes(call) == [(1, "stt_incomplete")]
    call.send(facts.Transcribed(1, "hello"))
    assert [item.words for item in call.core.history] == ["hello"]
