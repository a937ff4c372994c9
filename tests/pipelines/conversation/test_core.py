"""One test a situation, told as it happens. Each window is 32 ms of the caller's audio."""

from itertools import pairwise

import msgspec
import pytest
from core_calls import EAGER, caller_says, speaking, told
from fake_call import BYTES_PER_MS, FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.heard import PROGRESS_MS
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import (
    ConversationSettings,
    OwnTool,
    ReplySettings,
    SemanticVad,
    ServerVad,
    TurnDetection,
)
from pipelines.llm.port import ToolSpec

LOOK_UP = ToolSpec("look_up", "Looks something up.")


class TestTurns:
    def test_a_spoken_turn_becomes_an_item_and_is_answered(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost", voiced=20, interim="what does", silent=14)
        kinds = [type(action).__name__ for action in call.told if type(action) is not act.Remember]
        assert kinds.index("SpeechStarted") < kinds.index("SpeechStopped") < kinds.index("AudioCommitted")
        assert kinds.index("AudioCommitted") < kinds.index("TranscriptCompleted") < kinds.index("ResponseCreated")
        assert [item.words for item in call.core.history] == ["what does it cost"]
        assert call.core.phase is Phase.THINKING

    def test_speech_that_pauses_and_goes_on_is_one_turn(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "we have about", voiced=20, silent=12)
        caller_says(call, "twenty people.", voiced=12, silent=20)
        assert [item.words for item in call.core.history] == ["we have about twenty people."]
        assert len(told(call, act.SpeechStopped)) == 1

    def test_an_unfinished_sentence_is_waited_for_longer_than_a_finished_one(self) -> None:
        def silence_until_end(text: str) -> int:
            call = FakeCall(EAGER)
            caller_says(call, text, voiced=20, silent=0)
            windows = 0
            while not told(call, act.SpeechStopped):
                caller_says(call, text, voiced=0, silent=1)
                windows += 1
            return windows

        assert silence_until_end("my email address is") > 2 * silence_until_end("what does it cost?")

    def test_server_vad_ends_after_its_own_silence(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=ServerVad(silence_duration_ms=320)))
        caller_says(call, "my email address is", voiced=20, silent=9)
        assert not told(call, act.SpeechStopped)
        caller_says(call, "", voiced=0, silent=1)
        assert told(call, act.SpeechStopped)

    def test_the_threshold_of_server_vad_decides_what_is_a_voice(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=ServerVad(threshold=0.97)))
        caller_says(call, "hello", voiced=30, silent=30)
        assert not call.told

    def test_a_knock_is_no_turn(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=3, silent=40)
        assert not told(call, act.SpeechStarted)
        assert not list(call.core.history)

    def test_a_short_yes_is_a_turn(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "yes", voiced=4, silent=30)
        assert [item.words for item in call.core.history] == ["yes"]
        assert call.open_response is not None

    def test_a_client_that_stops_sending_has_stopped_speaking(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=20, silent=0)
        call.advance(2000.0)
        assert told(call, act.SpeechStopped)

    def test_a_recogniser_that_never_answers_does_not_leave_the_caller_in_silence(self) -> None:
        call = FakeCall(EAGER)
        for probability in [0.95] * 20 + [0.02] * 60:
            call.window(probability)
        call.advance(3000.0)
        assert [action.code for action in told(call, act.TranscriptionFailed)] == ["transcript_timeout"]
        assert call.open_response is not None, "the agent asks again rather than say nothing"

    @pytest.mark.parametrize("detection", [ServerVad(idle_timeout_ms=5000), SemanticVad(idle_timeout_ms=5000)])
    def test_an_idle_caller_is_prompted_after_the_set_time(self, detection: TurnDetection) -> None:
        call = speaking(ConversationSettings(turn_detection=detection), words=6)
        call.advance(4000.0)
        assert not told(call, act.IdleTimeout)
        call.advance(2000.0)
        assert told(call, act.IdleTimeout)
        assert call.open_response is not None

    def test_who_coughs_before_the_answer_is_heard_gets_it_all_the_same(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        assert call.core.phase is Phase.THINKING
        caller_says(call, "", voiced=8, silent=30)
        assert [done.response.reason for done in told(call, act.ResponseDone)] == ["turn_detected"]
        assert call.core.phase is Phase.THINKING, "the answer is made anew"

    def test_who_coughs_before_their_words_are_known_is_answered(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=ServerVad(silence_duration_ms=320)))
        for probability in [0.95] * 20 + [0.02] * 11:
            call.window(probability)
        (question,) = call.finishing
        call.finishing.clear()
        caller_says(call, "", voiced=8, silent=0)
        call.send(facts.Transcribed(question, "what does it cost?"))
        assert call.core.phase is Phase.CALLER_SPEAKING
        caller_says(call, "", voiced=0, silent=20)
        assert call.open_response is not None

    def test_who_says_more_before_their_words_are_known_gets_one_answer_to_both(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=ServerVad(silence_duration_ms=320)))
        for probability in ([0.95] * 20 + [0.02] * 11) * 2:
            call.window(probability)
        question, more = sorted(call.finishing)
        call.finishing.clear()
        call.send(facts.Transcribed(question, "what does it cost?"))
        assert not call.models, "the rest is on its way"
        call.send(facts.Transcribed(more, "for two of us"))
        call.settle()
        assert len(told(call, act.ResponseCreated)) == 1

    def test_a_cough_that_cost_nobody_an_answer_gets_none(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=8, silent=30)
        assert told(call, act.SpeechStopped)
        assert call.open_response is None

    def test_nobody_waits_from_their_cough_on_for_what_is_brought_up_later(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "", voiced=8, silent=30)
        call.advance(60_000.0)
        call.send(facts.CameLate("book_meeting", "{}"))
        call.advance(1000.0)
        call.model_text(*call.models)
        call.settle()
        assert [timings.response_latency_ms for timings in told(call, act.TurnTimings)] == [None]

    def test_a_short_sound_that_the_recogniser_tells_nothing_of_is_not_waited_for_for_ever(self) -> None:
        call = FakeCall(EAGER)
        for voice in [0.95] * 3 + [0.02] * 55:
            call.window(voice)
        assert call.finishing == call.utterances == {1}, "it may have been a short word"
        for _ in range(15):
            call.window(0.02)
        assert not call.utterances
        assert call.core.is_quiet
        assert not call.core.history

    def test_words_that_came_after_the_turn_do_when_the_rest_is_lost(self) -> None:
        call = FakeCall(EAGER)
        for voice in [0.95] * 20 + [0.02] * 50:
            call.window(voice)
        call.send(facts.Heard(1, "we are about twenty people"))
        call.send(facts.TranscriptFailed(1, "stt_lost", "lost"))
        assert [item.words for item in call.core.history] == ["we are about twenty people"]

    def test_what_was_recorded_by_hand_ends_with_the_turn_that_is_found_in_it(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        (by_hand,) = call.utterances
        call.send(facts.Configured(EAGER))
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        assert by_hand not in call.utterances
        call.send(facts.AudioCommit(total_ms=call.audio_ms + 200.0, buffered_ms=200.0))
        (committed,) = call.finishing
        assert committed != by_hand


class TestIdleCaller:
    """Somebody who is prompted 5 s after the agent was heard to its end."""

    def waiting(self, *, create_response: bool = True) -> FakeCall:
        detection = SemanticVad(idle_timeout_ms=5000, create_response=create_response)
        call = speaking(ConversationSettings(turn_detection=detection), words=6)
        while call.core.phase is not Phase.LISTENING or not call.core.heard.is_idle:
            call.window(0.02)
        return call

    def test_who_only_coughs_is_prompted_all_the_same(self) -> None:
        call = self.waiting()
        caller_says(call, "", voiced=8, silent=60)
        assert told(call, act.SpeechStarted)
        while not told(call, act.IdleTimeout):
            call.window(0.02)
        (prompt,) = told(call, act.IdleTimeout)
        assert prompt.audio_end_ms - prompt.audio_start_ms == 5000

    def test_a_click_in_the_moment_of_the_prompt_puts_it_off_and_no_more(self) -> None:
        call = self.waiting()
        due_ms = call.now_ms + 5000.0
        while call.now_ms < due_ms - 140.0:
            call.window(0.02)
        caller_says(call, "", voiced=4, silent=0)
        assert call.now_ms > due_ms - 32.0
        call.advance(40.0)
        assert not told(call, act.IdleTimeout)
        caller_says(call, "", voiced=0, silent=60)
        assert not told(call, act.SpeechStarted)
        assert told(call, act.IdleTimeout)

    def test_who_has_said_something_is_not_prompted_for_it(self) -> None:
        call = self.waiting()
        caller_says(call, "what does it cost?", voiced=20, silent=14)
        call.advance(4000.0)
        assert call.open_response is not None
        assert not told(call, act.IdleTimeout)

    def test_nor_when_the_client_takes_its_time_to_answer(self) -> None:
        call = self.waiting(create_response=False)
        caller_says(call, "what does it cost?", voiced=20, silent=30)
        assert list(call.core.history)[-1].words
        call.advance(20_000.0)
        assert not told(call, act.IdleTimeout)


class TestSpeculation:
    def test_a_reply_begun_in_the_pause_is_spoken_at_once_when_the_turn_ends(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        assert call.models
        assert not told(call, act.ResponseCreated)
        call.model_text(next(iter(call.models)))
        call.voice_speaks(next(iter(call.voices)))
        assert not told(call, act.OutputAudioDelta)
        caller_says(call, "", voiced=0, silent=6)
        assert told(call, act.OutputAudioDelta)

    def test_it_is_dropped_without_a_trace_when_the_caller_goes_on(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        (model,) = call.models
        call.model_text(model)
        caller_says(call, "for ten people?", voiced=12, silent=14)
        assert model in call.stopped_models
        requests = told(call, act.StartModel)
        assert requests[-1].request.messages[-1].content == "what does it cost? for ten people?"
        assert len(told(call, act.ResponseCreated)) == 1

    @pytest.mark.parametrize(
        "fact",
        [
            facts.ItemCreate(user_text("", "It is about the large plan.")),
            facts.Configured(msgspec.structs.replace(EAGER, reply=ReplySettings(instructions="Sell the large plan."))),
        ],
        ids=["item", "session"],
    )
    def test_it_is_begun_anew_when_the_client_says_something_it_did_not_know(self, fact: facts.Fact) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        (model,) = call.models
        call.send(fact)
        caller_says(call, "", voiced=0, silent=6)
        assert model in call.stopped_models
        request = told(call, act.StartModel)[-1].request
        assert any("the large plan" in message.content for message in request.messages)
        assert call.open_response is not None

    def test_it_does_not_know_what_the_client_took_away_meanwhile(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ItemCreate(user_text("mine", "It is about the large plan.")))
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        assert call.models
        call.send(facts.ItemDelete("mine"))
        caller_says(call, "", voiced=0, silent=6)
        request = told(call, act.StartModel)[-1].request
        assert not any("the large plan" in message.content for message in request.messages)

    def test_what_was_begun_on_a_sound_that_was_nothing_ends_with_it(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ResponseCreate())
        caller_says(call, "", voiced=3, silent=0)
        assert call.core.phase is Phase.HELD
        call.send(facts.ResponseCancel())
        caller_says(call, "mhm", voiced=0, silent=5)
        (model,) = call.models
        caller_says(call, "mhm", voiced=0, silent=20)
        assert call.core.phase is Phase.LISTENING
        assert model in call.stopped_models

    def test_what_was_begun_on_words_that_were_taken_back_ends_with_them(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, recognizer_turns=True))
        caller_says(call, "", voiced=3, silent=1)
        call.send(facts.RecognizerEagerEnd(1, "mhm"))
        (model,) = call.models
        call.send(facts.RecognizerTurnEnded(1, ""))
        assert model in call.stopped_models
        assert not list(call.core.history)

    def test_it_ends_when_the_client_commits_what_was_said_and_asks_for_no_reply(self) -> None:
        call = FakeCall(EAGER)
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        (model,) = call.models
        call.send(facts.AudioCommit(total_ms=call.audio_ms, buffered_ms=call.audio_ms))
        assert model in call.stopped_models
        assert not told(call, act.ResponseCreated)

    def test_tools_wait_for_the_commit(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, own_tools=(OwnTool(LOOK_UP),)))
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        (model,) = call.models
        call.send(facts.ModelToolCall(model, 0, "call_1", "look_up", "{}"))
        call.model_finishes(model)
        assert not told(call, act.RunTool)
        caller_says(call, "", voiced=0, silent=6)
        assert len(told(call, act.RunTool)) == 1


class TestInterruption:
    def test_words_meant_for_the_agent_stop_it_and_the_history_holds_what_was_heard(self) -> None:
        call = speaking()
        caller_says(call, "no wait", voiced=20, interim="no wait", silent=0)
        (done,) = told(call, act.ResponseDone)
        assert (done.response.status, done.response.reason) == ("cancelled", "turn_detected")
        reply = list(call.core.history)[-1]
        assert reply.heard.split() == call.ear[reply.id].heard_words(call.now_ms)
        assert 0 < len(reply.heard) < len(reply.generated)

    def test_the_agent_falls_silent_with_the_first_window_of_a_voice(self) -> None:
        call = speaking()
        call.window(0.4)
        sent = len(told(call, act.OutputAudioDelta))
        assert call.core.phase is Phase.HELD
        call.advance(400.0)
        assert len(told(call, act.OutputAudioDelta)) == sent

    @pytest.mark.parametrize("text", ["mhm", "yeah", "okay", "uh huh", ""])
    def test_a_backchannel_or_a_cough_lets_the_reply_go_on_where_it_stopped(self, text: str) -> None:
        call = speaking()
        caller_says(call, text, voiced=11, interim=text or None, silent=14)
        assert call.core.phase is Phase.SPEAKING
        assert not told(call, act.SpeechStarted)
        call.advance(20_000.0)
        (done,) = told(call, act.ResponseDone)
        assert done.response.status == "completed"
        reply = list(call.core.history)[-1]
        assert reply.heard == reply.generated.strip()

    def test_a_click_holds_the_reply_for_a_moment_only(self) -> None:
        call = speaking()
        caller_says(call, "", voiced=1, silent=1)
        assert call.core.phase is Phase.HELD
        caller_says(call, "", voiced=0, silent=2)
        assert call.core.phase is Phase.SPEAKING

    def test_a_sound_that_the_client_commits_holds_the_reply_no_longer(self) -> None:
        call = speaking()
        for _ in range(4):
            call.window(0.95)
        assert call.core.phase is Phase.HELD
        call.send(facts.AudioCommit(total_ms=call.audio_ms, buffered_ms=call.audio_ms))
        call.advance(20_000.0)
        (done,) = told(call, act.ResponseDone)
        assert done.response.status == "completed"

    def test_a_reply_that_may_be_interrupted_no_more_is_held_no_longer(self) -> None:
        call = speaking()
        for _ in range(4):
            call.window(0.95)
        assert call.core.phase is Phase.HELD
        detection = SemanticVad(eagerness="high", interrupt_response=False)
        call.send(facts.Configured(msgspec.structs.replace(EAGER, turn_detection=detection)))
        caller_says(call, "no wait", voiced=20, silent=14)
        assert told(call, act.SpeechStarted)
        call.advance(20_000.0)
        assert told(call, act.ResponseDone)[0].response.status == "completed"
        assert len(told(call, act.ResponseCreated)) == 2, "the turn is answered after it"

    def test_one_word_can_be_enough(self) -> None:
        call = speaking()
        caller_says(call, "stop", voiced=9, silent=14)
        assert told(call, act.SpeechStarted)
        assert told(call, act.ResponseDone)[0].response.reason == "turn_detected"

    def test_a_long_sound_without_words_is_speech(self) -> None:
        call = speaking()
        caller_says(call, "", voiced=30, silent=0)
        assert told(call, act.SpeechStarted)

    def test_a_session_may_forbid_interruptions(self) -> None:
        call = speaking(ConversationSettings(turn_detection=ServerVad(interrupt_response=False)), words=15)
        caller_says(call, "no wait", voiced=20, silent=20)
        assert told(call, act.SpeechStarted)
        while not told(call, act.ResponseDone):
            call.advance(10.0)
        assert told(call, act.ResponseDone)[0].response.status == "completed"
        assert len(told(call, act.ResponseCreated)) == 2, "the turn is answered right after the reply"

    def test_a_turn_that_waits_for_the_reply_is_answered_though_they_cough_at_its_end(self) -> None:
        call = speaking(ConversationSettings(turn_detection=ServerVad(interrupt_response=False)))
        caller_says(call, "no wait", voiced=20, silent=20)
        assert call.core.active is not None
        playback = call.core.active.spoken[0].playback
        assert playback is not None
        while playback.total_ms - playback.sent_ms > 300.0:
            call.window(0.02)
        caller_says(call, "", voiced=12, silent=30)
        assert len(told(call, act.SpeechStarted)) == 2
        call.settle()
        assert len(told(call, act.ResponseCreated)) == 2

    def test_a_truncation_corrects_what_was_heard(self) -> None:
        call = speaking()
        reply = list(call.core.history)[-1]
        call.send(facts.ResponseCancel())
        call.send(facts.ItemTruncate(reply.id, 0, 130.0))
        assert call.core.history.get(reply.id).heard == call.ear[reply.id].words[0][0]
        assert told(call, act.ItemTruncated)

    def test_a_reply_that_was_truncated_after_its_end_was_not_heard_to_it(self) -> None:
        call = speaking(words=6)
        call.settle()
        (reply,) = (item for item in call.core.history if item.role == "assistant")
        assert reply.status == "completed"
        for audio_end_ms, status in ((reply.audio_ms - 0.5, "completed"), (130.0, "incomplete")):
            call.send(facts.ItemTruncate(reply.id, 0, audio_end_ms))
            assert call.core.history.get(reply.id).status == status
        assert call.core.history.get(reply.id).heard == call.ear[reply.id].words[0][0]


def test_what_the_caller_was_saying_when_the_line_broke_is_remembered() -> None:
    call = FakeCall(EAGER)
    caller_says(call, "", voiced=20, interim="my email is jane", silent=0)
    call.send(facts.Close("dropped"))
    assert [item.words for item in call.core.history] == ["my email is jane"]


@pytest.mark.parametrize("has_spoken", [False, True])
def test_what_is_said_before_the_caller_said_anything_is_said_to_others_too(has_spoken: bool) -> None:
    call = FakeCall(ConversationSettings())
    if has_spoken:
        call.send(facts.ItemCreate(user_text("", "hello")))
    call.send(facts.ResponseCreate())
    call.model_text(*call.models)
    (opened,) = told(call, act.OpenVoice)
    assert opened.repeated is not has_spoken


def test_how_much_was_heard_is_recorded_as_audio_is_sent_and_wakes_nobody_for_itself() -> None:
    call = speaking()
    recorded_ms = [call.now_ms]
    while recorded_ms[-1] < 3000.0:
        wake_ms = call.core.wake_ms()
        assert wake_ms is not None
        call.now_ms = wake_ms + 3.0  # timers are late, and what is counted from them drifts apart
        actions = call.send(facts.Tick())
        assert any(isinstance(action, act.OutputAudioDelta) for action in actions)
        if any(isinstance(action, act.Remember) and action.progress for action in actions):
            recorded_ms.append(call.now_ms)
    assert max(later - sooner for sooner, later in pairwise(recorded_ms)) <= PROGRESS_MS


def test_a_spoken_reply_is_told_piece_by_piece_and_whole_at_its_end() -> None:
    call = speaking(words=6)
    call.settle()
    (reply,) = (item for item in call.core.history if item.role == "assistant")
    assert "".join(delta.delta for delta in told(call, act.OutputTranscriptDelta)) == reply.generated.strip()
    assert sum(len(delta.pcm) for delta in told(call, act.OutputAudioDelta)) == reply.audio_ms * BYTES_PER_MS
    kinds = [type(action).__name__ for action in call.told]
    order = ["ResponseCreated", "OutputItemAdded", "OutputAudioDelta", "OutputItemDone", "ResponseDone", "TurnTimings"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
