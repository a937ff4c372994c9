"""``analyze_tech_stack``."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_address
from typing import Annotated, Any

from msgspec import Meta
from yarl import URL

from pipelines.loading import loaded
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolPolicy
from pipelines.tools.retrieved import retrieved
from pipelines.tools.tech_stack.detection import Records, detect
from pipelines.tools.tech_stack.fetch import Page, fetch
from pipelines.tools.tech_stack.guard import Guard

RecordsOf = Callable[[str], Awaitable[Records]]


class AnalyzeTechStack(Arguments, frozen=True, kw_only=True):
    website: Annotated[str, Meta(description="The company's site, such as example.com.", min_length=3, max_length=300)]


async def dns_records(host: str) -> Records:
    def load() -> RecordsOf:
        from pipelines.tools.tech_stack.records import records_of  # noqa: PLC0415 - a tenth of a second to import

        return records_of

    return await (await loaded(load))(host)


def analyze_tech_stack(guard: Guard = Guard(), records_of: RecordsOf = dns_records) -> Tool:  # noqa: B008 - a value
    """Results: ``technologies`` with ``name``, ``category``, ``seen_in``; ``title``: of the page."""

    async def run(asked: AnalyzeTechStack, _context: ToolContext) -> dict[str, Any]:
        page = await fetch(asked.website, guard)
        host = URL(page.url).host or ""
        records = Records() if _is_address(host) else await records_of(host)
        found = await asyncio.to_thread(partial(detect, page, records))
        technologies = [{"name": one.name, "category": one.category, "seen_in": one.seen_in} for one in found]
        return retrieved(host, title=_title(page), technologies=technologies)

    return typed_tool(
        "analyze_tech_stack",
        "Find out which software a company's own web site shows it uses.",
        AnalyzeTechStack,
        run,
        ToolPolicy(
            deadline_s=9.0, filler="Let me have a look at the site.", on_interruption="background", retrieves=True
        ),
    )


def _title(page: Page) -> str:
    lower = page.text[:100_000].lower()
    start = lower.find("<title")
    start = lower.find(">", start) + 1 if start >= 0 else 0
    end = lower.find("</title", start)
    return page.text[start:end].strip()[:200] if 0 < start < end else ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
