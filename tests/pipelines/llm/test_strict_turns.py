"""Whatever a conversation came to, its messages are in an order that every chat template takes."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.llm.openai_request import request_body
from pipelines.llm.port import ChatRequest, Message, ToolCall
from pipelines.llm.profiles import CEREBRAS, DEEPSEEK, OLLAMA, OPENAI, OPENROUTER, RUNPOD
from pipelines.llm.strict_turns import BEGINNING, strict_turns
from pipelines.llm.tool_order import results_after_calls

SYSTEM, USER, AGENT = Message("system", "You sell."), Message("user", "Hi"), Message("assistant", "Hello!")
BRIEF = Message("system", "It is Ada.", passing=True)
CALLS = Message("assistant", "One moment.", (ToolCall("c1", "search", "{}"), ToolCall("c2", "search", "{}")))
RESULTS = (Message("tool", "a", tool_call_id="c1"), Message("tool", "b", tool_call_id="c2"))


def told(*messages: Message) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in strict_turns(messages)]


def test_what_is_told_beside_stands_with_the_callers_words() -> None:
    assert told(SYSTEM, AGENT, BRIEF, USER) == [
        ("system", "You sell."),
        ("user", BEGINNING),
        ("assistant", "Hello!"),
        ("user", "<system>It is Ada.</system>\n\nHi"),
    ]


def test_instructions_in_several_parts_are_one_message() -> None:
    assert told(SYSTEM, Message("system", "Be brief."), USER)[0] == ("system", "You sell.\n\nBe brief.")


def test_where_nobody_has_spoken_the_conversation_begins() -> None:
    assert told(SYSTEM) == [("system", "You sell."), ("user", BEGINNING)]
    assert told(SYSTEM, BRIEF) == [("system", "You sell."), ("user", "<system>It is Ada.</system>")]
    assert told() == [("user", BEGINNING)]


def test_words_in_a_row_are_one_message() -> None:
    assert told(SYSTEM, USER, Message("user", "Anybody?"), AGENT, Message("assistant", "Yes?")) == [
        ("system", "You sell."),
        ("user", "Hi\n\nAnybody?"),
        ("assistant", "Hello!\n\nYes?"),
    ]


def test_calls_and_their_results_stay_as_they_are() -> None:
    turns = strict_turns((SYSTEM, USER, AGENT, CALLS, *RESULTS, BRIEF, Message("user", "So?")))
    assert [turn.role for turn in turns] == ["system", "user", "assistant", "tool", "tool", "user"]
    assert (turns[2].content, turns[2].tool_calls) == ("Hello!\n\nOne moment.", CALLS.tool_calls)
    assert turns[3:5] == [*RESULTS]


def test_who_takes_any_order_gets_what_there_is() -> None:
    asked = ChatRequest((SYSTEM, AGENT, BRIEF, USER))
    for profile in (OPENAI, DEEPSEEK):
        roles = [message["role"] for message in request_body(profile, "m", asked)["messages"]]
        assert roles == ["system", "assistant", "system", "user"]
    for profile in (CEREBRAS, OPENROUTER, OLLAMA, RUNPOD):
        roles = [message["role"] for message in request_body(profile, "m", asked)["messages"]]
        assert roles == ["system", "user", "assistant", "user"]


@given(
    st.lists(st.sampled_from([SYSTEM, BRIEF, USER, AGENT, CALLS, *RESULTS, Message("user", " "), Message("system")]))
)
def test_any_conversation_is_in_turn(messages: list[Message]) -> None:
    turns = strict_turns(results_after_calls(messages))
    roles = [turn.role for turn in turns]
    assert "system" not in roles[1:]
    spoken = [role for role in roles if role not in ("system", "tool")]
    assert spoken[0] == "user"
    assert all(one != other for one, other in zip(roles, roles[1:], strict=False) if other != "tool")
    text = "\n".join(turn.content for turn in turns)
    assert all(message.content.strip() in text for message in messages if message.role != "tool")
