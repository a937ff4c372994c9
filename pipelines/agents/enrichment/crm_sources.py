"""Apollo and public LinkedIn profiles as sources of an enrichment."""

from msgspec import structs

from crm.client import LIVE
from crm.contact import Enrichment, PersonKey
from crm.linkedin.scraper import LinkedInScraper
from crm.provider import Provider


class ApolloSource:
    """Knows most business contacts by their address. A person's company comes along; without a person, the company
    alone is looked up."""

    name = "apollo"
    confidence = 0.85
    credits = 1

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def can_find(self, key: PersonKey) -> bool:
        named = bool(key.first_name and key.last_name and (key.domain or key.company))
        return bool(key.email or key.linkedin_url or named or key.domain)

    async def find(self, key: PersonKey, *, deadline_s: float) -> Enrichment | None:
        options = structs.replace(LIVE, deadline_s=min(LIVE.deadline_s, deadline_s))
        if key.email or key.linkedin_url or key.first_name:
            found = await self._provider.enrich_person(key, options)
            if found is not None:
                return found
        return await self._provider.enrich_company(key.domain, options) if key.domain else None


class LinkedInSource:
    """Reads a public profile; there only where the operator has switched it on and accepted the terms."""

    name = "linkedin"
    confidence = 0.7
    credits = 0

    def __init__(self, scraper: LinkedInScraper) -> None:
        self._scraper = scraper

    def can_find(self, key: PersonKey) -> bool:
        return key.linkedin_url is not None

    async def find(self, key: PersonKey, *, deadline_s: float) -> Enrichment | None:
        return await self._scraper.enrich_person(key, structs.replace(LIVE, deadline_s=deadline_s))
