"""Puts credentials on requests, and replaces them when they are refused or about to expire."""

import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Protocol

from crm.credentials import Credential, CredentialStore
from crm.errors import Unauthorized
from crm.vault import VaultError

Headers = tuple[tuple[str, str], ...]

EXPIRY_MARGIN_S = 300.0
"""A token is renewed this long before it ends, so that it does not end on the way."""
_TRUSTED_S = 30.0
"""How long a credential is used without looking again; that a key was replaced is found at once, by its 401."""


def basic_user(key: str) -> Headers:
    """HTTP Basic with the key as user and no password (Close)."""
    return (("authorization", "Basic " + b64encode(f"{key}:".encode()).decode()),)


def bearer(token: str) -> Headers:
    return (("authorization", f"Bearer {token}"),)


class Authorization(Protocol):
    """Where a client gets its headers."""

    async def headers(self) -> Headers: ...

    async def renew(self, refused: Headers) -> bool:
        """``refused`` was answered with 401. True: other headers are there now, try again."""


class FixedAuthorization:
    """Headers that never change: a key from the settings."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    async def headers(self) -> Headers:
        return self._headers

    async def renew(self, refused: Headers) -> bool:
        return False


class StoredAuthorization:
    """Headers from the credential store. Keys replaced there are taken up without a restart; tokens are refreshed, by
    one process for all. ``fallback`` (a key from the settings) serves while nothing is stored."""

    def __init__(
        self,
        store: CredentialStore,
        platform: str,
        as_headers: Callable[[Credential], Headers],
        *,
        account: str = "default",
        refresh: Callable[[Credential], Awaitable[Credential]] | None = None,
        fallback: Headers | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._platform = platform
        self._account = account
        self._as_headers = as_headers
        self._refresh = refresh
        self._fallback = fallback
        self._clock = clock
        self._read: tuple[Credential, float] | None = None

    async def headers(self) -> Headers:
        """Raises Unauthorized when there is neither an active credential nor a fallback."""
        credential = await self._current()
        if credential is None:
            return self._without()
        if self._refresh is not None and credential.refresh_token and self._ends_soon(credential):
            credential = self._remember(
                await self._store.refresh(self._platform, self._account, seen=credential, renew=self._refresh)
            )
        return self._as_headers(credential)

    async def renew(self, refused: Headers) -> bool:
        credential = await self._load()
        if credential is None:
            return self._without() != refused
        if self._as_headers(credential) != refused:
            return True
        if self._refresh is None or not credential.refresh_token:
            return False
        renewed = await self._store.refresh(self._platform, self._account, seen=credential, renew=self._refresh)
        self._remember(renewed)
        return True

    def _without(self) -> Headers:
        if self._fallback is None:
            raise Unauthorized("not_connected", "no active credential is stored", platform=self._platform)
        return self._fallback

    async def _current(self) -> Credential | None:
        if self._read is not None and 0 <= self._clock() - self._read[1] < _TRUSTED_S:
            return self._read[0]
        return await self._load()

    async def _load(self) -> Credential | None:
        """The active credential; one that was withdrawn counts as none, and stops the fallback from stepping in."""
        try:
            credential = await self._store.get(self._platform, self._account)
        except VaultError as error:
            message = "no ENCRYPTION_KEY opens the stored credential: put the old one back, or store it anew"
            raise Unauthorized("credential_unreadable", message, platform=self._platform) from error
        if credential is None:
            self._read = None
            return None
        if not credential.is_active:
            self._read = None
            raise Unauthorized("not_connected", "the stored credential was withdrawn", platform=self._platform)
        return self._remember(credential)

    def _remember(self, credential: Credential) -> Credential:
        self._read = (credential, self._clock())
        return credential

    def _ends_soon(self, credential: Credential) -> bool:
        ends_at = credential.expires_at
        return ends_at is not None and ends_at.timestamp() - self._clock() < EXPIRY_MARGIN_S
