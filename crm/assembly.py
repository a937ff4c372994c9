"""Puts the providers together from settings: which are there, with which keys, sharing which limits."""

import hashlib
from collections.abc import Callable, Mapping

from msgspec import Struct

from crm.adapter import HttpAdapter
from crm.apollo.dialect import ApolloDialect
from crm.apollo.people import PhoneDelivery
from crm.apollo.provider import ApolloProvider
from crm.authorization import Authorization, FixedAuthorization, Headers, StoredAuthorization, basic_user, bearer
from crm.client import LIVE, ApiClient, CallReport, Rim
from crm.close.dialect import CloseDialect
from crm.close.provider import CloseProvider
from crm.close.webhooks import checked_keys
from crm.contact import Account
from crm.credentials import Credential, CredentialStore
from crm.dialect import Dialect
from crm.linkedin import endpoints as linkedin
from crm.linkedin.browserbase import BASE_URL as BROWSERBASE_URL
from crm.linkedin.browserbase import BrowserbaseDialect, key_headers
from crm.linkedin.dialect import LinkedInDialect
from crm.linkedin.provider import LinkedInProvider
from crm.linkedin.scraper import LinkedInScraper
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.linkedin.sign_in import LinkedInSignIn
from crm.mapping.close import CloseMapping
from crm.provider import Provider
from crm.sync.signature_keys import SignatureKeys
from crm.vault import VaultError
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.daily_counts import DailyCounts
from storage.shared.rate_limit import RateLimiter


class CrmSettings(Struct, frozen=True, kw_only=True):
    """Keys left out may be in the credential store; a stored one goes before one given here.

    ``state_secret`` signs the sign-in with LinkedIn (any secret of the installation). ``apollo_phone_url`` is where
    Apollo may post telephone numbers, with a secret in it; None: they are not asked for.
    """

    close_api_key: str | None = None
    close_api_base: str = "https://api.close.com/api/v1"
    close_signature_keys: tuple[str, ...] = ()
    close_mapping: CloseMapping = CloseMapping()
    apollo_api_key: str | None = None
    apollo_api_base: str = "https://api.apollo.io/api/v1"
    apollo_phone_url: str | None = None
    linkedin_client_id: str | None = None
    linkedin_client_secret: str | None = None
    linkedin_redirect_uri: str | None = None
    linkedin_api_base: str | None = None
    browserbase_api_key: str | None = None
    browserbase_project_id: str | None = None
    browserbase_api_base: str = BROWSERBASE_URL
    scraping_terms: ScrapingTerms | None = None
    state_secret: str = ""

    def __repr__(self) -> str:
        """Without the keys."""
        return "CrmSettings()"


class Crm(Struct, frozen=True):
    """The providers by platform; ``with_key`` makes one that uses this key alone. ``scraper`` is there only when its
    terms are accepted and a key is given; ``sign_in`` when LinkedIn's app is registered."""

    providers: Mapping[str, Provider]
    sign_in: LinkedInSignIn | None
    scraper: LinkedInScraper | None
    store: CredentialStore
    from_settings: frozenset[str]
    signature_keys: Mapping[str, SignatureKeys] = {}
    with_key: Mapping[str, Callable[[str], Provider]] = {}

    async def is_connected(self, platform: str) -> bool:
        """Whether there is a credential; ``check`` of the provider tells whether it works. Raises VaultError."""
        stored = await self.store.get(platform)
        return stored.is_active if stored is not None else platform in self.from_settings

    async def is_set_up(self, platform: str) -> bool:
        """Whether somebody means it to be connected: with a credential that cannot be read too, of which whoever uses
        it is told."""
        try:
            return platform in self.providers and await self.is_connected(platform)
        except VaultError:
            return True

    async def try_key(self, platform: str, key: str) -> Account:
        """Whose key this is, before it replaces the one in use. Raises CrmError."""
        return await self.with_key[platform](key).check(LIVE)


