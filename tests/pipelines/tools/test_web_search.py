"""Brave Search over its true wire protocol."""

import pytest
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from pipelines.tools.port import ToolContext, ToolError
from pipelines.tools.retrieved import NOTICE
from pipelines.tools.web_search.brave import BraveSearch
from pipelines.tools.web_search.tool import search_web

CONTEXT = ToolContext("conv_a", "k")


async def test_results_are_plain_text_marked_as_data(simulate: Simulate) -> None:  # noqa: F811
    settings = (await simulate()).settings
    brave = BraveSearch(settings["BRAVE_API_KEY"], settings["BRAVE_API_BASE"])
    tool = search_web(brave)
    found = await tool.run({"query": "Acme"}, CONTEXT)
    nothing = await tool.run({"query": "unknown thing", "limit": 3}, CONTEXT)
    await brave.aclose()
    assert found["notice"] == NOTICE
    assert found["results"][0]["snippet"] == "What there is to know about Acme & more."
    assert nothing["results"] == []
    assert tool.policy.retrieves
    assert not tool.policy.has_effect


@pytest.mark.parametrize(
    ("faults", "key", "code", "retryable"),
    [
        ("", "wrong", "search_refused", False),
        ("brave:rate_limit", None, "search_refused", True),
        ("brave:stall@first", None, "search_unavailable", True),
        ("brave:garbage@accepted", None, "search_unavailable", True),
    ],
)
async def test_what_goes_wrong_is_a_coded_error(
    simulate: Simulate,  # noqa: F811
    faults: str,
    key: str | None,
    code: str,
    retryable: bool,
) -> None:
    settings = (await simulate(faults=faults)).settings
    brave = BraveSearch(key or settings["BRAVE_API_KEY"], settings["BRAVE_API_BASE"], timeout_s=0.5)
    with pytest.raises(ToolError) as failed:
        await search_web(brave).run({"query": "Acme"}, CONTEXT)
    await brave.aclose()
    assert (failed.value.code, failed.value.retryable) == (code, retryable)


@pytest.mark.parametrize("given", [{}, {"query": ""}, {"query": "x" * 401}, {"query": "x", "limit": 11}, {"q": "x"}])
async def test_arguments_are_checked_by_the_schema_the_model_is_told(given: dict[str, object]) -> None:
    with pytest.raises(ToolError) as refused:
        await search_web(BraveSearch("key", "http://127.0.0.1:1")).run(given, CONTEXT)
    assert refused.value.code == "invalid_arguments"
