"""Credentials in a real database: encrypted, rotated, refreshed by one for all."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from crm_world import START, CrmWorld, TestClock

from crm.authorization import StoredAuthorization, basic_user, bearer
from crm.client import ApiClient
from crm.close import me
from crm.close.dialect import CloseDialect
from crm.credentials import Credential, CredentialStore
from crm.errors import ProviderUnavailable, Unauthorized
from crm.vault import Vault, VaultError, generate_key
from simulators.close.provider import PREFIX as CLOSE_PREFIX
from storage.crm.credentials import CrmCredentials
from storage.postgres.database import Database

OLD, NEW = generate_key(), generate_key()
TOKENS = Credential(
    platform="linkedin",
    access_token="access-1",
    refresh_token="refresh-1",
    expires_at=datetime.fromtimestamp(START + 3600, UTC),
    scopes=("openid",),
)


@pytest.fixture
def store(database: Database) -> CredentialStore:
    return CredentialStore(CrmCredentials(database), Vault([NEW]))


def close_key(credential: Credential) -> tuple[tuple[str, str], ...]:
    return basic_user(credential.api_key or "")


def token(credential: Credential) -> tuple[tuple[str, str], ...]:
    return bearer(credential.access_token or "")


class TokenServer:
    """Refresh tokens that work once, as strict vendors have them."""

    def __init__(self) -> None:
        self.asked = 0
        self.good = "refresh-1"
        self.error: Exception | None = None
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def renew(self, credential: Credential) -> Credential:
        self.asked += 1
        self.reached.set()
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        if credential.refresh_token != self.good:
            raise Unauthorized("reauthorization_required", "used before")
        self.good = f"refresh-{self.asked + 1}"
        ends_at = (credential.expires_at or datetime.now(UTC)) + timedelta(hours=1)
        return msgspec.structs.replace(
            credential, access_token=f"access-{self.asked + 1}", refresh_token=self.good, expires_at=ends_at
        )


async def test_nothing_readable_lies_in_the_database(store: CredentialStore, database: Database) -> None:
    saved = await store.put(TOKENS)
    assert saved == msgspec.structs.replace(TOKENS, version=1)
    (row,) = await CrmCredentials(database).list()
    assert b"access-1" not in (row.access_token or b"")
    assert b"refresh-1" not in (row.refresh_token or b"")
    assert await store.get("linkedin") == saved
    assert "access-1" not in repr(saved)
    with pytest.raises(VaultError):
        await CredentialStore(CrmCredentials(database), Vault([OLD])).get("linkedin")


async def test_the_encryption_key_is_rotated_while_credentials_are_used(database: Database) -> None:
    rows = CrmCredentials(database)
    await CredentialStore(rows, Vault([OLD])).put(TOKENS)
    await CredentialStore(rows, Vault([OLD])).put(Credential("close", api_key="api_1"))
    both = CredentialStore(rows, Vault([NEW, OLD]))
    assert await both.rotate() == 2
    assert await both.rotate() == 0
    only_new = CredentialStore(rows, Vault([NEW]))
    assert (await only_new.get("close")) == Credential("close", api_key="api_1", version=1)


async def test_two_processes_refresh_once(store: CredentialStore) -> None:
    seen = await store.put(TOKENS)
    server = TokenServer()
    both = await asyncio.gather(
        *(store.refresh("linkedin", "default", seen=seen, renew=server.renew) for _ in range(3))
    )
    assert server.asked == 1
    assert {credential.access_token for credential in both} == {"access-2"}


async def test_a_refused_refresh_ends_the_credential_until_somebody_signs_in(store: CredentialStore) -> None:
    seen = await store.put(TOKENS)
    server = TokenServer()
    server.good = "another"
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await store.refresh("linkedin", "default", seen=seen, renew=server.renew)
    assert server.asked == 1
    stored = await store.get("linkedin")
    assert stored is not None
    assert not stored.is_active


async def test_a_vendor_that_is_down_costs_no_credential(store: CredentialStore) -> None:
    seen = await store.put(TOKENS)
    server = TokenServer()
    server.error = ProviderUnavailable("provider_error", "down")
    with pytest.raises(ProviderUnavailable):
        await store.refresh("linkedin", "default", seen=seen, renew=server.renew)
    assert await store.get("linkedin") == seen


async def test_tokens_that_were_granted_are_stored_although_the_caller_is_cancelled(store: CredentialStore) -> None:
    seen = await store.put(TOKENS)
    server = TokenServer()
    server.go_on.clear()
    task = asyncio.create_task(store.refresh("linkedin", "default", seen=seen, renew=server.renew))
    await server.reached.wait()
    task.cancel()
    server.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    stored = await store.get("linkedin")
    assert stored is not None
    assert stored.access_token == "access-2"


def authorization(store: CredentialStore, clock: TestClock, server: TokenServer | None = None) -> StoredAuthorization:
    return StoredAuthorization(store, "linkedin", token, refresh=server.renew if server else None, clock=clock)


async def test_a_token_is_renewed_before_it_ends(store: CredentialStore) -> None:
    await store.put(TOKENS)
    clock, server = TestClock(), TokenServer()
    ours = authorization(store, clock, server)
    assert await ours.headers() == bearer("access-1")
    clock.now += 3600 - 299
    assert await ours.headers() == bearer("access-2")
    assert server.asked == 1


async def test_a_refused_token_is_renewed_once_for_all_who_hold_it(store: CredentialStore) -> None:
    await store.put(TOKENS)
    clock, server = TestClock(), TokenServer()
    one, other = authorization(store, clock, server), authorization(store, clock, server)
    refused = await one.headers()
    await other.headers()
    assert await one.renew(refused)
    assert await other.renew(refused)
    assert await one.headers() == await other.headers() == bearer("access-2")
    assert server.asked == 1


async def test_without_a_refresh_token_a_refusal_stands(store: CredentialStore) -> None:
    await store.put(msgspec.structs.replace(TOKENS, refresh_token=None))
    ours = authorization(store, TestClock(), TokenServer())
    assert not await ours.renew(await ours.headers())


async def test_a_withdrawn_credential_is_not_used(store: CredentialStore) -> None:
    ours = authorization(store, TestClock())
    with pytest.raises(Unauthorized, match="not_connected"):
        await ours.headers()
    await store.put(TOKENS)
    assert await ours.headers() == bearer("access-1")
    assert await store.deactivate("linkedin")
    with pytest.raises(Unauthorized, match="not_connected"):
        await ours.renew(bearer("access-1"))


async def test_an_api_key_is_replaced_at_the_vendor_without_a_failed_call(
    world: CrmWorld, store: CredentialStore
) -> None:
    await store.put(Credential("close", api_key="simulated-close-key"))
    stored = StoredAuthorization(store, "close", close_key, clock=world.clock)
    client: ApiClient = world.client(CloseDialect(), CLOSE_PREFIX, stored)
    await client.send(me.get())
    world.close.keys = {"new-key"}
    await store.put(Credential("close", api_key="new-key"))
    await client.send(me.get())
    assert [report.code for report in world.reports] == ["", ""]
    world.close.keys = {"yet-another"}
    with pytest.raises(Unauthorized):
        await client.send(me.get())