class CrmRim(Struct, frozen=True):
    """What the providers share with the rest of the process."""

    adapter: HttpAdapter
    limiter: RateLimiter
    breaker: CircuitBreaker
    store: CredentialStore
    counts: DailyCounts
    rim: Rim = Rim()
    report: Callable[[CallReport], None] | None = None

    def client(self, dialect: Dialect, base_url: str, authorization: Authorization) -> ApiClient:
        return ApiClient(
            dialect,
            base_url=base_url,
            transport=self.adapter,
            authorization=authorization,
            limiter=self.limiter,
            breaker=self.breaker,
            rim=self.rim,
            report=self.report,
        )

    def stored_key(
        self, platform: str, as_headers: Callable[[str], Headers], from_settings: str | None
    ) -> StoredAuthorization:
        def of_credential(credential: Credential) -> Headers:
            return as_headers(credential.api_key or "")

        fallback = as_headers(from_settings) if from_settings else None
        return StoredAuthorization(self.store, platform, of_credential, fallback=fallback, clock=self.rim.clock)


def assemble(settings: CrmSettings, shared: CrmRim) -> Crm:
    """Raises ValueError for a Close signature key that is not hexadecimal."""
    keys = SignatureKeys(
        shared.store, "close", checked_keys(settings.close_signature_keys), monotonic=shared.rim.monotonic
    )
    sign_in = _sign_in(settings, shared)
    close_key = shared.stored_key("close", basic_user, settings.close_api_key)
    apollo_key = shared.stored_key("apollo", _apollo_headers, settings.apollo_api_key)
    providers: dict[str, Provider] = {
        "close": _close(settings, shared, close_key),
        "apollo": _apollo(settings, shared, apollo_key),
    }
    if sign_in is not None:
        providers["linkedin"] = _linkedin(settings, shared, sign_in)
    given = {"close": settings.close_api_key, "apollo": settings.apollo_api_key}
    return Crm(
        providers=providers,
        sign_in=sign_in,
        scraper=_scraper(settings, shared),
        store=shared.store,
        signature_keys={"close": keys},
        with_key={
            "close": lambda key: _close(settings, shared, FixedAuthorization(basic_user(key))),
            "apollo": lambda key: _apollo(settings, shared, FixedAuthorization(_apollo_headers(key))),
        },
        from_settings=frozenset(platform for platform, key in given.items() if key),
    )


def _close(settings: CrmSettings, shared: CrmRim, key: Authorization) -> CloseProvider:
    client = shared.client(CloseDialect(), settings.close_api_base, key)
    return CloseProvider(client, fill_in=settings.close_mapping)


def _apollo_headers(key: str) -> Headers:
    return (("x-api-key", key),)


def _apollo(settings: CrmSettings, shared: CrmRim, key: Authorization) -> ApolloProvider:
    phones = PhoneDelivery(settings.apollo_phone_url) if settings.apollo_phone_url else None
    return ApolloProvider(shared.client(ApolloDialect(), settings.apollo_api_base, key), phones=phones)


def _sign_in(settings: CrmSettings, shared: CrmRim) -> LinkedInSignIn | None:
    client_id, secret, back = (
        settings.linkedin_client_id,
        settings.linkedin_client_secret,
        settings.linkedin_redirect_uri,
    )
    if not (client_id and secret and back and settings.state_secret):
        return None
    where = linkedin.Endpoints.at(settings.linkedin_api_base)
    client = shared.client(linkedin.LinkedInTokenDialect(), where.sign_in, FixedAuthorization(()))
    state_key = hashlib.sha256(b"oauth-state\n" + settings.state_secret.encode()).digest()
    return LinkedInSignIn(linkedin.app(client_id, secret, back, where), client, shared.store, state_key=state_key)


def _linkedin(settings: CrmSettings, shared: CrmRim, sign_in: LinkedInSignIn) -> LinkedInProvider:
    token = StoredAuthorization(
        shared.store,
        "linkedin",
        lambda credential: bearer(credential.access_token or ""),
        refresh=sign_in.refresh,
        clock=shared.rim.clock,
    )
    where = linkedin.Endpoints.at(settings.linkedin_api_base)
    return LinkedInProvider(shared.client(LinkedInDialect(), where.api, token))


def _scraper(settings: CrmSettings, shared: CrmRim) -> LinkedInScraper | None:
    if settings.browserbase_api_key is None or settings.scraping_terms is None:
        return None
    key = FixedAuthorization(key_headers(settings.browserbase_api_key))
    client = shared.client(BrowserbaseDialect(), settings.browserbase_api_base, key)
    return LinkedInScraper(
        client,
        shared.adapter,
        shared.counts,
        terms=settings.scraping_terms,
        project_id=settings.browserbase_project_id,
    )
