"""What a client asks of a conversation, and what it must not do to it."""

import pytest
from core_calls import EAGER, speaking, told
from fake_call import FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.client_requests import MAX_BESIDE
from pipelines.conversation.items import user_audio, user_text
from pipelines.conversation.settings import ConversationSettings, ReplySettings
from pipelines.llm.port import Usage


def prompts(call: FakeCall) -> list[str]:
    """The last words that the model was given, each time it was asked."""
    return [action.request.messages[-1].content for action in told(call, act.StartModel)]


class TestClientRequests:
    @pytest.mark.parametrize(
        ("fact", "code"),
        [
            (facts.ItemDelete("nobody", "e"), "unknown_item"),
            (facts.ItemRetrieve("nobody", "e"), "unknown_item"),
            (facts.ItemTruncate("nobody", 0, 10.0, "e"), "unknown_item"),
            (facts.ItemCreate(user_text("x", "hi"), "nobody", "e"), "unknown_item"),
            (facts.ResponseCancel(None, "e"), "response_cancel_not_active"),
            (facts.AudioCommit(1000.0, 50.0, "e"), "input_audio_buffer_commit_empty"),
        ],
    )
    def test_what_cannot_be_done_is_refused_by_name(self, fact: facts.Fact, code: str) -> None:
        call = FakeCall(EAGER)
        call.send(fact)
        (refused,) = call.told
        assert isinstance(refused, act.Refused)
        assert (refused.code, refused.cause) == (code, "e")

    def test_a_second_response_is_refused_while_one_is_active(self) -> None:
        call = speaking()
        call.send(facts.ResponseCreate(cause="e"))
        assert told(call, act.Refused)[0].code == "conversation_already_has_active_response"

    def test_a_response_beside_the_conversation_leaves_nothing_in_it(self) -> None:
        call = speaking(words=60)
        before = [item.id for item in call.core.history]
        call.send(facts.ResponseCreate(out_of_band=True, reply=ReplySettings(modality="text")))
        (model,) = call.models
        call.model_text(model)
        call.model_finishes(model)
        assert [item.id for item in call.core.history] == before
        assert told(call, act.ResponseDone)[0].response.out_of_band
        assert not told(call, act.TurnTimings)

    def test_a_manual_commit_waits_for_its_words_and_answers_nothing_unasked(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=None, transcribe=True))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        (utterance,) = call.finishing
        call.send(facts.Transcribed(utterance, "hello there"))
        assert told(call, act.TranscriptCompleted)[0].transcript == "hello there"
        assert not told(call, act.ResponseCreated)

    def test_a_response_to_what_was_committed_waits_for_its_words(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        call.send(facts.ResponseCreate())
        call.send(facts.ResponseCreate(cause="again"))
        (utterance,) = call.finishing
        assert not call.models
        call.advance(300.0)
        call.send(facts.Transcribed(utterance, "what does it cost?"))
        assert prompts(call) == ["what does it cost?"]
        assert [refused.cause for refused in told(call, act.Refused)] == ["again"]
        call.model_text(*call.models)
        call.settle()
        (timings,) = told(call, act.TurnTimings)
        assert timings.speech_end_ms == 0.0, "the caller waits from then on"

    def test_a_response_that_waits_for_words_is_called_off(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        call.send(facts.ResponseCreate())
        call.send(facts.ResponseCancel())
        call.settle()
        assert not told(call, act.ResponseCreated)

    def test_words_that_came_before_the_commit_do_when_the_rest_is_lost(self) -> None:
        call = FakeCall(structs.replace(EAGER, turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.Heard(1, "we are about twenty people"))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        call.send(facts.TranscriptFailed(1, "stt_lost", "lost"))
        assert [item.words for item in call.core.history] == ["we are about twenty people"]

    def test_all_that_the_buffer_held_is_cleared(self) -> None:
        call = FakeCall(structs.replace(EAGER, turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.Configured(EAGER))
        for _ in range(6):
            call.window(0.95)
        assert len(call.utterances) == 2
        call.send(facts.AudioClear())
        assert not call.utterances

    def test_a_long_recording_is_given_time_and_costs_the_line_no_recogniser(self) -> None:
        call = FakeCall(ConversationSettings(recognizer_rungs=2, transcribe=True))
        item = user_audio("item_1", None)
        call.send(facts.ItemCreate(item, recorded_ms=20_000.0))
        call.send(facts.ResponseCreate())
        (transcribing,) = told(call, act.TranscribeRecording)
        call.advance(20_000.0)
        call.send(facts.Transcribed(transcribing.utterance, "we have forty people"))
        assert prompts(call) == ["we have forty people"]
        call.send(facts.ItemCreate(structs.replace(item, id="item_2"), recorded_ms=2000.0))
        call.advance(5000.0)
        call.send(facts.ItemCreate(structs.replace(item, id="item_3"), recorded_ms=2000.0))
        call.send(facts.TranscriptFailed(transcribing.utterance + 2, "stt_ended", "It ended."))
        assert [call.core.history.get(f"item_{n}").parts[0].text for n in (1, 2, 3)] == ["we have forty people", "", ""]
        assert not told(call, act.ChangeRecognizer)
        assert [completed.audio_ms for completed in told(call, act.TranscriptCompleted)] == [20_000.0, 2000.0, 2000.0]

    def test_usage_is_the_models(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ResponseCreate(reply=ReplySettings(modality="text")))
        (model,) = call.models
        call.model_text(model)
        call.send(facts.ModelFinished(model, "length", Usage(7, 9)))
        (done,) = told(call, act.ResponseDone)
        assert (done.response.status, done.response.reason) == ("incomplete", "max_output_tokens")
        assert done.response.usage == Usage(7, 9)

    def test_only_so_many_responses_run_beside_it(self) -> None:
        call = FakeCall(EAGER)
        for number in range(MAX_BESIDE + 1):
            call.send(facts.ResponseCreate(out_of_band=True, cause=f"e{number}"))
        assert [(refused.code, refused.cause) for refused in told(call, act.Refused)] == [
            ("too_many_responses", f"e{MAX_BESIDE}")
        ]
        assert len(call.models) == MAX_BESIDE

    def test_a_response_is_cancelled_by_its_own_id_alone(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ResponseCreate())
        call.send(facts.ResponseCreate(out_of_band=True))
        own, beside = (created.response.id for created in told(call, act.ResponseCreated))
        call.send(facts.ResponseCancel("another", "e"))
        assert [(refused.code, refused.cause) for refused in told(call, act.Refused)] == [
            ("response_cancel_not_active", "e")
        ]
        call.send(facts.ResponseCancel(beside))
        call.send(facts.ResponseCancel(own))
        ended = [(done.response.id, done.response.reason) for done in told(call, act.ResponseDone)]
        assert ended == [(beside, "client_cancelled"), (own, "client_cancelled")]
        assert not call.models

    def test_a_response_that_waits_for_words_has_no_id_to_be_called_off_by(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        call.send(facts.ResponseCreate())
        call.send(facts.ResponseCancel("resp_1"))
        assert told(call, act.Refused)
        call.settle()
        assert told(call, act.ResponseCreated)

    def test_a_response_to_items_of_its_own_knows_those_and_no_others(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ItemCreate(user_text("old", "we are ten people")))
        call.send(facts.ItemCreate(user_text("other", "never mind")))
        items = (user_text("old", ""), user_text("", "what does it cost?"))
        call.send(facts.ResponseCreate(items=items, item_references=("old",)))
        request = told(call, act.StartModel)[-1].request
        asked = [message.content for message in request.messages if message.role == "user"]
        assert asked == ["we are ten people", "what does it cost?"]

    def test_one_to_an_item_that_is_not_there_is_refused_and_none_begins(self) -> None:
        call = FakeCall(EAGER)
        call.send(facts.ResponseCreate(items=(user_text("gone", ""),), item_references=("gone",), cause="e"))
        (refused,) = call.told
        assert isinstance(refused, act.Refused)
        assert (refused.code, refused.param, refused.cause) == ("unknown_item", "response.input", "e")

    def test_a_reply_whose_item_is_deleted_ends_and_another_s_goes_on(self) -> None:
        call = speaking(words=60)
        question, reply = (item.id for item in call.core.history)
        call.send(facts.ItemDelete(question))
        assert not told(call, act.ResponseDone)
        call.send(facts.ItemDelete(reply))
        (done,) = told(call, act.ResponseDone)
        assert done.response.reason == "client_cancelled"
        call.send(facts.ItemRetrieve(reply, "e"))
        assert [(refused.code, refused.cause) for refused in told(call, act.Refused)] == [("unknown_item", "e")]
        call.settle()
        assert not list(call.core.history)

    def test_a_commit_tells_how_much_was_spoken_and_an_emptied_buffer_that_it_is(self) -> None:
        call = FakeCall(ConversationSettings(turn_detection=None, transcribe=True))
        call.send(facts.AudioBegan(200.0))
        call.send(facts.AudioCommit(1700.0, 1500.0))
        call.send(facts.Transcribed(*call.finishing, ""))
        (item,) = call.core.history
        assert item.audio_ms == 1500.0
        assert told(call, act.TranscriptCompleted)[0].audio_ms == 1500.0
        call.send(facts.ResponseCreate())
        assert prompts(call) == ["[inaudible]"]
        call.send(facts.AudioClear())
        assert told(call, act.AudioCleared)

    def test_what_is_recognised_beside_the_buffer_is_not_in_it(self) -> None:
        call = FakeCall(structs.replace(EAGER, turn_detection=None))
        call.send(facts.AudioBegan(0.0))
        (by_hand,) = call.utterances
        call.send(facts.Heard(by_hand + 7, "of another time"))
        call.send(facts.AudioCommit(1500.0, 1500.0))
        call.send(facts.TranscriptFailed(by_hand, "stt_lost", "lost"))
        assert [item.words for item in call.core.history] == [""]
