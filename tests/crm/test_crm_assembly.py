"""The providers as settings put them together, pointed at the simulators by the settings those give."""

import msgspec
import pytest
from crm_world import CrmWorld

from crm.assembly import Crm, CrmRim, CrmSettings, assemble
from crm.contact import PersonKey
from crm.credentials import Credential, CredentialStore
from crm.errors import Unauthorized
from crm.linkedin.endpoints import Endpoints
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.vault import Vault, generate_key
from simulators.browserbase import BrowserbaseOptions
from simulators.simulation import BaseUrls
from storage.crm.credentials import CrmCredentials
from storage.postgres.database import Database
from storage.shared.daily_counts import DailyCounts

REDIRECT = "http://127.0.0.1:8080/api/linkedin/callback"


def settings_of(world: CrmWorld) -> CrmSettings:
    """The environment settings the simulators give, by the names of ``CrmSettings``."""
    urls = BaseUrls(world.url, world.url.replace("http", "ws", 1))
    vendors = (world.close, world.apollo, world.linkedin, world.browserbase)
    given = {name.lower(): value for vendor in vendors for name, value in vendor.settings(urls).items()}
    return msgspec.convert(given | {"linkedin_redirect_uri": REDIRECT, "state_secret": "s"}, CrmSettings)


@pytest.fixture
def store(database: Database) -> CredentialStore:
    return CredentialStore(CrmCredentials(database), Vault([generate_key()]))


def assembled(world: CrmWorld, store: CredentialStore, settings: CrmSettings) -> Crm:
    counts = DailyCounts(store._rows._database)
    return assemble(settings, CrmRim(world.adapter, world.limiter, world.breaker, store, counts, rim=world.clock.rim))


async def test_every_vendor_is_reached_where_the_settings_say(world: CrmWorld, store: CredentialStore) -> None:
    crm = assembled(world, store, settings_of(world))
    assert set(crm.providers) == {"close", "apollo", "linkedin"}
    assert (await crm.providers["close"].check()).name == "Simulated Organisation"
    assert await crm.providers["apollo"].enrich_person(PersonKey(email="jane.doe@acme.example"))
    assert crm.sign_in is not None
    assert crm.sign_in.start("cookie").startswith(f"{world.url}/linkedin/oauth/v2/authorization?")
    assert [await crm.is_connected(platform) for platform in ("close", "apollo", "linkedin")] == [True, True, False]
    with pytest.raises(Unauthorized, match="not_connected"):
        await crm.providers["linkedin"].check()


async def test_scraping_needs_its_terms_besides_the_key(world: CrmWorld, store: CredentialStore) -> None:
    settings = settings_of(world)
    assert assembled(world, store, settings).scraper is None
    terms = ScrapingTerms(accepted_by="ops@example.com", legal_basis="consent")
    scraper = assembled(world, store, msgspec.structs.replace(settings, scraping_terms=terms)).scraper
    assert scraper is not None
    world.browserbase.options = BrowserbaseOptions(concurrent=1)
    assert await scraper.enrich_person(PersonKey(linkedin_url="linkedin.com/in/jane")) is None


async def test_a_stored_key_goes_before_the_settings_one_and_can_be_withdrawn(
    world: CrmWorld, store: CredentialStore
) -> None:
    crm = assembled(world, store, settings_of(world))
    await crm.providers["close"].check()
    world.close.keys = {"stored-key"}
    await store.put(Credential("close", api_key="stored-key"))
    await crm.providers["close"].check()
    await store.deactivate("close")
    world.clock.now += 60
    with pytest.raises(Unauthorized, match="withdrawn"):
        await crm.providers["close"].check()
    assert not await crm.is_connected("close")
    await store.delete("close")
    world.close.keys = {"simulated-close-key"}
    await crm.providers["close"].check()


async def test_a_stored_key_that_no_encryption_key_opens_is_told_as_that(
    world: CrmWorld, store: CredentialStore, database: Database
) -> None:
    """And not as one that is missing: the settings' key must not step in unasked."""
    await store.put(Credential("close", api_key="stored-key"))
    other = CredentialStore(CrmCredentials(database), Vault([generate_key()]))
    crm = assembled(world, other, settings_of(world))
    assert await crm.is_set_up("close")
    with pytest.raises(Unauthorized, match=r"credential_unreadable.*ENCRYPTION_KEY"):
        await crm.providers["close"].check()


async def test_without_any_key_a_provider_says_that_it_is_not_connected(
    world: CrmWorld, store: CredentialStore
) -> None:
    crm = assembled(world, store, CrmSettings())
    assert set(crm.providers) == {"close", "apollo"}
    assert not await crm.is_connected("close")
    with pytest.raises(Unauthorized, match="not_connected"):
        await crm.providers["close"].check()


def test_linkedin_itself_has_two_hosts() -> None:
    two = Endpoints("https://www.linkedin.com", "https://api.linkedin.com")
    assert Endpoints.at(None) == Endpoints.at("https://api.linkedin.com/") == two
    assert Endpoints.at("http://127.0.0.1:9/li/") == Endpoints("http://127.0.0.1:9/li", "http://127.0.0.1:9/li")


def test_settings_do_not_show_their_keys() -> None:
    assert "hush" not in repr(CrmSettings(close_api_key="hush", state_secret="hush"))
