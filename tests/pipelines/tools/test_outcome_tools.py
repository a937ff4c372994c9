"""The tools on the real database: each call has its effect once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.knowledge.index import load_knowledge
from pipelines.tools.outcomes import conversation_tools
from pipelines.tools.port import ToolContext, ToolError
from storage.database import Database
from storage.outcomes import Outcomes

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = {"start": "2026-11-24T10:00:00+01:00", "email": "jane@acme.com"}


async def run(
    database: Database, name: str, arguments: dict[str, Any], *, conversation: str = "conv_a", key: str = "k1"
) -> Any:
    tools = conversation_tools(Outcomes(database), load_knowledge(), now=lambda: NOW)
    return await tools[name].run(arguments, ToolContext(conversation, key))


async def test_a_meeting_is_booked_once_however_often_the_call_runs(database: Database) -> None:
    for _ in range(3):
        assert (await run(database, "book_meeting", START))["booked"]
    (meeting,) = await Outcomes(database).of_conversation("conv_a")
    assert (meeting.kind, meeting.data["start"]) == ("meeting", "2026-11-24T09:00:00+00:00")


async def test_two_callers_cannot_have_the_same_time(database: Database) -> None:
    await run(database, "book_meeting", START)
    same = {"start": "2026-11-24T09:00:00+00:00"}
    with pytest.raises(ToolError) as refused:
        await run(database, "book_meeting", same, conversation="conv_b", key="k2")
    assert refused.value.code == "slot_taken"
    assert not await Outcomes(database).of_conversation("conv_b")


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (None, "invalid_arguments"),
        ("soon", "invalid_arguments"),
        ("2026-11-24T10:00:00", "invalid_arguments"),
        ("2026-11-22T10:00:00+00:00", "slot_in_the_past"),
    ],
)
async def test_a_time_that_cannot_be_booked_is_refused(database: Database, start: str | None, code: str) -> None:
    with pytest.raises(ToolError) as refused:
        await run(database, "book_meeting", {"start": start})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("tool", "kind", "said"),
    [
        ("opt_out", "opt_out", {"reason": "please"}),
        ("handoff_to_person", "handoff", {"reason": "please"}),
        ("update_lead", "lead_update", {"need": "please", "team_size": 12}),
    ],
)
async def test_what_was_said_is_recorded(database: Database, tool: str, kind: str, said: dict[str, Any]) -> None:
    await run(database, tool, {**said, **({"summary": None} if tool == "handoff_to_person" else {})})
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
    assert 1 <= len(found["passages"]) <= 5
    with pytest.raises(ToolError):
        await run(database, "search_knowledge", {"query": 7})
