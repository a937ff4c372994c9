"""A conversation goes on with another provider, whatever ids the calls have so far."""

import re

import pytest

from pipelines.llm import anthropic_request, openai_request
from pipelines.llm.port import ChatRequest, Message, ToolCall
from pipelines.llm.profiles import OPENAI

VLLM = f"chatcmpl-tool-{'0123456789abcdef' * 2}"
IDS = ["call_1", "toolu_01A", VLLM, "functions.search:0", "x" * 400, "ünd", ""]


def asked(call_id: str) -> ChatRequest:
    call = ToolCall(call_id, "search", "{}")
    messages = (
        Message("user", "Hi"),
        Message("assistant", "", (call,)),
        Message("tool", "{}", tool_call_id=call_id),
        Message("user", "So?"),
    )
    return ChatRequest(messages)


@pytest.mark.parametrize("call_id", IDS)
def test_openai_gets_ids_it_takes(call_id: str) -> None:
    messages = openai_request.request_body(OPENAI, "gpt-5", asked(call_id))["messages"]
    (call,) = messages[1]["tool_calls"]
    assert call["id"] == messages[2]["tool_call_id"]
    assert 0 < len(call["id"]) <= 40
    assert (call["id"] == call_id) == (0 < len(call_id) <= 40)


@pytest.mark.parametrize("call_id", IDS)
def test_anthropic_gets_ids_it_takes(call_id: str) -> None:
    turns = anthropic_request.request_body("claude-haiku-5-5", asked(call_id))["messages"]
    use, result = turns[1]["content"][0], turns[2]["content"][0]
    assert use["id"] == result["tool_use_id"]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", use["id"])
    assert (use["id"] == call_id) == (call_id in ("call_1", "toolu_01A", VLLM))


def test_two_calls_stay_two() -> None:
    assert (
        len(
            {
                openai_request.request_body(OPENAI, "m", asked(f"{'x' * 60}{n}"))["messages"][1]["tool_calls"][0]["id"]
                for n in range(9)
            }
        )
        == 9
    )


def test_anthropic_is_told_of_tools_that_were_called_and_are_no_more() -> None:
    body = anthropic_request.request_body("claude-haiku-5-5", asked("call_1"))
    assert [tool["name"] for tool in body["tools"]] == ["search"]
    assert body["tool_choice"] == {"type": "none"}
