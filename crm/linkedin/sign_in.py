"""Signing in with LinkedIn, from the first redirect to stored tokens, and keeping them fresh."""

from datetime import UTC, datetime

from crm import oauth, oauth_state
from crm.client import LIVE, ApiClient
from crm.credentials import Credential, CredentialStore
from crm.errors import Unauthorized

PLATFORM = "linkedin"


class LinkedInSignIn:
    """``client`` speaks to the sign-in host, without credentials of its own. ``state_key`` signs states."""

    def __init__(
        self,
        app: oauth.OAuthApp,
        client: ApiClient,
        store: CredentialStore,
        *,
        state_key: bytes,
        account: str = "default",
    ) -> None:
        self._app = app
        self._client = client
        self._store = store
        self._state_key = state_key
        self._account = account

    def start(self, browser: str) -> str:
        """Where to send the browser. ``browser`` is the value of a cookie set for this sign-in."""
        state = oauth_state.signed(self._state_key, browser, self._client.rim.clock())
        return oauth.authorization_url(self._app, state)

    async def finish(self, browser: str, state: str, code: str) -> Credential:
        """Take the code LinkedIn's redirect brought and store the tokens. Raises StateRefused, CrmError."""
        oauth_state.verify(self._state_key, browser, state, self._client.rim.clock())
        response = await self._client.send(oauth.exchange_code(self._app, code), LIVE)
        granted = oauth.granted(response, Credential(PLATFORM, self._account), self._now())
        return await self._store.put(granted)

    async def refresh(self, credential: Credential) -> Credential:
        """For ``StoredAuthorization``: new tokens for a credential that has a refresh token. LinkedIn gives those to
        approved partners alone; without one, a person signs in again every 60 days."""
        if credential.refresh_token is None:
            raise Unauthorized("reauthorization_required", "no refresh token was granted", platform=PLATFORM)
        response = await self._client.send(oauth.refresh(self._app, credential.refresh_token), LIVE)
        return oauth.granted(response, credential, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._client.rim.clock(), UTC)
