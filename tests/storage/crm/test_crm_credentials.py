"""Rows of credentials in a real database."""

import asyncio
from datetime import UTC, datetime

import msgspec

from storage.crm.credentials import CrmCredentials, SealedCredential
from storage.postgres.database import Database

ROW = SealedCredential(
    platform="linkedin",
    account="default",
    api_key=None,
    access_token=b"sealed-access",
    refresh_token=b"sealed-refresh",
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    scopes=("openid", "profile"),
    is_active=True,
    version=1,
)


async def test_a_row_comes_back_as_it_was_put(database: Database) -> None:
    rows = CrmCredentials(database)
    assert await rows.get("linkedin", "default") is None
    assert await rows.put(ROW) == ROW
    assert await rows.get("linkedin", "default") == ROW
    assert await rows.list() == [ROW]


async def test_each_change_is_a_new_version(database: Database) -> None:
    rows = CrmCredentials(database)
    await rows.put(ROW)
    assert (await rows.put(ROW)).version == 2
    assert await rows.deactivate("linkedin", "default")
    row = await rows.get("linkedin", "default")
    assert row is not None
    assert (row.version, row.is_active) == (3, False)
    assert not await rows.deactivate("close", "default")
    assert await rows.delete("linkedin", "default")
    assert not await rows.delete("linkedin", "default")


async def test_secrets_are_replaced_only_where_nobody_changed_the_row(database: Database) -> None:
    rows = CrmCredentials(database)
    read = await rows.put(ROW)
    resealed = msgspec.structs.replace(read, access_token=b"sealed-anew")
    assert await rows.replace(resealed)
    assert await rows.get("linkedin", "default") == resealed
    await rows.put(ROW)
    assert not await rows.replace(resealed)


async def test_the_lock_lets_one_in_at_a_time_for_each_account(database: Database) -> None:
    rows = CrmCredentials(database)
    await rows.put(ROW)
    inside, most = 0, 0

    async def work(account: str) -> None:
        nonlocal inside, most
        async with rows.locked("linkedin", account) as mine:
            inside += account == "default"
            most = max(most, inside)
            await asyncio.sleep(0.02)
            inside -= account == "default"
            if account == "default":
                row = await mine.get()
                assert row is not None
                await mine.put(row)

    async with asyncio.timeout(10):
        await asyncio.gather(work("default"), work("default"), work("other"))
    row = await rows.get("linkedin", "default")
    assert row is not None
    assert (most, row.version) == (1, 3)
