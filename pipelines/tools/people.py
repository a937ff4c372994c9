"""``enrich_with_apollo`` and ``scrape_linkedin``: what a source knows of a person, each answer paid for once.

Whoever talks may name anybody: the answers tell somebody's work, and no address, number or place to find them by.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crm.contact import PersonKey
from crm.errors import CrmError
from crm.mapping import linkedin_url
from pipelines.agents.enrichment.keys import cache_key, person_key
from pipelines.agents.enrichment.merge import Told
from pipelines.agents.enrichment.sources import Cache, Source
from pipelines.agents.lead import LeadFacts
from pipelines.tools.arguments import Arguments, typed_tool
from pipelines.tools.port import Tool, ToolContext, ToolError, ToolPolicy
from pipelines.tools.retrieved import retrieved

_OF_PERSON: Final = ("first_name", "last_name", "company", "title")
_OF_WORK: Final = ("headline", "seniority", "departments", "company")


class EnrichWithApollo(Arguments, frozen=True, kw_only=True):
    email: Annotated[str, Meta(description="The person's work e-mail address.", max_length=254)] | UnsetType = UNSET
    name: Annotated[str, Meta(description="First and last name.", max_length=120)] | UnsetType = UNSET
    company: Annotated[str, Meta(description="The company's name.", max_length=200)] | UnsetType = UNSET
    website: Annotated[str, Meta(description="The company's site.", max_length=300)] | UnsetType = UNSET


class ScrapeLinkedin(Arguments, frozen=True, kw_only=True):
    profile_url: Annotated[str, Meta(description="Address of the profile, linkedin.com/in/...", max_length=300)]


def enrich_with_apollo(source: Source, cache: Cache) -> Tool:
    """Results: ``found``, and then ``person`` (names, ``company`` and ``title``) and ``data`` of their work."""

    async def run(asked: EnrichWithApollo, _context: ToolContext) -> dict[str, Any]:
        given = {"contact_email": asked.email, "contact_name": asked.name}
        given |= {"company_name": asked.company, "company_website": asked.website}
        lead = msgspec.convert({name: value for name, value in given.items() if value is not UNSET}, LeadFacts)
        return await _look_up(source, cache, person_key(lead, None), deadline_s=4.0)

    return typed_tool(
        "enrich_with_apollo",
        "Look up a person's role and company by their work e-mail address, or by name and company.",
        EnrichWithApollo,
        run,
        ToolPolicy(deadline_s=5.0, filler="Let me look that up.", on_interruption="background", retrieves=True),
    )


def scrape_linkedin(source: Source, cache: Cache) -> Tool:
    """Offered only where the operator has accepted ``crm.linkedin.scraping_terms``. Results as of the former."""

    async def run(asked: ScrapeLinkedin, _context: ToolContext) -> dict[str, Any]:
        address = linkedin_url.normalised(asked.profile_url)
        if address is None:
            raise ToolError("invalid_arguments", "That is no address of a LinkedIn profile.")
        return await _look_up(source, cache, PersonKey(linkedin_url=address), deadline_s=45.0)

    return typed_tool(
        "scrape_linkedin",
        "Read a public LinkedIn profile. It takes half a minute.",
        ScrapeLinkedin,
        run,
        ToolPolicy(deadline_s=50.0, filler="That takes a moment.", on_interruption="background", retrieves=True),
    )


async def _look_up(source: Source, cache: Cache, key: PersonKey, *, deadline_s: float) -> dict[str, Any]:
    """Raises ToolError, and StorageError when the cache cannot be read: without it every answer would cost again."""
    name = cache_key(key)
    if name is None or not source.can_find(key):
        raise ToolError("invalid_arguments", "That is too little to find somebody by.")
    kept = await cache.get(source.name, name)
    if kept is not None:
        return _answer(source.name, kept.data)
    try:
        found = await source.find(key, deadline_s=deadline_s)
    except CrmError as error:
        raise ToolError(error.code, "It could not be looked up just now.", retryable=True) from error
    data = msgspec.to_builtins(Told.of(source, found)) if found is not None else None
    await cache.put(source.name, name, data)
    return _answer(source.name, data)


def _answer(source: str, data: dict[str, Any] | None) -> dict[str, Any]:
    if not data:
        return retrieved(source, found=False)
    return retrieved(
        source,
        found=True,
        person=_told(data.get("fields", {}), _OF_PERSON),
        data=_told(data.get("data", {}), _OF_WORK),
    )


def _told(known: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: known[name] for name in names if name in known}
