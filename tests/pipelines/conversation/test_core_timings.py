"""What is told of a turn's time: from the end of the caller's speech to the first sample they hear of the reply."""

from core_calls import EAGER, caller_says, told
from fake_call import BYTES_PER_MS, FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.settings import ConversationSettings, SemanticVad, ServerVad
from pipelines.tts.port import SpokenWord

SILENCE = ConversationSettings(turn_detection=ServerVad(silence_duration_ms=320), model_rungs=2, voice_rungs=2)
AUDIO = bytes(400 * BYTES_PER_MS)


def timings_of(call: FakeCall) -> act.TurnTimings:
    (timings,) = told(call, act.TurnTimings)
    assert isinstance(timings, act.TurnTimings)
    return timings


def asked(settings: ConversationSettings = SILENCE) -> FakeCall:
    """The caller has spoken until 640 ms, and the model was asked 60 ms after their turn ended."""
    call = FakeCall(settings)
    for voice in [0.95] * 20 + [0.02] * 10:
        call.window(voice)
    call.advance(60.0)
    call.send(facts.Transcribed(*call.finishing, "what does it cost?"))
    call.finishing.clear()
    return call


def speaks(call: FakeCall, *, audible_from_ms: float | None = 25.0) -> None:
    """The model answers after 100 ms, the voice 40 ms later; it is heard whole."""
    call.advance(100.0)
    (model,) = call.models
    call.send(facts.ModelText(model, "Ten dollars. "))
    call.model_finishes(model)
    call.advance(40.0)
    voice = max(call.voices)
    call.send(facts.VoiceWords(voice, (SpokenWord("Ten", 25.0, 200.0), SpokenWord("dollars.", 200.0, 400.0))))
    call.send(facts.VoiceAudio(voice, AUDIO, audible_from_ms))


def test_each_stage_has_its_moment_and_the_latency_ends_with_what_is_audible() -> None:
    call = asked()
    call.send(facts.ModelServing(*call.models, "acme/fast"))
    speaks(call)
    call.send(facts.VoiceAudio(max(call.voices), AUDIO, 25.0))
    call.send(facts.VoiceFinished(max(call.voices)))
    call.advance(2000.0)
    timings = timings_of(call)
    assert timings.speech_end_ms == 640.0
    assert timings.turn_end_ms == 960.0
    assert timings.transcript_ms == timings.model_start_ms == 1020.0
    assert timings.first_token_ms == 1120.0
    assert timings.first_audio_ms == 1160.0
    assert timings.response_latency_ms == 1160.0 + 25.0 - 640.0
    assert timings.sent_ms is not None
    assert 800.0 - 110.0 <= timings.sent_ms - 1160.0 < 800.0, "a little before it was heard to its end"
    assert (timings.speculated, timings.interrupted, timings.model) == (False, False, "acme/fast")
    assert (timings.model_rung, timings.voice_rung, timings.recognizer_rung) == (0, 0, 0)


def test_a_voice_that_does_not_tell_is_audible_from_its_first_sample() -> None:
    call = asked()
    speaks(call, audible_from_ms=None)
    call.send(facts.VoiceFinished(max(call.voices)))
    call.advance(2000.0)
    assert timings_of(call).response_latency_ms == 1160.0 - 640.0


def test_of_a_reply_that_was_begun_in_advance_it_is_told() -> None:
    call = FakeCall(EAGER)
    caller_says(call, "what does it cost?", voiced=20, silent=7)
    begun_ms = call.now_ms
    speaks(call)
    for _ in range(8):
        call.window(0.02)
    call.send(facts.VoiceFinished(max(call.voices)))
    call.advance(2000.0)
    timings = timings_of(call)
    assert timings.speculated
    assert timings.model_start_ms is not None
    assert timings.turn_end_ms is not None
    assert timings.model_start_ms <= begun_ms < timings.turn_end_ms
    assert timings.first_audio_ms == timings.turn_end_ms, "it was ready, and waited for nothing else"
    assert timings.speech_end_ms == 640.0


def test_of_one_that_was_interrupted_it_is_told() -> None:
    call = asked()
    speaks(call)
    caller_says(call, "", voiced=9, interim="stop", silent=0)
    timings = timings_of(call)
    assert timings.interrupted
    assert timings.sent_ms == call.now_ms - 4 * 32.0, "when it stopped: at the word, not with the reply's end"


def test_who_stood_in_is_told() -> None:
    call = asked(structs.replace(SILENCE, recognizer_rungs=2))
    (first,) = call.models
    call.models.clear()
    call.send(facts.ModelFailed(first, "model_error", "broke"))
    call.send(facts.ModelText(max(action.generation for action in told(call, act.StartModel)), "Ten "))
    voice = max(call.voices)
    call.voices.clear()
    call.send(facts.VoiceFailed(voice, "voice_error", "broke"))
    speaks(call)
    call.send(facts.VoiceFinished(max(call.voices)))
    call.advance(2000.0)
    timings = timings_of(call)
    assert (timings.model_rung, timings.voice_rung, timings.recognizer_rung) == (1, 1, 0)


def test_the_recogniser_that_understood_the_turn_is_told() -> None:
    settings = ConversationSettings(turn_detection=SemanticVad(eagerness="high"), recognizer_rungs=2)
    call = FakeCall(settings)
    call.send(facts.RecognizerLost(0, "stt_connection_lost"))
    caller_says(call, "what does it cost?", voiced=20, silent=14)
    call.model_text(*call.models)
    call.settle()
    assert timings_of(call).recognizer_rung == 1
