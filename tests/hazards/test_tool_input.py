"""Whatever a model writes as a tool's arguments: a result or a coded refusal, in time, and nothing of it in the log.

Every tool of the server, each argument with each value; TOOL_FUZZ sets how many mixtures of them are tried on top.
"""

import asyncio
import os
import random
from typing import Any

import msgspec
import pytest
from simulated_world import APOLLO, WEB_SEARCH, StartWorld, simulate, start  # noqa: F401 - fixtures
from test_agent_input import INJECTION, VALUES

from pipelines.tools.port import Tool, ToolContext, ToolError

TOOLS = (
    "search_crm", "enrich_with_apollo", "scrape_linkedin", "analyze_tech_stack", "read_company_posts", "generate_voice",
    "search_web", "search_knowledge", "qualify_lead", "find_meeting_times", "book_meeting", "cancel_meeting",
    "update_lead", "handoff_to_person", "opt_out", "request_erasure",
)  # fmt: skip
BROWSERBASE = ("BROWSERBASE_API_KEY", "BROWSERBASE_PROJECT_ID", "BROWSERBASE_API_BASE")
TERMS = {"LINKEDIN_SCRAPING_ACCEPTED_BY": "Ann Lee", "LINKEDIN_SCRAPING_LEGAL_BASIS": "legitimate interest"}
MIXTURES = int(os.environ.get("TOOL_FUZZ", "5"))
LARGEST_ANSWER = 20_000
"""Bytes, but for a file of speech: what a tool answers goes into the model's context."""

WHOLE = INJECTION.encode("utf-16", "surrogatepass").decode("utf-16")
"""The same as it comes over the wire, where its surrogates make a character."""


def mixtures(tool: Tool, chance: random.Random) -> list[dict[str, Any]]:
    names = [*tool.spec.parameters["properties"], "surprise"]
    each: list[dict[str, Any]] = [{name: value} for name in names for value in (*VALUES, WHOLE)]
    mixed = [{name: chance.choice(VALUES) for name in names} for _ in range(MIXTURES)]
    return [{}, *each, *mixed]


async def answered(tool: Tool, given: dict[str, Any], context: ToolContext) -> bytes:
    """What the model is told."""
    async with asyncio.timeout(tool.policy.deadline_s + 1):
        try:
            return msgspec.json.encode(await tool.run(given, context))
        except ToolError as refused:
            return f"{refused.code}: {refused}".encode()


async def test_rubbish(start: StartWorld, caplog: pytest.LogCaptureFixture) -> None:  # noqa: F811
    world = await start({}, (*APOLLO, *WEB_SEARCH, *BROWSERBASE), **TERMS)
    tools = world.services.engines.tools
    assert set(tools) == set(TOOLS), "each tool of the server is tried"
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for tool in tools.values():
        for number, given in enumerate(mixtures(tool, chance)):
            answer = await answered(tool, given, ToolContext("conv_fuzz", f"key_{tool.spec.name}_{number}"))
            if tool.spec.name != "generate_voice":
                assert len(answer) < LARGEST_ANSWER, (seed, tool.spec.name, given)
    assert INJECTION[:20] not in caplog.text
    assert not [record for record in caplog.records if record.exc_info], seed
    (stopped,) = await world.rows("SELECT count(*) FROM conversation_outcomes WHERE kind = 'opt_out'")
    assert stopped["count"], "no wording keeps an opt-out from being noted"
    told = await answered(tools["opt_out"], {"reason": WHOLE}, ToolContext("conv_zero", "key"))
    assert told == b'{"suppressed":true}'
