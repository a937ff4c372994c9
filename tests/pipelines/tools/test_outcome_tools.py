"""The tools on the real database: each call has its effect once."""

from typing import Any

import pytest

from pipelines.knowledge.index import load_knowledge
from pipelines.tools.outcomes import conversation_tools
from pipelines.tools.port import ToolContext, ToolError
from storage.conversations.outcomes import Outcomes
from storage.postgres.database import Database


async def run(
    database: Database, name: str, arguments: dict[str, Any], *, conversation: str = "conv_a", key: str = "k1"
) -> Any:
    tools = conversation_tools(Outcomes(database), load_knowledge())
    return await tools[name].run(arguments, ToolContext(conversation, key))


@pytest.mark.parametrize(
    ("tool", "kind", "said", "result"),
    [
        ("opt_out", "opt_out", {"reason": "please"}, {"suppressed": True}),
        ("handoff_to_person", "handoff", {"reason": "please"}, {"handed_over": True}),
        ("update_lead", "lead_update", {"need": "please", "team_size": 12}, {"noted": True}),
    ],
)
async def test_what_was_said_is_recorded(
    database: Database, tool: str, kind: str, said: dict[str, Any], result: dict[str, Any]
) -> None:
    assert result == await run(database, tool, {**said, **({"summary": None} if tool == "handoff_to_person" else {})})
    (outcome,) = await Outcomes(database).of_conversation("conv_a")
    assert (outcome.kind, outcome.data) == (kind, said)


@pytest.mark.parametrize("given", [{"authority": "the boss"}, {"team_size": -1}, {"score": 99}, {"need": {"a": 1}}])
async def test_arguments_that_the_schema_does_not_allow_are_refused(database: Database, given: dict[str, Any]) -> None:
    with pytest.raises(ToolError) as refused:
        await run(database, "update_lead", given)
    assert refused.value.code == "invalid_arguments"
    assert not await Outcomes(database).of_conversation("conv_a")


async def test_knowledge_is_searched_within_bounds(database: Database) -> None:
    found = await run(database, "search_knowledge", {"query": "how much does it cost", "limit": 10})
    assert 1 < len(found["passages"]) <= 5
    assert len((await run(database, "search_knowledge", {"query": "how much does it cost"}))["passages"]) == 1
    with pytest.raises(ToolError):
        await run(database, "search_knowledge", {"query": 7})
