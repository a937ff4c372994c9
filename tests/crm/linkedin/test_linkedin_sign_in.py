"""Signing in with LinkedIn end to end: consent page, code, tokens, the member's profile, a post."""

from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec
import pytest
from crm_world import CrmWorld

from crm.authorization import FixedAuthorization, StoredAuthorization, bearer
from crm.contact import ContactFields
from crm.credentials import Credential, CredentialStore
from crm.errors import Forbidden, GiveUp, InvalidRecord, RateLimited, Unauthorized
from crm.linkedin import posts
from crm.linkedin.dialect import LinkedInDialect
from crm.linkedin.endpoints import Endpoints, LinkedInTokenDialect, app
from crm.linkedin.provider import LinkedInProvider
from crm.linkedin.sign_in import LinkedInSignIn
from crm.oauth_state import StateRefused
from crm.vault import Vault, generate_key
from simulators.linkedin import CLIENT_ID, LinkedInOptions
from simulators.linkedin import PREFIX as LINKEDIN_PREFIX
from storage.crm.credentials import CrmCredentials
from storage.postgres.database import Database

REDIRECT = "http://127.0.0.1:8080/api/linkedin/callback"


@pytest.fixture
def store(database: Database) -> CredentialStore:
    return CredentialStore(CrmCredentials(database), Vault([generate_key()]))


def sign_in_for(
    world: CrmWorld, store: CredentialStore, *, secret: str | None = None, posting: bool = True
) -> LinkedInSignIn:
    endpoints = Endpoints.at(world.linkedin_base())
    registration = app(CLIENT_ID, secret or world.linkedin.client_secret, REDIRECT, endpoints, posting=posting)
    client = world.client(LinkedInTokenDialect(), LINKEDIN_PREFIX, FixedAuthorization(()))
    return LinkedInSignIn(registration, client, store, state_key=b"k" * 32)


def provider_for(world: CrmWorld, store: CredentialStore, sign_in: LinkedInSignIn, **options: str) -> LinkedInProvider:
    stored = StoredAuthorization(
        store, "linkedin", lambda c: bearer(c.access_token or ""), refresh=sign_in.refresh, clock=world.clock
    )
    return LinkedInProvider(world.client(LinkedInDialect(), LINKEDIN_PREFIX, stored), **options)


