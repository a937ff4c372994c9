from typing import Any

import pytest
from msgspec import structs

from pipelines.conversation.history import RETRIEVED_BEFORE, History, UnknownItemError, context
from pipelines.conversation.items import Item, Part, user_audio, user_text
from pipelines.llm.port import Message, ToolCall


def reply(item_id: str, heard: str) -> Item:
    return Item(id=item_id, type="message", role="assistant", spoken=True, generated="more than heard", heard=heard)


def test_inserts_take_their_place_and_keep_the_positions_in_order() -> None:
    history = History()
    for item_id in ("a", "b"):
        history.append(user_text(item_id, item_id))
    history.insert_after(user_text("first", ""), "root")
    history.insert_after(user_text("between", ""), "a")
    history.insert_after(user_text("last", ""), "b")
    assert [item.id for item in history] == ["first", "a", "between", "b", "last"]
    positions = [history.position(item.id) for item in history]
    assert positions == sorted(positions)
    assert history.previous_id("between") == "a"
    assert history.previous_id("first") is None


def test_many_inserts_at_one_place_stay_apart() -> None:
    history = History()
    history.append(user_text("a", ""))
    history.append(user_text("z", ""))
    for n in range(40):
        history.insert_after(user_text(f"n{n}", ""), "a")
    positions = [history.position(item.id) for item in history]
    assert positions == sorted(set(positions))


def test_unknown_items_are_an_error() -> None:
    history = History()
    with pytest.raises(UnknownItemError):
        history.get("nobody")
    with pytest.raises(UnknownItemError):
        history.insert_after(user_text("a", ""), "nobody")
    with pytest.raises(UnknownItemError):
        history.delete("nobody")


def test_an_older_item_that_a_client_asked_for_is_changed_in_its_place() -> None:
    history = History()
    history.append(user_text("now", ""))
    history.put_aside([(reply("old", "Hello there"), -7.0)])
    history.replace(reply("old", "Hello"))
    assert (history.get("old").heard, history.position("old"), len(history)) == ("Hello", -7.0, 1)


def test_the_context_holds_what_was_heard_and_nothing_else() -> None:
    messages = context("Be kind.", [user_text("u", "hi"), reply("r1", "Hello"), reply("r2", "")])
    assert messages == (Message("system", "Be kind."), Message("user", "hi"), Message("assistant", "Hello"))


def test_speech_nobody_understood_is_said_to_be_so() -> None:
    assert context("", [user_audio("u", "", audio_ms=800.0)])[-1].content == "[inaudible]"
    assert context("", [user_audio("u", "")])[-1].content == "[silence]", "nobody spoke: they were waited for"
    assert context("", [user_audio("u", None)]) == (), "words still on their way are no words"


def test_a_call_goes_with_its_result_or_not_at_all() -> None:
    call = Item(id="c", type="function_call", call_id="x", name="look_up", arguments="{}")
    result = Item(id="o", type="function_call_output", call_id="x", output="42")
    assert context("", [user_text("u", "hi"), call]) == (Message("user", "hi"),)
    assert context("", [reply("r", "One moment."), call, result]) == (
        Message("assistant", "One moment.", tool_calls=(ToolCall("x", "look_up", "{}"),)),
        Message("tool", "42", tool_call_id="x"),
    )


def test_a_call_with_nothing_said_is_the_assistants_all_the_same() -> None:
    call = Item(id="c", type="function_call", call_id="x", name="look_up", arguments="{}")
    result = Item(id="o", type="function_call_output", call_id="x", output="42")
    assert context("", [user_text("u", "hi"), call, result]) == (
        Message("user", "hi"),
        Message("assistant", tool_calls=(ToolCall("x", "look_up", "{}"),)),
        Message("tool", "42", tool_call_id="x"),
    )


def test_a_retrieved_text_is_shown_in_its_turn_and_as_news_and_is_a_clients_own_concern() -> None:
    call = Item(id="c", type="function_call", call_id="x", name="look_up", arguments="{}", own_tool=True)
    items = [user_text("u1", "Look."), call, Item(id="o", type="function_call_output", call_id="x", output="42")]

    def shown(*items: Item, **about: Any) -> list[str]:
        told = context("", items, retrieving={"look_up"}, **about)
        return [message.content for message in told if message.role == "tool"]

    later = user_text("u2", "And?")
    assert shown(*items) == ["42"]
    assert shown(*items, later) == [RETRIEVED_BEFORE]
    assert shown(*items, later, news={"x"}) == ["42"], "the caller waits for it"
    theirs = structs.replace(call, own_tool=False)
    assert shown(items[0], theirs, items[2], later) == ["42"]


def test_a_result_whose_call_was_taken_away_is_not_told() -> None:
    result = Item(id="o", type="function_call_output", call_id="x", output="42")
    assert context("", [user_text("u", "hi"), result]) == (Message("user", "hi"),)


@pytest.mark.parametrize("instructions", ["", "Be kind."])
def test_what_is_known_of_the_caller_stands_before_their_last_words(instructions: str) -> None:
    first = (Message("system", instructions),) if instructions else ()
    brief = Message("system", "They are ten people.", passing=True)
    greeted = (Message("user", "hi"), Message("assistant", "Hello"))
    items = [user_text("u1", "hi"), reply("r", "Hello"), user_text("u2", "what does it cost?")]
    told = context(instructions, items, briefing=brief.content)
    assert told == (*first, *greeted, brief, Message("user", "what does it cost?"))
    assert context(instructions, [reply("r", "Hello")], briefing=brief.content) == (*first, greeted[1], brief)


def test_messages_of_several_parts_are_joined() -> None:
    item = Item(id="u", type="message", role="user", parts=(Part("input_text", "a"), Part("input_text", "b")))
    assert context("", [item])[0].content == "a\nb"
