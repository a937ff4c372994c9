"""Other systems' keys and tokens: encrypted in the database, replaced without a restart, refreshed by one for all."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from crm.errors import Unauthorized
from crm.vault import Vault
from storage.crm.credentials import CrmCredentials, SealedCredential


class Credential(Struct, frozen=True):
    """What opens one account at one platform. ``version`` counts the changes."""

    platform: str
    account: str = "default"
    api_key: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    is_active: bool = True
    version: int = 0

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Credential({self.platform}/{self.account}, version={self.version}, is_active={self.is_active})"


class CredentialStore:
    """Methods raise StorageError, and VaultError when no key opens what is stored."""

    def __init__(self, rows: CrmCredentials, vault: Vault, *, refresh_deadline_s: float = 20.0) -> None:
        self._rows = rows
        self._vault = vault
        self._refresh_deadline_s = refresh_deadline_s

    async def get(self, platform: str, account: str = "default") -> Credential | None:
        row = await self._rows.get(platform, account)
        return self._opened(row) if row is not None else None

    async def put(self, credential: Credential) -> Credential:
        """Store, whatever is there: the newest word of whoever set it. Returns it with its version."""
        return self._opened(await self._rows.put(self._sealed(credential)))

    async def deactivate(self, platform: str, account: str = "default") -> bool:
        """No longer use it; False when there is none. The secrets stay, encrypted, until ``put`` or ``delete``."""
        return await self._rows.deactivate(platform, account)

    async def delete(self, platform: str, account: str = "default") -> bool:
        return await self._rows.delete(platform, account)

    async def refresh(
        self, platform: str, account: str, *, seen: Credential, renew: Callable[[Credential], Awaitable[Credential]]
    ) -> Credential:
        """New tokens in place of ``seen``: by ``renew``, or those another process got in the meantime.

        An advisory lock lets one process at a time ask; with a refresh token that works once, the second would be
        locked out for good. From the moment tokens are asked for, cancellation waits until they are stored. A refusal
        (Unauthorized) deactivates the credential: a person has to sign in again.
        """
        asking = asyncio.create_task(self._refresh(platform, account, seen, renew), name=f"refresh-{platform}")
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait([asking])  # bounded by the deadline within
            if not asking.cancelled():
                asking.exception()  # the caller is gone; whoever comes next meets the same trouble
            raise

    async def _refresh(
        self, platform: str, account: str, seen: Credential, renew: Callable[[Credential], Awaitable[Credential]]
    ) -> Credential:
        async with asyncio.timeout(self._refresh_deadline_s), self._rows.locked(platform, account) as rows:
            row = await rows.get()
            if row is None or not row.is_active:
                raise Unauthorized("not_connected", "the credential was withdrawn", platform=platform)
            current = self._opened(row)
            if current.version != seen.version:
                return current
            try:
                renewed = await renew(current)
            except Unauthorized:
                await rows.put(msgspec.structs.replace(row, is_active=False))
                refused = True
            else:
                stored = await rows.put(self._sealed(renewed))
                refused = False
        if refused:
            raise Unauthorized("reauthorization_required", "sign in again to connect this account", platform=platform)
        return self._opened(stored)

    async def rotate(self) -> int:
        """Re-encrypt under the newest key what is under an older one; returns how many credentials that were. May run
        at any time, again and again: a credential that changes meanwhile is left for the next run."""
        renewed = 0
        for row in await self._rows.list():
            changes = {
                name: fresh
                for name in ("api_key", "access_token", "refresh_token")
                if (sealed := getattr(row, name)) is not None and (fresh := self._vault.renewed(sealed)) is not None
            }
            if changes and await self._rows.replace(msgspec.structs.replace(row, **changes)):
                renewed += 1
        return renewed

    def _sealed(self, credential: Credential) -> SealedCredential:
        return SealedCredential(
            platform=credential.platform,
            account=credential.account,
            api_key=self._seal(credential, "api_key"),
            access_token=self._seal(credential, "access_token"),
            refresh_token=self._seal(credential, "refresh_token"),
            expires_at=credential.expires_at,
            scopes=credential.scopes,
            is_active=credential.is_active,
            version=credential.version,
        )

    def _seal(self, credential: Credential, name: str) -> bytes | None:
        secret = getattr(credential, name)
        return None if secret is None else self._vault.seal(secret, _context(credential, name))

    def _opened(self, row: SealedCredential) -> Credential:
        def secret(name: str) -> str | None:
            sealed = getattr(row, name)
            return None if sealed is None else self._vault.open(sealed, _context(row, name))

        return Credential(
            platform=row.platform,
            account=row.account,
            api_key=secret("api_key"),
            access_token=secret("access_token"),
            refresh_token=secret("refresh_token"),
            expires_at=row.expires_at,
            scopes=row.scopes,
            is_active=row.is_active,
            version=row.version,
        )


def _context(owner: Credential | SealedCredential, name: str) -> str:
    return f"{owner.platform}/{owner.account}/{name}"
