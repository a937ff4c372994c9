"""A conversation goes on after its line broke: what the caller had said is answered, once, and unasked only there."""

import pytest
from core_calls import EAGER, caller_says, told
from fake_call import FakeCall
from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.items import Item, Part, user_audio, user_text
from pipelines.conversation.left_unanswered import left_unanswered
from pipelines.conversation.settings import OwnTool, SemanticVad
from pipelines.llm.port import ToolSpec

SAID = user_audio("item_1", "what is the price", audio_ms=1200.0)
UNHEARD = Item(id="item_2", type="message", role="assistant", status="incomplete", spoken=True, generated="Fifty.")
HEARD = structs.replace(UNHEARD, heard="Fif")
COUGH = user_audio("item_3", "", audio_ms=300.0)
OWN_CALL = Item(id="item_4", type="function_call", call_id="call_1", name="search_crm", own_tool=True)
CALL = structs.replace(OWN_CALL, own_tool=False)
NOBODY_SPOKE = user_audio("item_5", "")


@pytest.mark.parametrize(
    ("items", "owed"),
    [
        ([SAID], True),
        ([SAID, UNHEARD], True),
        ([SAID, OWN_CALL], True),
        ([SAID, COUGH], True),
        ([HEARD, structs.replace(SAID, parts=(Part("input_audio", None),))], True),
        ([structs.replace(user_audio("item_6", "what is"), status="incomplete")], True),
        ([SAID, HEARD], False),
        ([SAID, HEARD, COUGH], False),
        ([SAID, HEARD, NOBODY_SPOKE], False),
        ([SAID, CALL], False),
        ([SAID, user_text("item_7", "the price?")], False),
        ([user_audio("item_8", "a recording")], False),
        ([], False),
    ],
    ids=range(13),
)
def test_whether_an_answer_is_owed(items: list[Item], owed: bool) -> None:
    assert left_unanswered(items) is owed


def test_it_is_answered_once_it_has_been_quiet() -> None:
    call = FakeCall(EAGER)
    call.send(facts.LeftUnanswered())
    call.advance(600.0)
    assert not call.models
    call.advance(200.0)
    (model,) = call.models
    call.model_text(model)
    call.settle()
    assert len(told(call, act.ResponseCreated)) == 1


def test_whoever_speaks_meanwhile_is_answered_once() -> None:
    call = FakeCall(EAGER)
    call.send(facts.LeftUnanswered())
    caller_says(call, "I asked for the price", voiced=30, interim="I asked", silent=20)
    call.settle()
    assert len(told(call, act.ResponseCreated)) == 1


def test_a_client_that_asks_itself_is_answered_once() -> None:
    call = FakeCall(EAGER)
    call.send(facts.LeftUnanswered())
    call.send(facts.ItemCreate(user_text("", "the price?")))
    call.advance(2000.0)
    assert not call.models
    call.send(facts.ResponseCreate())
    call.settle()
    assert len(told(call, act.ResponseCreated)) == 1


@pytest.mark.parametrize("detection", [None, SemanticVad(create_response=False)], ids=["none", "no response"])
def test_a_client_that_decides_itself_when_the_agent_speaks_is_asked(detection: SemanticVad | None) -> None:
    call = FakeCall(EAGER)
    call.send(facts.LeftUnanswered())
    call.send(facts.Configured(structs.replace(EAGER, turn_detection=detection)))
    call.advance(60_000.0)
    assert not told(call, act.ResponseCreated)


def test_what_a_tool_is_at_work_for_is_answered_with_its_result() -> None:
    settings = structs.replace(EAGER, own_tools=(OwnTool(ToolSpec("search_crm")),))
    core = ConversationCore(settings, id_prefix="u", items=[(SAID, 1.0), (OWN_CALL, 2.0)])
    core.step(facts.LeftUnanswered(), 0.0)
    assert core.wake_ms() == OwnTool(ToolSpec("search_crm")).policy.deadline_s * 1000
    core.step(facts.ToolFinished("call_1", "{}"), 4000.0)
    started = core.step(facts.Tick(), 4000.0 + settings.limits.news_after_ms)
    assert [type(action) for action in started].count(act.StartModel) == 1
