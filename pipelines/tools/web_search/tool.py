"""``search_web``."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from pipelines.tools.retrieved import retrieved
from pipelines.tools.web_search.port import WebSearch, WebSearchError

USUAL_RESULTS = 5


class SearchWeb(Arguments, frozen=True, kw_only=True):
    query: Annotated[str, Meta(description="What to look for.", min_length=1, max_length=400)]
    limit: Annotated[int, Meta(description="How many results.", ge=1, le=10)] | UnsetType = UNSET


def search_web(provider: WebSearch) -> Tool:
    """Results: ``results`` with ``title``, ``url``, ``snippet``, best first."""

    async def run(asked: SearchWeb, _context: ToolContext) -> dict[str, Any]:
        limit = USUAL_RESULTS if asked.limit is UNSET else asked.limit
        try:
            found = await provider.search(asked.query, limit=limit)
        except WebSearchError as error:
            raise ToolError(error.code, str(error), retryable=error.retryable) from error
        results = [{"title": page.title, "url": page.url, "snippet": page.snippet} for page in found]
        return retrieved(f"the web, by {provider.name}", results=results)

    return typed_tool(
        "search_web",
        "Search the web for something the company's documents do not say, such as news of the caller's company.",
        SearchWeb,
        run,
        ToolPolicy(deadline_s=5.0, filler="Let me look that up.", on_interruption="cancel", retrieves=True),
    )
