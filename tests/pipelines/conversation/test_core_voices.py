"""How long a voice is waited for: each has its time, the last one more, and none while nothing is to be said."""

import pytest
from core_calls import EAGER, told
from fake_call import BYTES_PER_MS, FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.settings import ConversationSettings, OwnTool, ReplySettings
from pipelines.llm.port import ToolSpec


def asked(rungs: int, text: str = "It costs ten dollars a month. ") -> FakeCall:
    call = FakeCall(structs.replace(EAGER, voice_rungs=rungs))
    call.send(facts.ResponseCreate())
    call.send(facts.ModelText(*call.models, text))
    return call


def given_up_after_ms(call: FakeCall) -> float:
    """Until the next voice is asked, or the reply is over."""
    began_ms, opened = call.now_ms, len(told(call, act.OpenVoice))
    while len(told(call, act.OpenVoice)) == opened and not told(call, act.ResponseDone):
        call.advance(10.0)
        assert call.now_ms - began_ms < 20_000.0
    return call.now_ms - began_ms


@pytest.mark.parametrize(("rungs", "wait_ms"), [(2, 800.0), (1, 2400.0)])
def test_a_voice_that_does_not_begin(rungs: int, wait_ms: float) -> None:
    assert given_up_after_ms(asked(rungs)) == wait_ms


@pytest.mark.parametrize(("rungs", "wait_ms"), [(2, 800.0), (1, 2400.0)])
def test_a_voice_that_falls_silent(rungs: int, wait_ms: float) -> None:
    call = asked(rungs)
    call.model_finishes(*call.models)
    call.advance(500.0)
    call.send(facts.VoiceAudio(*call.voices, bytes(40 * BYTES_PER_MS)))
    assert given_up_after_ms(call) == wait_ms


def test_a_voice_is_not_waited_for_before_it_has_something_to_say() -> None:
    call = asked(2, "It ")
    call.advance(1500.0)
    assert len(told(call, act.OpenVoice)) == 1
    call.model_finishes(*call.models)
    assert given_up_after_ms(call) == 800.0


def test_arguments_for_a_tool_of_the_clients_are_told_as_they_come_and_whole() -> None:
    client_tool, own = ToolSpec("show_page", "The client's."), OwnTool(ToolSpec("book", "Ours."))
    settings = ConversationSettings(own_tools=(own,), reply=ReplySettings(tools=(client_tool,)))
    call = FakeCall(settings)
    call.send(facts.ResponseCreate())
    (model,) = call.models
    for piece in ('{"page"', ": 1}"):
        call.send(facts.ModelToolCall(model, 0, "call_1", "show_page", piece))
    call.send(facts.ModelToolCall(model, 1, "call_2", "book", "{}"))
    call.model_finishes(model)
    deltas = told(call, act.OutputArgumentsDelta)
    assert "".join(delta.delta for delta in deltas) == '{"page": 1}'
    assert len(deltas) == 2
    (item,) = (item for item in call.core.history if item.call_id == "call_1" and item.type == "function_call")
    assert (item.arguments, item.status, item.own_tool) == ('{"page": 1}', "completed", False)


def test_a_call_that_was_broken_off_is_incomplete_and_is_not_run() -> None:
    client_tool = ToolSpec("show_page", "The client's.")
    call = FakeCall(ConversationSettings(reply=ReplySettings(tools=(client_tool,))))
    call.send(facts.ResponseCreate())
    call.send(facts.ModelToolCall(*call.models, 0, "call_1", "show_page", '{"page"'))
    call.send(facts.ResponseCancel())
    (done,) = told(call, act.ResponseDone)
    assert [item.status for item in done.response.output] == ["incomplete"]
