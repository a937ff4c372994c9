"""A client's tools are called when they are asked for, with arguments that fit their schema."""

import json
from typing import Any

import pytest
from playbook_talk import MONDAY, Talk

from pipelines.llm.port import ChatRequest, Message, NamedTool, ToolChoice, ToolSpec
from pipelines.playbook.model import Playbook, Reply
from pipelines.playbook.tools import SERVER_TOOLS


def tool(name: str, description: str, properties: dict[str, Any], *required: str) -> ToolSpec:
    return ToolSpec(name, description, {"type": "object", "properties": properties, "required": list(required)})


WEATHER = tool(
    "get_weather",
    "Get the current weather for a city.",
    {"location": {"type": "string", "description": "City name"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "location",
)
ORDER = tool(
    "lookup_order",
    "Look up the status of an order by its number.",
    {"order_id": {"type": "string"}, "include_items": {"type": "boolean"}},
    "order_id",
)
TIMER = tool("setTimer", "", {"minutes": {"type": "integer", "minimum": 1}, "label": {"type": "string"}}, "minutes")
MAIL = tool(
    "send_email",
    "Send an email message to someone",
    {"to": {"type": "string", "format": "email"}, "subject": {"type": "string"}, "urgent": {"type": "boolean"}},
    "to",
    "subject",
)
VISIT = tool(
    "create_appointment",
    "Create an appointment in the calendar",
    {
        "date": {"type": "string", "format": "date"},
        "time": {"type": "string", "format": "time"},
        "attendees": {"type": "array", "items": {"type": "string"}},
        "kind": {"type": "string", "enum": ["haircut", "massage", "dental"]},
    },
    "date",
    "time",
    "attendees",
    "kind",
)
TOOLS = (WEATHER, ORDER, TIMER, MAIL, VISIT)


def reply(text: str, tools: tuple[ToolSpec, ...] = TOOLS, choice: ToolChoice = "auto") -> Reply:
    request = ChatRequest((Message("user", text),), tools=tools, tool_choice=choice)
    return Playbook(clock=lambda: MONDAY).reply(request)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("what's the weather like in Paris today?", "get_weather", {"location": "Paris"}),
        ("whats the weather in new york in fahrenheit", "get_weather", {"location": "New York", "unit": "fahrenheit"}),
        (
            "where is my order number A-17, include the items",
            "lookup_order",
            {"order_id": "A-17", "include_items": True},
        ),
        ("set a timer for twenty five minutes", "setTimer", {"minutes": 25}),
        (
            "make a dental appointment for tomorrow at 3pm",
            "create_appointment",
            {"date": "2026-11-24", "time": "15:00", "attendees": [], "kind": "dental"},
        ),
    ],
)
def test_a_tool_that_is_asked_for_is_called(text: str, name: str, arguments: dict[str, Any]) -> None:
    found = reply(text)
    assert found.finish_reason == "tool_calls"
    assert [call.name for call in found.calls] == [name]
    assert json.loads(found.calls[0].arguments) == arguments


@pytest.mark.parametrize("text", ["hello", "we are 25 people", "how much does it cost", "yes", "are you a robot", ""])
def test_a_tool_nobody_asked_for_is_not_called(text: str) -> None:
    assert reply(text).calls == ()


def test_none_means_none() -> None:
    assert reply("what's the weather in Rome", choice="none").calls == ()
    assert reply("stop calling me", SERVER_TOOLS, "none").calls == ()


def test_required_calls_the_best_or_else_the_first() -> None:
    assert reply("set a timer for ten minutes", choice="required").calls[0].name == "setTimer"
    assert reply("hello", choice="required").calls[0].name == "get_weather"
    assert reply("hello", (), "required").text


def test_a_named_tool_is_called_whatever_was_said() -> None:
    call = reply("hello", choice=NamedTool("setTimer")).calls[0]
    assert (call.name, json.loads(call.arguments)) == ("setTimer", {"minutes": 1})
    assert reply("hello", choice=NamedTool("unknown")).text


@pytest.mark.parametrize("choice", ["auto", "required", NamedTool("get_weather")])
def test_the_result_is_told_and_the_tool_not_called_again(choice: ToolChoice) -> None:
    asked = Message("user", "what's the weather in Rome?")
    playbook = Playbook(clock=lambda: MONDAY)
    first = playbook.reply(ChatRequest((asked,), tools=TOOLS, tool_choice=choice))
    messages = (
        asked,
        Message("assistant", first.text, first.calls),
        Message("tool", '{"temperature": 21.0, "sky": "clear"}', tool_call_id=first.calls[0].call_id),
    )
    second = playbook.reply(ChatRequest(messages, tools=TOOLS, tool_choice=choice))
    assert second.calls == ()
    assert second.text == "Temperature is 21, sky is clear."


def test_the_same_tool_serves_the_next_question() -> None:
    talk = Talk(tools=(WEATHER,), outputs={"get_weather": "Sunny, 20 degrees."})
    assert talk.say("what's the weather in Rome?") == "Sunny, 20 degrees."
    talk.outputs = {"get_weather": "Rain."}
    assert talk.say("and the weather in Oslo?") == "Rain."
    assert [json.loads(call.arguments)["location"] for call in talk.calls] == ["Rome", "Oslo"]


def test_a_failure_is_told_as_one() -> None:
    talk = Talk(tools=(MAIL,), outputs={"send_email": '{"status": "error", "message": "The mailbox is full"}'})
    answer = talk.say("send an email to bob at acme dot com")
    assert answer == "Sorry, that didn't work. The mailbox is full."


def test_a_clients_own_booking_tool_gets_what_it_calls_things() -> None:
    own = tool(
        "book_meeting",
        "Books a meeting",
        {"start_time": {"type": "string"}, "attendee_email": {"type": "string"}, "title": {"type": "string"}},
        "start_time",
        "attendee_email",
        "title",
    )
    talk = Talk(tools=(own,))
    talk.script("I'd like a demo on tuesday at ten", "ann", "ann@x.com", "yes")
    arguments = json.loads(talk.called("book_meeting")[0].arguments)
    assert arguments["start_time"] == "2026-11-24T10:00:00+00:00"
    assert arguments["attendee_email"] == "ann@x.com"
    assert isinstance(arguments["title"], str)


def test_the_companys_documents_are_searched_for_what_the_knowledge_lacks() -> None:
    talk = Talk(
        tools=SERVER_TOOLS,
        outputs={"search_knowledge": '{"passages": [{"title": "Q", "text": "Yes, with QuickBooks."}]}'},
    )
    answer = talk.say("does it work with quickbooks")
    assert "Yes, with QuickBooks." in answer
    assert json.loads(talk.called("search_knowledge")[0].arguments)["query"] == "does it work with quickbooks"
    talk.outputs = {"search_knowledge": '{"passages": []}'}
    assert "guess" in talk.say("does it integrate with sharepoint") or "specialist" in talk.replies[-1].text