async def consent(address: str, answer: str = "allow") -> dict[str, str]:
    """What a browser brings back from LinkedIn's page."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    async with aiohttp.ClientSession() as browser:
        async with browser.get(address) as page:
            assert "Allow" in await page.text()
        form = query | {"answer": answer}
        async with browser.post(address.partition("?")[0], data=form, allow_redirects=False) as sent_back:
            location = sent_back.headers["Location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def signed_in(world: CrmWorld, sign_in: LinkedInSignIn) -> Credential:
    brought = await consent(sign_in.start("cookie"))
    return await sign_in.finish("cookie", brought["state"], brought["code"])


async def test_a_member_signs_in_and_is_known(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store)
    credential = await signed_in(world, sign_in)
    assert credential.scopes == ("openid", "profile", "email", "w_member_social")
    assert credential.expires_at is not None
    assert credential.expires_at.timestamp() == world.clock() + 60 * 86400

    provider = provider_for(world, store, sign_in)
    assert (await provider.check()).name == "Sam Ple"
    profile = await provider.profile()
    assert profile.fields == ContactFields(email="sam.ple@example.com", first_name="Sam", last_name="Ple")


async def test_a_post_is_published_as_plain_text(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store)
    await signed_in(world, sign_in)
    provider = provider_for(world, store, sign_in)
    urn = await provider.post("We are hiring (really) #1 @home")
    (post,) = world.linkedin.posts
    assert (urn, post["author"]) == (post["id"], "urn:li:person:m3mb3r")
    assert post["commentary"] == r"We are hiring \(really\) \#1 \@home"
    with pytest.raises(InvalidRecord):
        await provider.post("We are hiring (really) #1 @home")


async def test_posting_needs_its_scope(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store, posting=False)
    await signed_in(world, sign_in)
    with pytest.raises(Forbidden):
        await provider_for(world, store, sign_in).post("Hello")


async def test_a_retired_version_says_so(world: CrmWorld, store: CredentialStore) -> None:
    world.linkedin.options = LinkedInOptions(versions=("202801",))
    sign_in = sign_in_for(world, store)
    await signed_in(world, sign_in)
    with pytest.raises(GiveUp, match="api_version_retired"):
        await provider_for(world, store, sign_in).post("Hello")
    assert await provider_for(world, store, sign_in, api_version="202801").post("Hello")


async def test_another_browsers_answer_is_refused(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store)
    brought = await consent(sign_in.start("cookie"))
    with pytest.raises(StateRefused):
        await sign_in.finish("somebody else", brought["state"], brought["code"])
    assert await store.get("linkedin") is None


async def test_a_member_who_cancels_brings_an_error(world: CrmWorld, store: CredentialStore) -> None:
    brought = await consent(sign_in_for(world, store).start("cookie"), answer="cancel")
    assert brought["error"] == "user_cancelled_authorize"


async def test_a_code_works_once_and_not_for_long(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store)
    brought = await consent(sign_in.start("cookie"))
    await sign_in.finish("cookie", brought["state"], brought["code"])
    with pytest.raises(Unauthorized) as refused:
        await sign_in.finish("cookie", brought["state"], brought["code"])
    assert refused.value.code == "reauthorization_required"


async def test_a_wrong_client_secret_is_a_setting_to_mend(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store, secret="wrong")
    brought = await consent(sign_in.start("cookie"))
    with pytest.raises(Unauthorized) as refused:
        await sign_in.finish("cookie", brought["state"], brought["code"])
    assert refused.value.code == "client_refused"


async def test_a_token_that_ends_is_refreshed_where_that_is_granted(world: CrmWorld, store: CredentialStore) -> None:
    world.linkedin.options = LinkedInOptions(refresh_tokens=True)
    sign_in = sign_in_for(world, store)
    first = await signed_in(world, sign_in)
    provider = provider_for(world, store, sign_in)
    world.clock.now += 61 * 86400
    await provider.check()
    second = await store.get("linkedin")
    assert second is not None
    assert second.access_token != first.access_token
    assert second.refresh_token == first.refresh_token


async def test_a_withdrawn_permission_asks_for_a_new_sign_in(world: CrmWorld, store: CredentialStore) -> None:
    world.linkedin.options = LinkedInOptions(refresh_tokens=True)
    sign_in = sign_in_for(world, store)
    await signed_in(world, sign_in)
    world.linkedin.revoke()
    provider = provider_for(world, store, sign_in)
    with pytest.raises(Unauthorized) as refused:
        await provider.check()
    assert refused.value.code == "reauthorization_required"
    with pytest.raises(Unauthorized, match="not_connected"):
        await provider.check()


async def test_a_hundred_calls_a_day_and_not_one_more(world: CrmWorld, store: CredentialStore) -> None:
    sign_in = sign_in_for(world, store)
    await signed_in(world, sign_in)
    provider = provider_for(world, store, sign_in)
    for _ in range(90):  # the last tenth is for live conversations
        await provider.check()
    with pytest.raises(RateLimited) as refused:
        await provider.check()
    assert refused.value.retry_after_s == pytest.approx(86400 - world.clock() % 86400)
    assert "status_429" not in world.simulation.seen["linkedin"].counters


@pytest.mark.parametrize("text", ["", "  ", "x" * 3001])
def test_a_post_of_a_length_linkedin_does_not_take(text: str) -> None:
    with pytest.raises(ValueError, match="a post has"):
        posts.create("m3mb3r", text)


def test_the_registration_does_not_show_its_secret() -> None:
    assert "hush" not in repr(app("id", "hush", REDIRECT, Endpoints()))
    assert msgspec.structs.asdict(Endpoints.at(None))["api"] == "https://api.linkedin.com"
