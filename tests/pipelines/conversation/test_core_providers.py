"""The core beside its providers: a recogniser that finds turns itself, tools, and whoever stands in when one fails."""

import msgspec
import pytest
from core_calls import EAGER, caller_says, speaking, told
from fake_call import FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, OwnTool, ReplySettings, SemanticVad, ServerVad
from pipelines.llm.port import ToolSpec

LOOK_UP = ToolSpec("look_up", "Looks something up.")


class TestRecognizerTurns:
    """A recogniser such as Flux says itself where turns begin, may end, and end."""

    FLUX = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True, recognizer_turns=True)

    def begun(self, settings: ConversationSettings = FLUX) -> FakeCall:
        call = FakeCall(settings)
        caller_says(call, "", voiced=20, silent=4)
        call.send(facts.RecognizerTurnStarted(1))
        call.send(facts.Heard(1, "what does it cost?"))
        return call

    def test_the_eager_end_starts_the_reply_and_the_end_releases_it(self) -> None:
        call = self.begun()
        call.send(facts.RecognizerEagerEnd(1, "what does it cost?"))
        (model,) = call.models
        call.model_text(model)
        call.voice_speaks(next(iter(call.voices)))
        assert not told(call, act.OutputAudioDelta)
        call.send(facts.RecognizerTurnEnded(1, "what does it cost?"))
        assert told(call, act.OutputAudioDelta)
        assert next(item.words for item in call.core.history) == "what does it cost?"
        assert len(told(call, act.StartModel)) == 1

    def test_a_resumed_turn_discards_the_reply(self) -> None:
        call = self.begun()
        call.send(facts.RecognizerEagerEnd(1, "what does it cost?"))
        (model,) = call.models
        call.send(facts.RecognizerResumed(1))
        assert model in call.stopped_models
        call.send(facts.RecognizerTurnEnded(1, "what does it cost? for ten?"))
        assert told(call, act.StartModel)[-1].request.messages[-1].content == "what does it cost? for ten?"

    def test_silence_alone_does_not_end_the_turn_before_its_time(self) -> None:
        call = self.begun()
        caller_says(call, "", voiced=0, silent=30)
        assert not told(call, act.SpeechStopped)
        assert not told(call, act.FinishUtterance)
        caller_says(call, "", voiced=0, silent=40)
        assert told(call, act.SpeechStopped), "a recogniser that forgets the turn does not leave the caller waiting"

    def test_words_the_voice_activity_missed_still_begin_a_turn(self) -> None:
        call = FakeCall(self.FLUX)
        call.send(facts.RecognizerTurnStarted(0))
        assert told(call, act.BeginUtterance)
        call.send(facts.RecognizerTurnEnded(1, "hello?"))
        assert [item.words for item in call.core.history] == ["hello?"]

    def test_what_it_hears_begin_is_recognised_from_a_little_before(self) -> None:
        call = FakeCall(self.FLUX)
        caller_says(call, "", voiced=0, silent=30)
        call.send(facts.RecognizerTurnStarted(1))
        (began,) = told(call, act.BeginUtterance)
        assert began.from_ms == call.audio_ms - 300.0

    def test_words_in_a_sound_make_it_speech_however_short_it_is_so_far(self) -> None:
        call = FakeCall(self.FLUX)
        caller_says(call, "", voiced=3, silent=0)
        assert not told(call, act.SpeechStarted)
        call.send(facts.RecognizerTurnStarted(1))
        assert told(call, act.SpeechStarted)

    def test_with_nobody_else_speaking_one_word_is_a_turn(self) -> None:
        call = FakeCall(self.FLUX)
        caller_says(call, "", voiced=8, silent=2)
        call.send(facts.RecognizerTurnEnded(1, "okay"))
        assert [item.words for item in call.core.history] == ["okay"]
        assert call.open_response is not None

    def test_a_backchannel_is_no_turn_while_the_agent_speaks(self) -> None:
        call = speaking(self.FLUX)
        caller_says(call, "", voiced=8, silent=2)
        (utterance,) = call.utterances
        call.send(facts.RecognizerTurnStarted(utterance))
        call.send(facts.RecognizerTurnEnded(utterance, "mhm"))
        assert call.core.phase is Phase.SPEAKING
        assert not told(call, act.SpeechStarted)

    def test_its_end_of_a_turn_that_was_held_for_breaks_in_and_is_answered(self) -> None:
        call = speaking(self.FLUX)
        for _ in range(5):
            call.window(0.95)
        assert call.core.phase is Phase.HELD
        call.send(facts.RecognizerTurnEnded(max(call.utterances), "stop, what does it cost?"))
        kinds = [type(action).__name__ for action in call.told]
        assert kinds.index("SpeechStarted") < kinds.index("SpeechStopped")
        (ended,) = told(call, act.ResponseDone)
        assert isinstance(ended, act.ResponseDone)
        assert ended.response.reason == "turn_detected"
        assert call.core.phase is Phase.THINKING, "the reply that was held gave way to the answer"

    def test_its_end_of_a_turn_that_silence_had_ended_is_not_the_end_of_the_next(self) -> None:
        call = FakeCall(self.FLUX)
        for voice in [0.95] * 20 + [0.02] * 25 + [0.95] * 6:
            call.window(voice)
        call.send(facts.RecognizerTurnEnded(1, "what does it cost?"))
        call.send(facts.Transcribed(1, "what does it cost?"))
        assert [item.words for item in call.core.history] == ["what does it cost?"]
        assert call.core.phase is Phase.CALLER_SPEAKING

    def test_with_server_vad_silence_decides_all_the_same(self) -> None:
        call = FakeCall(msgspec.structs.replace(self.FLUX, turn_detection=ServerVad(silence_duration_ms=320)))
        caller_says(call, "", voiced=20, silent=4)
        call.send(facts.RecognizerTurnEnded(1, "what does it cost?"))
        assert not told(call, act.SpeechStopped)
        caller_says(call, "what does it cost?", voiced=0, silent=6)
        assert told(call, act.SpeechStopped)
        assert [item.words for item in call.core.history] == ["what does it cost?"]


