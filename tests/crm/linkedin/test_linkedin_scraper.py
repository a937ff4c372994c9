"""Reading public profiles through a remote browser: only behind its switch, one at a time, always released."""

import asyncio

import pytest
from crm_world import PREFIXES, CrmWorld

from crm.authorization import FixedAuthorization
from crm.contact import ContactFields, PersonKey
from crm.errors import DeadlineExceeded, GiveUp, NotFound, ProviderUnavailable, RateLimited, SkipRecord
from crm.linkedin import profile_page
from crm.linkedin.browserbase import BrowserbaseDialect, key_headers
from crm.linkedin.scraper import LinkedInScraper
from crm.linkedin.scraping_terms import ScrapingTerms
from simulators.browserbase import BrowserbaseOptions, WebPage
from storage.postgres.database import Database
from storage.shared.daily_counts import DailyCounts

TERMS = ScrapingTerms(accepted_by="ops@example.com", legal_basis="legitimate interest, assessment of 2026-09-01")
ADDRESS = "https://www.linkedin.com/in/jane-doe"
KEY = PersonKey(linkedin_url="linkedin.com/in/Jane-Doe/")
PROFILE = """<html><head><script type="application/ld+json">{"@context": "http://schema.org", "@graph": [
  {"@type": "WebPage"},
  {"@type": "Person", "name": "Jane van Dyke", "jobTitle": ["VP Sales", "Advisor"], "description": "I sell.",
   "worksFor": [{"@type": "Organization", "name": "Acme"}], "alumniOf": [{"name": "***** ***"}],
   "address": {"addressLocality": "Oslo", "addressCountry": "NO"}}]}</script></head><body></body></html>"""


def scraper(
    world: CrmWorld, database: Database, *, terms: ScrapingTerms | None = TERMS, timeout_s: float = 5.0
) -> LinkedInScraper:
    key = FixedAuthorization(key_headers("simulated-browserbase-key"))
    client = world.client(BrowserbaseDialect(), PREFIXES["browserbase"], key)
    return LinkedInScraper(
        client,
        world.adapter,
        DailyCounts(database),
        terms=terms,
        project_id="simulated-project",
        page_timeout_s=timeout_s,
    )


async def test_it_is_off_until_somebody_accepts_the_terms(world: CrmWorld, database: Database) -> None:
    for call in (scraper(world, database, terms=None).enrich_person(KEY), scraper(world, database, terms=None).check()):
        with pytest.raises(GiveUp) as refused:
            await call
        assert refused.value.code == "scraping_disabled"
    assert world.browserbase.sessions == {}
    with pytest.raises(ValueError, match="legal_basis"):
        ScrapingTerms(accepted_by="ops@example.com", legal_basis=" ")


async def test_a_public_profile_is_read_and_the_browser_released(world: CrmWorld, database: Database) -> None:
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE)
    found = await scraper(world, database).enrich_person(KEY)
    assert found is not None
    assert found.fields == ContactFields(
        first_name="Jane", last_name="van Dyke", company="Acme", title="VP Sales", linkedin_url=ADDRESS
    )
    assert found.data == {"about": "I sell.", "locality": "Oslo", "country": "NO"}
    assert [session.status for session in world.browserbase.sessions.values()] == ["COMPLETED"]


async def test_no_such_profile_is_no_match(world: CrmWorld, database: Database) -> None:
    assert await scraper(world, database).enrich_person(KEY) is None
    assert world.browserbase.running == []


async def test_a_login_wall_skips_the_person(world: CrmWorld, database: Database) -> None:
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE, "https://www.linkedin.com/authwall?trk=x")
    with pytest.raises(SkipRecord, match="profile_not_public"):
        await scraper(world, database).enrich_person(KEY)
    assert world.browserbase.running == []


@pytest.mark.parametrize("address", [None, "https://evil.example/in/x", "https://www.linkedin.com/company/acme"])
async def test_only_profile_addresses_are_visited(world: CrmWorld, database: Database, address: str | None) -> None:
    with pytest.raises(SkipRecord, match="not_a_profile_url"):
        await scraper(world, database).enrich_person(PersonKey(linkedin_url=address))
    assert world.browserbase.sessions == {}


async def test_a_page_that_never_comes_is_given_up_and_released(world: CrmWorld, database: Database) -> None:
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE, "about:blank")
    with pytest.raises(DeadlineExceeded, match="page_timeout"):
        await scraper(world, database, timeout_s=0.2).enrich_person(KEY)
    assert world.browserbase.running == []


async def test_cancelling_releases_the_browser(world: CrmWorld, database: Database) -> None:
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE, "about:blank")
    task = asyncio.create_task(scraper(world, database).enrich_person(KEY))
    async with asyncio.timeout(5):
        while not world.browserbase.sessions:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert world.browserbase.running == []


async def test_one_at_a_time(world: CrmWorld, database: Database) -> None:
    world.browserbase.options = BrowserbaseOptions(concurrent=1)
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE)
    ours = scraper(world, database)
    assert len(await asyncio.gather(*(ours.enrich_person(KEY) for _ in range(4)))) == 4
    assert "status_429" not in world.simulation.seen["browserbase"].counters


async def test_more_sessions_a_minute_than_the_plan_has_are_waited_for(world: CrmWorld, database: Database) -> None:
    world.browserbase.options = BrowserbaseOptions(creations_per_minute=1)
    world.browserbase.pages[ADDRESS] = WebPage(PROFILE)
    ours = scraper(world, database)
    await ours.enrich_person(KEY)
    world.clock.now += 45
    assert await ours.enrich_person(KEY) is not None
    assert world.simulation.seen["browserbase"].counters["status_429"] >= 1


async def test_a_hundred_profiles_a_day(world: CrmWorld, database: Database) -> None:
    """Each time in a process of its own: none remembers what another read."""
    world.browserbase.options = BrowserbaseOptions(creations_per_minute=1000)
    for _ in range(90):  # the last tenth is for live conversations
        await scraper(world, database).enrich_person(KEY)
    with pytest.raises(RateLimited) as refused:
        await scraper(world, database).enrich_person(KEY)
    assert refused.value.retry_after_s == pytest.approx(86400 - world.clock() % 86400)
    world.clock.now += refused.value.retry_after_s
    await scraper(world, database).enrich_person(KEY)


async def test_a_browser_that_hangs_up_is_unavailable(world: CrmWorld) -> None:
    with pytest.raises(ProviderUnavailable):
        async with world.adapter.socket(f"{world.url}/nothing", timeout_s=1.0, max_message_bytes=1000):
            pass


def test_pages_of_all_kinds_are_read_or_refused() -> None:
    alone = PROFILE.replace('{"@context": "http://schema.org", "@graph": [', "[").replace("}]}</script>", "}]</script>")
    assert profile_page.read(ADDRESS, alone).fields.first_name == "Jane"
    broken = '<script type="application/ld+json">{not json</script>' + PROFILE
    assert profile_page.read(ADDRESS, broken).fields.company == "Acme"
    with pytest.raises(SkipRecord, match="profile_not_public"):
        profile_page.read(ADDRESS, "<html></html>")
    with pytest.raises(NotFound):
        profile_page.read("https://www.linkedin.com/404/", PROFILE)
