"""A model that fills every form with the same made-up words: no agent says them, and each says something."""

from typing import Any

import pytest
from agent_world import running_agents
from fake_calendar import FakeCalendar
from fake_gateway import FakeGateway

from pipelines.agents.marketing.brief import Sender
from pipelines.llm.port import ChatRequest
from storage.postgres.database import Database

LEAD = {"company_name": "Acme", "contact_name": "Sam Jones", "need": "fewer missed calls", "company_size": "51-200"}
MADE_UP = ("You save 4711 dollars.", "First month free of charge, guaranteed.", "Покупайте сейчас", " \n ")
TOLD_BESIDE = ("engine", "not_found")
"""What is missing is in a model's words, and claims nothing."""

AGENTS = ("qualification", "enrichment", "growth", "marketing", "bdr", "research")


def filled(schema: dict[str, Any], text: str) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {name: filled(member, text) for name, member in schema["properties"].items()}
    if kind == "array":
        return [filled(schema["items"], text)]
    return {"string": text, "integer": 1, "number": 0.9}.get(str(kind), text)


def making_up(text: str) -> FakeGateway:
    def answer(request: ChatRequest) -> Any:
        assert request.response_schema is not None
        return filled(request.response_schema, text)

    return FakeGateway(answer)


def texts(output: Any) -> list[str]:
    if isinstance(output, dict):
        return [text for name, value in output.items() if name not in TOLD_BESIDE for text in texts(value)]
    if isinstance(output, list):
        return [text for value in output for text in texts(value)]
    return [output] if isinstance(output, str) else []


@pytest.mark.parametrize("made_up", MADE_UP)
async def test_no_agent_says_what_a_model_made_up(database: Database, made_up: str) -> None:
    sender = Sender("Ava", "Initech", agent="default")
    async with running_agents(
        database, gateway=making_up(made_up), calendar=FakeCalendar(), sender=lambda _: sender
    ) as world:
        for agent in AGENTS:
            reply = await world.agents.invoke(agent, {"lead": LEAD})
            assert reply.status in ("completed", "interrupted"), agent
            said = [*texts(reply.output), *(question.value["question"] for question in reply.interrupts)]
            assert said, agent
            for text in said:
                assert made_up not in text, agent
                assert text.strip(), agent
                assert not text.startswith(" "), agent
        given = {"text": "We utilize tools.", "max_rounds": 1}
        refined = (await world.agents.invoke("refine", given)).output
        assert refined is not None
        assert refined["text"] in ("We utilize tools.", "We use tools.")
