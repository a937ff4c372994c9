"""The refine agent: rounds until the critic is content, nothing made up, rules where there is no model."""

import time
from typing import Any

import pytest
from agent_world import running_agents
from fake_gateway import FakeGateway

from pipelines.agents.events import AgentEvent
from pipelines.agents.refine.rules import mended, problems_of
from pipelines.agents.requests import Asked
from pipelines.llm.port import ChatRequest, LlmError
from storage.postgres.database import Database

BAD = (
    "Hi Sam,\n\nI hope this email finds you well. I just wanted to reach out to you and tell you that we utilize "
    "modern tools in order to to answer calls!!! ACT NOW. Your calls are answered in 2 seconds, see [LINK]."
)


def critic(*scores: int, texts: tuple[str, ...] = ()) -> FakeGateway:
    """Scores and texts one after the other, the last for ever."""
    left, written = list(scores), list(texts)

    def answer(request: ChatRequest) -> Any:
        assert request.response_schema is not None
        if "score" in request.response_schema["properties"]:
            return {"score": left.pop(0) if len(left) > 1 else left[0], "problems": ["It is stiff."]}
        return {"changes": ["Softer."], "text": written.pop(0) if len(written) > 1 else written[0]}

    return FakeGateway(answer)


async def refined(database: Database, gateway: FakeGateway | None = None, **given: Any) -> dict[str, Any]:
    async with running_agents(database, gateway=gateway) as world:
        reply = await world.agents.invoke("refine", given)
    assert reply.status == "completed", reply
    assert reply.output is not None
    return {**reply.output, "engine": reply.engine, "cost_usd": reply.cost_usd}


async def test_it_ends_when_the_critic_is_content(database: Database) -> None:
    gateway = critic(3, 6, 9, texts=("Good day to you.", "Good day."))
    found = await refined(database, gateway, text="Hello there.", max_rounds=5)
    assert (found["text"], found["content"], found["score"]) == ("Good day.", True, 9)
    assert [(entry["score_before"], entry["changes"], entry["text"]) for entry in found["rounds"]] == [
        (3, ["Softer."], "Good day to you."),
        (6, ["Softer."], "Good day."),
    ]
    assert found["rounds"][0]["problems"] == [{"code": "critic", "message": "It is stiff."}]
    assert found["engine"] == "fake-model"
    assert found["cost_usd"] > 0


async def test_it_ends_after_its_rounds_and_keeps_the_best(database: Database) -> None:
    found = await refined(database, critic(3, 4, 5, texts=("Two.", "Three.")), text="One.", max_rounds=2)
    assert (found["text"], found["content"], len(found["rounds"])) == ("Three.", False, 2)
    worse = await refined(database, critic(5, 6, 2, texts=("Two.", "Three.")), text="One.", max_rounds=5)
    assert (worse["text"], worse["score"]) == ("Two.", 6)
    assert [entry["dropped"] for entry in worse["rounds"]] == [False, True]


async def test_a_text_that_is_content_is_left_alone(database: Database) -> None:
    found = await refined(database, critic(9), text="Shall we talk on Monday?")
    assert (found["text"], found["rounds"], found["content"]) == ("Shall we talk on Monday?", [], True)


@pytest.mark.parametrize("made_up", ["Only 9 dollars.", "See https://evil.test/x.", "Write to a@evil.test."])
async def test_nothing_is_made_up(database: Database, made_up: str) -> None:
    found = await refined(database, critic(3, texts=(made_up,)), text="We utilize tools, 7 of them.", max_rounds=1)
    assert found["text"] in ("We use tools, 7 of them.", "We utilize tools, 7 of them.")
    assert found["rounds"][0]["engine"] == "rules"


async def test_rules_do_what_they_can_and_name_what_they_cannot(database: Database) -> None:
    found = await refined(database, text=BAD)
    assert found["text"] == (
        "Hi Sam,\n\nI just wanted to tell you that we use modern tools to answer calls! "
        "Your calls are answered in 2 seconds, see [LINK]."
    )
    assert [entry["code"] for entry in found["problems"]] == ["placeholder"]
    assert (found["engine"], found["content"], found["cost_usd"]) == ("rules", False, 0.0)
    assert "Put plain words." in found["rounds"][0]["changes"]


async def test_a_model_that_fails_is_replaced_by_rules(database: Database) -> None:
    def refuse(_request: ChatRequest) -> Any:
        raise LlmError("llm_refused", "no", retryable=False)

    found = await refined(database, FakeGateway(refuse), text=BAD, max_words=12)
    assert len(found["text"].split()) <= 12
    assert found["engine"] == "rules"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Shall we talk on Monday?", []),
        ("Dear {{name}}, hello.", ["placeholder"]),
        ("BUY THIS GREAT THING today", ["shouting"]),
        ("word " * 30 + ".", ["said_twice", "long_sentence"]),
        ("Act now, it is guaranteed.", ["spam_words"]),
    ],
)
def test_problems_a_rule_sees(text: str, codes: list[str]) -> None:
    assert [entry["code"] for entry in problems_of(text, None)] == codes


def test_what_is_well_is_not_touched() -> None:
    text = "Hi Sam,\n\nwe answer calls in 2 seconds: at night too.\n\nShall we talk, e.g. on Monday?"
    assert mended(text, None)[0] == text.replace("we answer", "We answer")


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Call 555 555 0123 or Walla Walla.", "Call 555 555 0123 or Walla Walla."),
        ("Our guaranteed rate is 4.5% today. See acme.com for more.", "See acme.com for more."),
        ("It rose by 4.5% in acme.com, urgent. Call us.", "Call us."),
        ("I just wanted to reach out and ask for a date.", "I just wanted to ask for a date."),
        ("Actually it is not really our fault.", "It is not really our fault."),
        ("Really, very important: it is late.", "Important: it is late."),
        ("I hope this email finds you well. We call you.", "We call you."),
    ],
)
def test_rules_break_no_figure_no_name_and_no_sentence(text: str, better: str) -> None:
    assert mended(text, None)[0] == better


def test_a_problem_is_quoted_as_far_as_it_goes() -> None:
    [problem] = problems_of("It is really important.", None)
    assert problem["message"] == "It says nothing: really."


def test_any_text_is_mended_in_no_time() -> None:
    for text in (".!" * 4000, "very " * 1600, "a." * 4000, "no no " * 1300):
        began_s = time.process_time()
        mended(text, None)
        assert time.process_time() - began_s < 0.5


async def test_each_round_is_told_as_it_is_done(database: Database) -> None:
    told: list[AgentEvent] = []
    async with running_agents(database, gateway=critic(3, 9, texts=("Good day.",))) as world:
        asked = Asked(agent="refine", input={"text": "Hello there."})
        await world.agents.run(asked, told.append)
    rounds = [event.data for event in told if event.kind == "round"]
    assert [(entry["number"], entry["score_before"], entry["text"]) for entry in rounds] == [(1, 3, "Good day.")]
    assert told[-1].kind == "done"
