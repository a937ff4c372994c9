"""Whose call is recorded is told so before anything else, whoever speaks first, and once."""

import pytest
from fake_call import FakeCall

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, RecordingWords, ReplySettings

SETTINGS = ConversationSettings()
ANNOUNCED = "This call is recorded."
WRITTEN = ReplySettings(modality="text")


def recorded() -> FakeCall:
    call = FakeCall(SETTINGS)
    words = RecordingWords("It is stopped.", ANNOUNCED)
    call.core = ConversationCore(SETTINGS, id_prefix="t", recording=words)
    return call


def answers(call: FakeCall, request: facts.ResponseCreate) -> str:
    """What is said, or written, in answer."""
    before = len(call.told)
    call.send(request)
    (model,) = call.models
    call.model_text(model)
    call.model_finishes(model)
    call.settle()
    new = call.told[before:]
    return "".join(
        action.text if isinstance(action, act.Speak) else action.delta
        for action in new
        if isinstance(action, act.Speak | act.OutputTextDelta)
    )


def test_the_first_words_of_the_agent_tell_it_and_the_next_do_not() -> None:
    call = recorded()
    call.send(facts.ItemCreate(user_text("", "hello")))
    assert answers(call, facts.ResponseCreate()).startswith(f"{ANNOUNCED} w")
    assert [action for action in call.told if isinstance(action, act.ToldOfRecording)]
    assert call.core.recording.is_announced
    assert ANNOUNCED not in answers(call, facts.ResponseCreate())


def test_so_do_those_of_a_person_in_its_place() -> None:
    call = recorded()
    call.send(facts.OperatorSays("Hello, this is Maria.", interrupt=False, cause="c"))
    said = "".join(action.text for action in call.told if isinstance(action, act.Speak))
    assert said.startswith(f"{ANNOUNCED} Hello")


@pytest.mark.parametrize("request_", [facts.ResponseCreate(reply=WRITTEN), facts.ResponseCreate(out_of_band=True)])
def test_what_is_written_or_said_beside_the_call_does_not_count(request_: facts.ResponseCreate) -> None:
    call = recorded()
    call.send(facts.ItemCreate(user_text("", "hello")))
    assert ANNOUNCED not in answers(call, request_)
    assert not call.core.recording.is_announced
    assert answers(call, facts.ResponseCreate()).startswith(ANNOUNCED)


@pytest.mark.parametrize("text", ["please stop recording this call", "please don't record me"])
def test_who_does_not_want_it_is_told_that_it_is_stopped(text: str) -> None:
    call = recorded()
    call.send(facts.ItemCreate(user_text("", text)))
    assert answers(call, facts.ResponseCreate()).startswith("It is stopped. ")
    call.send(facts.ItemCreate(user_text("", "what does it cost?")))
    said = answers(call, facts.ResponseCreate())
    assert "It is stopped." not in said
    assert ANNOUNCED not in said
    assert not call.core.recording.is_on
