from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import InvalidData, StorageError
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import ClientSecrets

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SESSION = {"type": "realtime", "instructions": "Sell 🙂", "audio": {"output": {"voice": "anna"}}}


class Clock:
    passed_s = 0.0

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets(database, clock) -> ClientSecrets:
    return ClientSecrets(database, now=clock)


async def test_a_secret_opens_any_number_of_sessions_until_it_expires(secrets, clock):
    issued = await secrets.mint(SESSION, ttl_s=60)
    assert issued.value.startswith("ek_")
    assert issued.record.expires_at == NOW + timedelta(seconds=60)
    clock.passed_s = 59
    for _ in range(2):
        assert await secrets.verify(issued.value) == issued.record
    clock.passed_s = 60
    assert await secrets.verify(issued.value) is None


async def test_expiry_is_a_whole_second(secrets, clock):
    clock.passed_s = 0.7
    assert (await secrets.mint(SESSION, ttl_s=60)).record.expires_at.microsecond == 0


@pytest.mark.parametrize("value", ["", "ek_", "ek_guess", "sk_sales_x", "\ud800"])
async def test_unknown_secrets(secrets, value):
    assert await secrets.verify(value) is None


@pytest.mark.parametrize("ttl_s", [9, 7201, float("nan")])
async def test_a_lifetime_out_of_bounds(secrets, ttl_s):
    with pytest.raises(StorageError) as caught:
        await secrets.mint(SESSION, ttl_s=ttl_s)
    assert caught.value.code == "invalid_ttl"


async def test_a_secret_dies_with_the_key_that_minted_it(secrets, database):
    keys = ApiKeys(database)
    issued_key = await keys.create("k")
    issued = await secrets.mint(SESSION, api_key_id=issued_key.record.id)
    assert (await secrets.verify(issued.value)).api_key_id == issued_key.record.id
    await keys.revoke(issued_key.record.id)
    assert await secrets.verify(issued.value) is None


async def test_an_unknown_key_mints_nothing(secrets):
    with pytest.raises(InvalidData) as caught:
        await secrets.mint(SESSION, api_key_id="key_unknown")
    assert caught.value.code == "missing_reference"


async def test_purge_deletes_the_expired_ones_alone(secrets, clock):
    short, long = await secrets.mint({}, ttl_s=10), await secrets.mint({}, ttl_s=100)
    clock.passed_s = 10
    assert await secrets.purge() == 1
    clock.passed_s = 0
    assert await secrets.verify(short.value) is None
    assert await secrets.verify(long.value) is not None
