import json

import pytest

from simulators.chat.replies import answer
from simulators.chat.turn import Tool, Turn
from simulators.config import SimulatorConfig
from simulators.delays import Constant
from simulators.script import Reply, Rule, Script, ScriptedCall
from simulators.simulation import Simulation

BOOK = Tool("book", {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]})


def simulation(**script):
    return Simulation(SimulatorConfig(script=Script(**script)), {"m.x_ms": Constant(1)})


def turn(text="What does it cost?", **changes):
    return Turn(**{"provider": "cerebras", "model": "m", "prompt": "p", "user_text": text, "user_turns": 1, **changes})


def test_a_made_up_reply_picks_up_the_question_and_is_about_8_s_long():
    content = answer(simulation(), turn()).content
    assert content.startswith("You said What does it cost. ")
    assert content.endswith((".", "?"))
    assert 20 <= len(content.split()) <= 40
    assert content == answer(simulation(), turn()).content


def test_replies_go_by_the_number_of_the_users_turn():
    scripted = simulation(replies=(Reply("first"), Reply("second")))
    assert [answer(scripted, turn(user_turns=n)).content for n in (1, 2, 3)] == ["first", "second", "first"]


def test_the_first_rule_that_applies_goes_before_replies():
    scripted = simulation(
        rules=(
            Rule(Reply("only claude"), provider="anthropic"),
            Rule(Reply("about {user}"), when="COST|price"),
            Rule(Reply("never")),
        ),
        replies=(Reply("not this"),),
    )
    assert answer(scripted, turn()).content == "about What does it cost?"
    assert answer(scripted, turn(provider="anthropic")).content == "only claude"
    assert answer(scripted, turn("Hi")).content == "never"


def test_rules_can_be_used_up():
    scripted = simulation(rules=(Rule(Reply("once"), times=1),), replies=(Reply("then this"),))
    assert [answer(scripted, turn()).content for _ in range(2)] == ["once", "then this"]
    scripted.forget()
    assert answer(scripted, turn()).content == "once"


def test_tool_calls_by_script():
    scripted = simulation(
        rules=(
            Rule(Reply("Booked."), after_tool=True),
            Rule(Reply("One moment.", tool_calls=(ScriptedCall("book", {"day": "Tuesday"}), ScriptedCall("book")))),
        )
    )
    called = answer(scripted, turn(tools=(BOOK,)))
    assert (called.content, called.finish) == ("One moment.", "tool_calls")
    assert [json.loads(call.arguments) for call in called.calls] == [{"day": "Tuesday"}, {"day": "sample"}]
    assert len({call.id for call in called.calls}) == 2
    assert answer(scripted, turn(tools=(BOOK,), tool_result="ok")).content == "Booked."
    assert answer(scripted, turn(tools=(BOOK,), may_call=False)).calls == ()


def test_arguments_can_be_broken_on_purpose():
    scripted = simulation(replies=(Reply(tool_calls=(ScriptedCall("book", '{"day": '),)),))
    assert answer(scripted, turn()).calls[0].arguments == '{"day": '


def test_a_forced_tool_is_called_once():
    forced = turn(tools=(BOOK,), forced_tool="book")
    assert [call.name for call in answer(simulation(), forced).calls] == ["book"]
    after = answer(simulation(), turn(tools=(BOOK,), forced_tool="book", tool_result="It is Tuesday, 10 o'clock."))
    assert (after.calls, after.content) == ((), "I looked it up: It is Tuesday, 10 o'clock.. Shall we go on?")


def test_structured_output_satisfies_its_schema():
    assert json.loads(answer(simulation(), turn(schema=BOOK.schema)).content) == {"day": "sample"}
    assert json.loads(answer(simulation(), turn(schema={})).content) == {}


def test_limits_and_stop_sequences():
    scripted = simulation(replies=(Reply("One two three. Four five."),))
    cut = answer(scripted, turn(most_tokens=3))
    assert (cut.content, cut.finish) == ("One two three", "length")
    stopped = answer(scripted, turn(stop=("Four", "three")))
    assert (stopped.content, stopped.finish, stopped.stop_sequence) == ("One two ", "stop", "three")


@pytest.mark.parametrize("reason", ["content_filter", "length"])
def test_a_finish_reason_can_be_scripted(reason):
    assert answer(simulation(replies=(Reply("No.", finish_reason=reason),)), turn()).finish == reason


def test_what_tools_found_is_passed_on():
    scripted = simulation(
        rules=(
            Rule(
                Reply(
                    "At {found:times.1.say}, {found:nowhere}.",
                    tool_calls=(ScriptedCall("book", {"day": "{found:times.0.say}"}),),
                )
            ),
        )
    )
    results = (
        '{"times": [{"say": "old"}]}',
        '{"times": [{"say": "ten"}, {"say": "noon"}]}',
        "no JSON",
        '{"booked": true}',
    )
    said = answer(scripted, turn(tools=(BOOK,), tool_results=results))
    assert said.content == "At noon, {found:nowhere}."
    assert json.loads(said.calls[0].arguments) == {"day": "ten"}