class TestTools:
    def test_an_own_tool_runs_once_and_its_result_is_spoken(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, own_tools=(OwnTool(LOOK_UP),)))
        call.send(facts.ItemCreate(user_text("", "hello")))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        call.send(facts.ModelToolCall(model, 0, "call_1", "look_up", '{"q":'))
        call.send(facts.ModelToolCall(model, 0, "", "", '"x"}'))
        call.model_finishes(model)
        (run,) = told(call, act.RunTool)
        assert run.arguments == '{"q":"x"}'
        assert call.core.phase is Phase.TOOL_RUNNING
        call.send(facts.ToolFinished("call_1", '{"found":1}'))
        (model,) = call.models
        messages = told(call, act.StartModel)[-1].request.messages
        assert [message.role for message in messages] == ["user", "assistant", "tool"]
        call.model_text(model)
        call.model_finishes(model)
        call.settle()
        assert told(call, act.ResponseDone)[0].response.status == "completed"

    def test_a_tool_that_hangs_is_given_up_and_the_model_told(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, own_tools=(OwnTool(LOOK_UP),)))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        call.send(facts.ModelToolCall(model, 0, "call_1", "look_up", "{}"))
        call.model_finishes(model)
        call.advance(11_000.0)
        assert told(call, act.CancelTool)
        assert "tool_timeout" in told(call, act.StartModel)[-1].request.messages[-1].content

    def test_a_client_tool_ends_the_response_and_waits_for_the_client(self) -> None:
        reply = ReplySettings(tools=(ToolSpec("weather"),))
        call = FakeCall(msgspec.structs.replace(EAGER, reply=reply))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        call.send(facts.ModelToolCall(model, 0, "call_1", "weather", '{"city":"Rome"}'))
        call.model_finishes(model)
        (done,) = told(call, act.ResponseDone)
        assert done.response.output[0].arguments == '{"city":"Rome"}'
        assert done.response.output[0].status == "completed"
        assert not told(call, act.RunTool)


