"""What the caller says: how it is told and kept, whom it is answered for, and what happens when the line breaks."""

import msgspec
import pytest
from core_calls import EAGER, caller_says, speaking, told
from fake_call import FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.settings import ConversationSettings, SemanticVad, ServerVad
from pipelines.stt.port import Word
from pipelines.tts.port import SpokenWord

SILENCE = ConversationSettings(turn_detection=ServerVad(silence_duration_ms=320), transcribe=True)
FLUX = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True, recognizer_turns=True)


def with_detection(detection: ServerVad | SemanticVad | None) -> ConversationSettings:
    return msgspec.structs.replace(EAGER, turn_detection=detection)


class TestWords:
    def test_the_item_and_the_transcript_tell_how_long_was_spoken(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        (item,) = call.core.history
        (completed,) = told(call, act.TranscriptCompleted)
        assert item.audio_ms == completed.audio_ms == 20 * 32.0

    def test_every_item_is_told_with_the_one_before_it(self) -> None:
        call = speaking(words=4)
        call.settle()
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        question, reply, more = (item.id for item in call.core.history)
        added = [(news.item.id, news.previous_item_id) for news in told(call, act.ItemAdded)]
        assert added == [(question, None), (more, reply)]

    def test_interims_are_told_as_far_as_they_only_grow(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=20, silent=0)
        for text in ("what", "what does", "what does", "why does it", "what does it cost"):
            call.send(facts.Heard(1, text))
        assert [delta.delta for delta in told(call, act.TranscriptDelta)] == ["what", " does", " it cost"]

    def test_a_client_that_wants_no_transcription_is_told_none(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, transcribe=False))
        caller_says(call, "what does it cost?", voiced=20, interim="what does", silent=14)
        assert call.open_response is not None
        assert not told(call, act.TranscriptDelta)
        assert not told(call, act.TranscriptCompleted)
        for voice in [0.95] * 20 + [0.02] * 14:
            call.window(voice)
        (utterance,) = call.finishing
        call.send(facts.TranscriptFailed(utterance, "stt_lost", "lost"))
        assert not told(call, act.TranscriptionFailed)

    @pytest.mark.parametrize(("first", "words"), [(("we",), ("we", "are", "ten")), ((), ())])
    def test_a_turn_of_two_parts_has_the_words_of_both_or_none(
        self, first: tuple[str, ...], words: tuple[str, ...]
    ) -> None:
        call = FakeCall(SILENCE)
        for voice in [0.95] * 20 + [0.02] * 6 + [0.95] * 12 + [0.02] * 11:
            call.window(voice)
        one, two = sorted(call.finishing)
        call.send(facts.Transcribed(one, "we", tuple(Word(word, 0.0, 0.0) for word in first)))
        call.send(facts.Transcribed(two, "are ten", (Word("are", 0.0, 0.0), Word("ten", 0.0, 0.0))))
        (completed,) = told(call, act.TranscriptCompleted)
        assert completed.transcript == "we are ten"
        assert tuple(word.text for word in completed.words) == words

    def test_a_part_of_which_nothing_was_understood_takes_the_words_of_the_rest_from_nobody(self) -> None:
        call = FakeCall(SILENCE)
        for voice in [0.95] * 20 + [0.02] * 6 + [0.95] * 12 + [0.02] * 11:
            call.window(voice)
        one, two = sorted(call.finishing)
        call.send(facts.Transcribed(one, ""))
        call.send(facts.Transcribed(two, "ten", (Word("ten", 0.0, 0.0),)))
        (completed,) = told(call, act.TranscriptCompleted)
        assert (completed.transcript, len(completed.words)) == ("ten", 1)

    def test_the_words_of_one_part_are_no_reason_to_answer_before_the_next_is_known(self) -> None:
        call = FakeCall(EAGER)
        for voice in [0.95] * 20 + [0.02] * 7 + [0.95] * 12:
            call.window(voice)
        call.send(facts.Transcribed(1, "we are about ten."))
        assert call.core.phase is Phase.CALLER_SPEAKING
        assert not call.models


