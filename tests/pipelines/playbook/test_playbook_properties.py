"""Promises that hold whatever the caller says, and in whatever order."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st
from playbook_talk import MONDAY, Talk

from pipelines.agent_profile import instructions_of
from pipelines.intent.classifier import classify
from pipelines.llm.port import ChatRequest, Completed, Message, TextDelta, ToolCallDelta
from pipelines.playbook.model import Playbook
from pipelines.playbook.own_questions import MAX_OWN_ASKED
from pipelines.playbook.policy import MAX_STALLED
from pipelines.playbook.tools import SERVER_TOOLS
from storage.agents.profiles import ProfileFacts, ProfileQuestion

OWN = (
    ProfileQuestion("day", "Which day suits you for delivery?"),
    ProfileQuestion("size", "How large should the box be?", ("small", "medium", "large")),
    ProfileQuestion("team", "How many people are on your team?"),
    ProfileQuestion("winter", "Do you ride in winter?"),
)
WITH_QUESTIONS = instructions_of(ProfileFacts(name="Zoë", company="Bol Bikes", questions=OWN), "You are friendly.")

POOL = [
    "hello", "hi", "hello?", "good morning", "bye", "goodbye", "yes", "yeah", "no", "no thanks", "okay", "sure", "maybe",
    "i don't know", "not sure", "repeat that", "what did you say", "hold on", "one second", "how are you", "thank you",
    "who is this", "are you a robot", "can I talk to a person", "stop calling me", "take me off your list",
    "how much does it cost", "what does the growth plan cost", "does it work with hubspot", "is my data safe",
    "what's the capital of france", "do you ship to mars", "tell me a joke", "why do you want to know",
    "we miss too many calls", "we want more leads", "twenty five people", "fifty", "no, fifty not fifteen",
    "we're 25 people at Initech and have about 5k a month", "just me", "five thousand a month", "no budget", "about 2k",
    "i decide", "my boss decides", "me and my partner", "next quarter", "asap", "in march", "not before summer",
    "i'd like to book a demo", "tuesday at two", "tomorrow afternoon", "friday at ten", "the second one", "neither of those",
    "sunday at four in the morning", "I need to reschedule our meeting", "Jane Doe", "my name is Tom", "it's kate",
    "jane dot doe at acme dot com", "tom@x.com", "jane at", "actually my email is bob at initech dot com", "that's wrong",
    "that's right", "not interested", "that's too expensive", "we already use aircall", "i have no time",
    "just send me an email", "i need to think about it", "is this a scam", "how did you get my number",
    "wrong person", "i hate robots", "you stupid bot", "shut up", "hola no hablo ingles", "ich verstehe kein englisch",
    "", "   ", "...", "?", "um", "and then the", "purple elbow candle", "asdf", "12", "0", "999999999999", "@", "a" * 500,
    "call me ishmael some years ago never mind how long precisely", "the moon is far away", "yes no yes no", "\u4f60\u597d",
]  # fmt: skip
OUTPUTS = ['{"status": "ok"}', '{"error": "down"}', "", "Error: no", "[]", '{"results": []}', "null", "not json"]


@settings(max_examples=150)
@given(lines=st.lists(st.sampled_from(POOL), max_size=25), tools=st.booleans(), output=st.sampled_from(OUTPUTS))
def test_the_agent_never_says_the_same_twice_in_a_row(lines: list[str], tools: bool, output: str) -> None:
    offered = SERVER_TOOLS if tools else ()
    talk = Talk(tools=offered, outputs={tool.name: output for tool in offered})
    before = talk.answer()
    assert before
    for line in lines:
        answer = talk.say(line)
        assert answer, line
        if classify(line).label != "repeat":
            assert answer != before, line
        before = answer


@settings(max_examples=60)
@given(lines=st.lists(st.sampled_from(POOL), min_size=1, max_size=4))
@example(lines=["tuesday at two", "sunday at four in the morning"])
@example(lines=["tom@x.com", "not friday"])
@example(lines=["can I talk to a person", "tom@x.com", "i don't know"])
def test_a_talk_without_progress_ends_politely(lines: list[str]) -> None:
    """Few texts over and over bring nothing new after a while; a few turns later the agent has taken its leave."""
    talk = Talk()
    talk.answer()
    idle = 0
    for turn in range(160):
        talk.say(lines[turn % len(lines)])
        state = talk.state
        if state.course.closed or state.opted_out:
            return
        idle = idle + 1 if state.course.stalled else 0
        assert idle <= MAX_STALLED
    raise AssertionError("the talk does not end")


@settings(max_examples=100)
@given(
    messages=st.lists(
        st.builds(
            Message,
            role=st.sampled_from(["system", "user", "assistant", "tool"]),
            content=st.one_of(st.sampled_from(POOL), st.text(max_size=80)),
            tool_call_id=st.sampled_from([None, "call_1"]),
        ),
        max_size=12,
    ),
    choice=st.sampled_from(["auto", "none", "required"]),
    limit=st.sampled_from([None, 1, 5, 100]),
    tools=st.booleans(),
)
def test_any_history_is_answered_and_completed(
    messages: list[Message], choice: str, limit: int | None, tools: bool
) -> None:
    request = ChatRequest(
        tuple(messages),
        tools=SERVER_TOOLS if tools else (),
        tool_choice=choice,  # type: ignore[arg-type]
        max_output_tokens=limit,
    )

    async def run() -> list[object]:
        return [event async for event in Playbook(clock=lambda: MONDAY).stream(request)]

    events = asyncio.run(run())
    assert isinstance(events[-1], Completed)
    assert all(isinstance(event, TextDelta | ToolCallDelta) for event in events[:-1])


@settings(max_examples=40)
@given(lines=st.lists(st.sampled_from(POOL), min_size=1, max_size=12))
def test_the_same_history_has_the_same_reply(lines: list[str]) -> None:
    """Nothing is remembered outside the messages: a second playbook takes over at any point."""
    talk = Talk()
    talk.script(*lines)
    request = ChatRequest((*talk.messages, Message("user", "how much does it cost")))
    assert Playbook(clock=lambda: MONDAY).reply(request).text == talk.playbook.reply(request).text


@settings(max_examples=25)
@given(lines=st.lists(st.sampled_from([*POOL, "medium", "just a van", "on mondays"]), max_size=20), tools=st.booleans())
def test_an_operators_questions_are_asked_in_order_seldom_and_never_again(lines: list[str], tools: bool) -> None:
    talk = Talk(system=WITH_QUESTIONS, tools=SERVER_TOOLS if tools else ())
    said = talk.answer()
    state = talk.state
    for line in lines:
        before, known, repeats = said, state.own.answers.keys() | state.own.left, classify(line).label == "repeat"
        said, left = talk.say(line), state.opted_out
        state = talk.state
        assert said and (repeats or said != before), line
        asked = [one for one in OWN if one.question in said]
        assert len(asked) <= 1, "one at a time"
        assert not asked or not (left or state.opted_out), "who is off the list is asked nothing"
        assert repeats or all(one.key not in known for one in asked), "answered already"
    assert all(sum(one.question in text for text in dict.fromkeys(state.course.said)) <= MAX_OWN_ASKED for one in OWN)
    assert set(state.own.answers) <= {one.key for one in OWN}
