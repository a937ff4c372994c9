"""Whole conversations with the playbook, from the greeting to their end, as typed and as a recogniser spells them."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.llm.port import ChatRequest, Completed, Message, TextDelta, ToolCall, ToolCallDelta, ToolSpec
from pipelines.playbook.model import Playbook
from pipelines.playbook.tools import SERVER_TOOLS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INSTRUCTIONS = "You are Ava, the sales agent of Acme Voice."


class Talk:
    """A conversation kept as its messages; tools answer that they did it."""

    def __init__(self, tools: tuple[ToolSpec, ...] = ()) -> None:
        self.playbook = Playbook(clock=lambda: NOW)
        self.messages = [Message("system", INSTRUCTIONS)]
        self.tools = tools
        self.called: list[tuple[str, dict[str, object]]] = []

    def agent(self) -> str:
        """The agent's next words, its tools run on the way."""
        said = ""
        for _ in range(4):
            text, calls = asyncio.run(self._reply())
            said = f"{said} {text}".strip()
            self.messages.append(Message("assistant", text, tool_calls=calls))
            if not calls:
                return said
            for call in calls:
                self.called.append((call.name, json.loads(call.arguments)))
                self.messages.append(Message("tool", '{"booked": true}', tool_call_id=call.call_id))
        raise AssertionError("the playbook calls tools for ever")

    def hear(self, text: str) -> str:
        self.messages.append(Message("user", text))
        return self.agent()

    async def _reply(self) -> tuple[str, tuple[ToolCall, ...]]:
        text, names, arguments = "", {}, {}
        async for event in self.playbook.stream(ChatRequest(messages=tuple(self.messages), tools=self.tools)):
            match event:
                case TextDelta(piece):
                    text += piece
                case ToolCallDelta(index, piece, call_id, name):
                    if call_id:
                        names[index] = (call_id, name)
                    arguments[index] = arguments.get(index, "") + piece
                case Completed():
                    break
        calls = tuple(ToolCall(names[n][0], names[n][1], arguments[n]) for n in sorted(names))
        return text.strip(), calls


CUSTOMERS = {
    "a typed one in full sentences": [
        "Hi, we are losing a lot of calls after hours.",
        "We have about 25 people in sales.",
        "Around $2,000 a month.",
        "Yes, I decide that.",
        "Within the next two months.",
        "The first one works.",
        "My name is Jane Miller.",
        "jane@acme.com",
        "Yes, that's correct.",
    ],
    "a spoken one without punctuation": [
        "hi there we miss too many calls",
        "we are like twenty people",
        "maybe five hundred a month",
        "yeah that's me",
        "as soon as possible",
        "the second one is fine",
        "jane miller",
        "jane at acme dot com",
        "yes that's right",
    ],
    "one who says several things at once": [
        "we're 25 people at Initech and have about 5k a month, we need to answer calls faster",
        "I make the decision, and we want it next month",
        "yes, the first one please",
        "Bill Lumbergh, bill@initech.com",
        "yes",
        "yes",
    ],
}


@pytest.mark.parametrize("customer", list(CUSTOMERS))
def test_a_customer_ends_with_a_booked_meeting(customer: str) -> None:
    talk = Talk(SERVER_TOOLS)
    assert "Ava" in talk.agent()
    for line in CUSTOMERS[customer]:
        talk.hear(line)
    booked = [arguments for name, arguments in talk.called if name == "book_meeting"]
    assert len(booked) == 1, [message.content for message in talk.messages]
    start = datetime.fromisoformat(str(booked[0]["start"]))
    assert start > NOW
    assert str(booked[0]["email"]).startswith(("jane@acme", "bill@initech"))


def test_it_says_that_it_is_an_ai() -> None:
    talk = Talk()
    talk.agent()
    assert "AI" in talk.hear("are you a real person?")


def test_an_opt_out_is_honoured_at_once_and_for_good() -> None:
    talk = Talk(SERVER_TOOLS)
    talk.agent()
    talk.hear("please stop calling me")
    assert [name for name, _ in talk.called] == ["opt_out"]
    talk.hear("okay")
    assert [name for name, _ in talk.called] == ["opt_out"]


def test_a_person_is_called_when_asked_for() -> None:
    talk = Talk(SERVER_TOOLS)
    talk.agent()
    talk.hear("can I talk to a real person")
    assert "handoff_to_person" in [name for name, _ in talk.called]


def test_it_repeats_what_it_said() -> None:
    talk = Talk()
    talk.agent()
    said = talk.hear("what does it cost")
    assert talk.hear("can you repeat that") == said


def test_what_was_not_understood_is_asked_again_and_not_taken_for_an_answer() -> None:
    talk = Talk()
    talk.agent()
    first = talk.hear("[inaudible]")
    assert first
    assert "[inaudible]" not in first


def test_who_says_nothing_is_asked_whether_they_are_there_and_let_go_at_last() -> None:
    talk = Talk()
    talk.agent()
    assert {"there", "hear"} & set(talk.hear("[silence]").lower().strip("?").split())
    assert "oodbye" not in talk.hear("[silence]")
    assert "oodbye" in talk.hear("[silence]")


def test_a_clients_tool_is_called_with_arguments_of_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"],
    }
    talk = Talk((ToolSpec("get_weather", "Tells the weather of a city.", schema),))
    talk.hear("What is the weather in Rome in celsius?")
    assert talk.called == [("get_weather", {"city": "Rome", "unit": "celsius"})]


LINES = [
    "yes", "no", "maybe", "", "hello", "what does it cost", "too expensive", "not interested", "we use salesforce",
    "I don't know", "mhm", "tell me a joke", "send me an email", "I need to ask my boss", "20", "five thousand dollars",
    "tomorrow", "who are you", "can you repeat that", "wait a second", "jane@acme.com", "asdf qwer", "no no no",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), min_size=4, max_size=14))
@settings(max_examples=60, deadline=None)
def test_it_never_loops(lines: list[str]) -> None:
    talk = Talk()
    before = talk.agent()
    for line in lines:
        said = talk.hear(line)
        assert said, "silence is no answer"
        if line != "can you repeat that":
            assert said != before, (line, said)
        before = said