class TestFallback:
    def test_the_next_model_finishes_the_same_response(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        call.send(facts.ModelFailed(model, "model_error", "broke"))
        assert [start.rung for start in told(call, act.StartModel)] == [0, 1]
        assert len(told(call, act.ResponseCreated)) == 1
        assert not told(call, act.ResponseDone)

    def test_the_output_of_a_response_is_counted_from_what_is_left_of_a_model_that_broke(self) -> None:
        asked = ReplySettings(tools=(LOOK_UP,))
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2, reply=asked))
        caller_says(call, "what does it cost?", voiced=20, silent=7)
        (broken,) = call.models
        call.send(facts.ModelToolCall(broken, 0, "call_1", "look_up", "{"))
        call.model_text(broken)
        call.send(facts.ModelFailed(broken, "model_error", "broke"))
        model = max(call.models)
        call.model_text(model)
        caller_says(call, "", voiced=0, silent=6)
        assert [added.output_index for added in told(call, act.OutputItemAdded)] == [0, 1]

    def test_a_model_that_ends_with_nothing_said_is_no_answer(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate())
        call.model_finishes(max(call.models))
        assert [start.rung for start in told(call, act.StartModel)] == [0, 1]
        assert not told(call, act.ResponseDone)
        call.model_finishes(max(call.models))
        (done,) = told(call, act.ResponseDone)
        assert done.response.status == "completed", "nobody else is there to ask"

    @pytest.mark.parametrize(("says", "rungs"), [(True, [0, 0]), (False, [0, 0, 1])])
    def test_a_model_that_calls_a_tool_says_something_before_it_or_after(self, says: bool, rungs: list[int]) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2, own_tools=(OwnTool(LOOK_UP),)))
        call.send(facts.ResponseCreate())
        if says:
            call.model_text(max(call.models))
        call.send(facts.ModelToolCall(max(call.models), 0, "call_1", "look_up", "{}"))
        call.model_finishes(max(call.models))
        call.send(facts.ToolFinished("call_1", "{}", False))
        call.model_finishes(max(call.models))
        assert [start.rung for start in told(call, act.StartModel)] == rungs

    def test_a_client_may_want_nothing_to_be_said_out_of_band(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate(out_of_band=True))
        call.model_finishes(max(call.models))
        assert [start.rung for start in told(call, act.StartModel)] == [0]
        assert len(told(call, act.ResponseDone)) == 1

    def test_a_silent_model_is_left_at_its_deadline(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate())
        call.advance(4100.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0, 1]

    def test_a_model_and_a_voice_are_not_late_for_time_in_which_nobody_could_hear_them(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2, voice_rungs=2))
        call.send(facts.ResponseCreate())
        call.advance(2000.0)
        call.now_ms += 3000.0
        call.send(facts.Delayed(3000.0))
        call.advance(400.0)
        (model,) = call.models
        for _ in range(30):
            call.model_text(model)
        call.model_finishes(model)
        call.now_ms += 3000.0
        call.send(facts.Delayed(3000.0))
        call.advance(700.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0]
        assert [voice.rung for voice in told(call, act.OpenVoice)] == [0]
        call.advance(200.0)
        assert [voice.rung for voice in told(call, act.OpenVoice)] == [0, 1], "time it had counts in full"

    def test_a_model_that_stops_in_mid_sentence_has_as_long_as_the_caller_hears_something(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        for _ in range(10):  # 1.2 s of speech
            call.model_text(model)
        (voice,) = call.voices
        for _ in range(10):
            call.voice_speaks(voice)
        call.advance(1000.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0], "the caller hears the voice"
        call.advance(200.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0, 1], "and now nothing"

    def test_and_less_when_the_caller_waits_for_it(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, model_rungs=2))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        call.model_text(model)
        call.advance(790.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0]
        call.advance(20.0)
        assert [start.rung for start in told(call, act.StartModel)] == [0, 1]

    def test_without_another_model_the_response_fails_with_a_code(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ResponseCreate())
        call.advance(8000.0)
        (done,) = told(call, act.ResponseDone)
        assert (done.response.status, done.response.error_code) == ("failed", "model_timeout")

    def test_the_next_voice_speaks_the_rest_and_no_word_twice(self) -> None:
        call = FakeCall(msgspec.structs.replace(EAGER, voice_rungs=2))
        call.send(facts.ResponseCreate())
        (model,) = call.models
        for _ in range(6):
            call.model_text(model)
        call.model_finishes(model)
        (voice,) = call.voices
        call.voice_speaks(voice)
        call.voice_speaks(voice)
        call.voices.pop(voice)
        call.send(facts.VoiceFailed(voice, "voice_error", "broke"))
        call.settle()
        reply = list(call.core.history)[-1]
        assert [word for word, _ in call.ear[reply.id].words] == reply.generated.split()
        assert reply.heard == reply.generated.strip()