class TestAnswering:
    def test_a_client_that_asks_for_replies_itself_gets_none_unasked(self) -> None:
        call = FakeCall(with_detection(SemanticVad(eagerness="high", create_response=False)))
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        assert [item.words for item in call.core.history] == ["what does it cost?"]
        assert not told(call, act.ResponseCreated)
        assert not call.models, "none is prepared either once the turn is over"

    def test_whoever_speaks_again_is_not_answered_before_they_are_done(self) -> None:
        call = FakeCall(SILENCE)
        for voice in [0.95] * 20 + [0.02] * 11 + [0.95] * 10:
            call.window(voice)
        (question,) = call.finishing
        call.send(facts.Transcribed(question, "what does it cost?"))
        assert call.core.phase is Phase.CALLER_SPEAKING
        assert not told(call, act.ResponseCreated)

    def test_nothing_is_brought_up_while_words_of_theirs_are_on_the_way(self) -> None:
        call = FakeCall(SILENCE)
        call.send(facts.CameLate("book_meeting", "{}"))
        for voice in [0.95] * 20 + [0.02] * 40:
            call.window(voice)
        assert not call.models
        call.send(facts.Transcribed(*call.finishing, "so?"))
        assert len(call.models) == 1

    def test_yeah_is_an_answer_to_a_question_and_none_to_anything_else(self) -> None:
        def says_yeah_after(text: str) -> FakeCall:
            call = FakeCall(EAGER)
            call.send(facts.ResponseCreate())
            (model,) = call.models
            call.send(facts.ModelText(model, text))
            call.model_finishes(model)
            (voice,) = call.voices
            ends_ms = 0.0
            for word in text.split():
                call.send(facts.VoiceWords(voice, (SpokenWord(word, ends_ms, ends_ms + 200.0),)))
                call.send(facts.VoiceAudio(voice, bytes(200 * 48), 0.0))
                ends_ms += 200.0
            call.send(facts.VoiceAudio(voice, bytes(1000 * 48), 0.0))  # and a breath
            call.advance(ends_ms + 100.0)
            assert call.core.floor(call.now_ms).value == "audible"
            caller_says(call, "yes", voiced=9, interim="yes", silent=14)
            return call

        assert told(says_yeah_after("Shall we meet? "), act.SpeechStarted)
        assert not told(says_yeah_after("So we meet. "), act.SpeechStarted)

    def test_when_the_words_were_known_is_told_with_the_timings(self) -> None:
        call = FakeCall(SILENCE)
        for voice in [0.95] * 20 + [0.02] * 11:
            call.window(voice)
        call.advance(200.0)
        known_ms = call.now_ms
        call.send(facts.Transcribed(*call.finishing, "what does it cost?"))
        call.model_text(*call.models)
        call.finishing.clear()
        call.settle()
        (timings,) = told(call, act.TurnTimings)
        assert timings.transcript_ms == known_ms


class TestTurnDetectionChanges:
    def test_a_reply_that_was_held_goes_on_when_nobody_listens_for_turns_any_more(self) -> None:
        call = speaking(words=10)
        call.window(0.95)
        assert call.core.phase is Phase.HELD
        call.send(facts.Configured(with_detection(None)))
        call.advance(10_000.0)
        (done,) = told(call, act.ResponseDone)
        assert done.response.status == "completed"

    def test_a_recogniser_that_finds_turns_goes_on_to_find_them(self) -> None:
        call = FakeCall(FLUX)
        call.send(facts.Configured(msgspec.structs.replace(FLUX, turn_detection=SemanticVad(eagerness="low"))))
        call.send(facts.RecognizerTurnStarted(0))
        call.send(facts.RecognizerTurnEnded(1, "hello?"))
        assert [item.words for item in call.core.history] == ["hello?"]

    def test_its_end_of_a_turn_that_silence_has_ended_brings_the_words(self) -> None:
        call = FakeCall(msgspec.structs.replace(SILENCE, recognizer_turns=True))
        for voice in [0.95] * 20 + [0.02] * 11:
            call.window(voice)
        assert told(call, act.SpeechStopped)
        call.send(facts.RecognizerTurnEnded(1, "what does it cost?"))
        assert [item.words for item in call.core.history] == ["what does it cost?"]
        assert call.open_response is not None

    def test_an_end_without_a_word_is_nothing_to_answer_in_advance(self) -> None:
        call = FakeCall(FLUX)
        caller_says(call, "", voiced=20, silent=4)
        call.send(facts.RecognizerEagerEnd(1, ""))
        assert not call.models

    def test_nor_is_the_end_of_what_may_be_no_interruption(self) -> None:
        call = speaking(FLUX)
        caller_says(call, "", voiced=8, silent=2)
        assert call.core.phase is Phase.HELD
        call.send(facts.RecognizerEagerEnd(max(call.utterances), "mhm"))
        assert not call.models


class TestFailures:
    def test_words_so_far_do_when_the_recogniser_fails_within_a_turn(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=20, interim="what does it cost?", silent=0)
        call.send(facts.TranscriptFailed(1, "stt_lost", "lost"))
        for _ in range(14):
            call.window(0.02)
        assert [item.words for item in call.core.history] == ["what does it cost?"]
        assert call.open_response is not None

    def test_the_next_recogniser_hears_the_turn_again_that_the_first_failed_in(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, recognizer_rungs=2))
        caller_says(call, "", voiced=20, interim="what", silent=0)
        call.send(facts.TranscriptFailed(77, "stt_lost", "of an utterance that is long over"))
        assert not told(call, act.ChangeRecognizer)
        call.send(facts.TranscriptFailed(1, "stt_lost", "lost"))
        assert [(change.rung, change.again) for change in told(call, act.ChangeRecognizer)] == [(1, 1)]

    def test_a_sound_that_may_be_nothing_costs_nobody_the_recogniser(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, recognizer_rungs=2))
        for _ in range(3):
            call.window(0.95)
        call.send(facts.TranscriptFailed(1, "stt_lost", "lost"))
        assert not told(call, act.ChangeRecognizer)

    def test_with_the_last_recogniser_lost_a_turn_ends_as_far_as_it_was_understood(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=20, interim="what does it cost?", silent=0)
        call.send(facts.RecognizerLost(0, "stt_connection_lost"))
        for _ in range(14):
            call.window(0.02)
        assert [item.words for item in call.core.history] == ["what does it cost?"]
        assert call.open_response is not None


class TestEndOfAReply:
    """It is sent to its end, and its last tenth of a second is still on its way to the ear."""

    def being_heard(self) -> FakeCall:
        call = speaking(words=10)
        while call.core.active is not None:
            call.advance(10.0)
        assert not call.core.heard.is_idle
        return call

    def test_a_sound_holds_it_and_a_cough_lets_it_be_heard(self) -> None:
        call = self.being_heard()
        call.window(0.95)
        assert call.core.phase is Phase.HELD
        assert told(call, act.PausePlayback)
        caller_says(call, "", voiced=0, silent=10)
        assert told(call, act.ResumePlayback)
        assert not told(call, act.SpeechStarted)
        call.settle()
        (reply,) = (item for item in call.core.history if item.role == "assistant")
        assert reply.heard == reply.generated.strip()

    def test_a_word_is_an_interruption_of_nothing_that_is_left_to_say(self) -> None:
        call = self.being_heard()
        caller_says(call, "stop", voiced=9, silent=14)
        assert told(call, act.SpeechStarted)
        assert [done.response.status for done in told(call, act.ResponseDone)][:1] == ["completed"]

    def test_once_it_was_heard_a_sound_holds_nothing(self) -> None:
        call = speaking(words=10)
        call.advance(4000.0)
        assert call.core.heard.is_idle
        call.window(0.95)
        assert not told(call, act.PausePlayback)
        assert call.core.phase is not Phase.HELD


class TestLineBreaks:
    def test_what_was_on_its_way_is_remembered_as_far_as_it_was_understood(self) -> None:
        call = FakeCall(SILENCE)
        caller_says(call, "", voiced=20, silent=0)
        call.send(facts.Heard(1, "my email is jane"))
        for _ in range(11):
            call.window(0.02)
        assert call.core.caller.awaited
        call.send(facts.Close("dropped"))
        kept = {action.item.id: action.item for action in told(call, act.Remember)}
        assert [item.words for item in kept.values()] == ["my email is jane"]

    def test_a_sound_that_was_no_word_is_not_remembered(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=20, silent=0)
        call.send(facts.Close("dropped"))
        assert not list(call.core.history)

    def test_nor_are_words_of_one_that_was_never_told(self) -> None:
        call = speaking()
        before = len(call.core.history)
        caller_says(call, "", voiced=8, interim="mhm", silent=0)
        assert call.core.phase is Phase.HELD
        call.send(facts.Close("dropped"))
        assert len(call.core.history) == before
