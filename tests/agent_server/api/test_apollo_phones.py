"""Apollo is asked for telephone numbers where that is allowed, and brings them to a door of ours."""

import asyncio
import io
import logging

import msgspec
import pytest
from api_server import ApiServer, StartApi, error_of
from vendor_server import VendorServer, serving_vendors

from agent_server.crm_sync.settings import phone_address
from agent_server.settings import read_settings
from crm.vault import generate_key

KEY = generate_key()


async def number_of(api: ApiServer, email: str) -> str | None:
    async with api.operator.get("/api/contacts", params={"email": email}) as response:
        items = (await response.json())["items"]
    return items[0]["phone"] if items else None


async def test_a_number_comes_by_itself(start_api: StartApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving_vendors() as vendors:
        api = await connected(start_api, vendors, APOLLO_PHONE_NUMBERS="true")
        vendors.apollo.options = msgspec.structs.replace(vendors.apollo.options, phone_delay_s=0.5, phone_copies=2)
        vendors.apollo.people["ada.byron@acme.com"] = {"id": "p1", "first_name": "Ada"}
        await enriched(api, "ada.byron@acme.com")
        async with asyncio.timeout(20):
            while len(vendors.apollo.phones.answered) < 2:
                await asyncio.sleep(0.05)
        assert vendors.apollo.phones.answered == [204, 204]
        number = await number_of(api, "ada.byron@acme.com")
        assert number is not None
        assert number.startswith("+1541556")
        assert number not in caplog.text
        assert "key=" not in caplog.text


async def connected(start_api: StartApi, vendors: VendorServer, **more: str) -> ApiServer:
    """What Apollo posts to the public address is brought to the server's own, which nobody knows before it runs."""
    keys = {name: value for name, value in vendors.settings.items() if name.startswith("APOLLO")}
    api = await start_api(**keys, PUBLIC_URL="http://our.example", **more)
    real = vendors.apollo.phones.ask

    def ask(url: str, *people: object, **options: object) -> None:
        assert url.startswith("http://our.example/webhooks/apollo?key=")
        real(url.replace("http://our.example", str(api.url).rstrip("/")), *people, **options)  # type: ignore[arg-type]

    vendors.apollo.phones.ask = ask  # type: ignore[assignment,method-assign]
    return api


async def enriched(api: ApiServer, email: str) -> None:
    body = {"platform": "apollo", "filters": {"emails": [email]}}
    async with api.operator.post("/api/sync/trigger", json=body) as response:
        assert response.status == 202, await response.text()
    async with asyncio.timeout(30):
        while True:
            async with api.operator.get("/api/sync/status/apollo") as response:
                if (await response.json())["status"] == "completed":
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("variables", "status"),
    [({}, 404), ({"APOLLO_PHONE_NUMBERS": "true"}, 404), ({"PUBLIC_URL": "http://our.example"}, 404)],
)
async def test_it_is_not_asked_for_unless_it_is_allowed_and_can_be_reached(
    start_api: StartApi, variables: dict[str, str], status: int
) -> None:
    assert phone_address(read_settings(variables, {}, {}), "key") is None
    api = await start_api(**variables)
    async with api.client.post("/webhooks/apollo", params={"key": "x"}, data=b"{}") as response:
        assert (response.status, (await error_of(response))["code"]) == (status, "not_expected")


async def test_strangers_garbage_and_too_much_are_refused(start_api: StartApi) -> None:
    api = await start_api(PUBLIC_URL="http://our.example", APOLLO_PHONE_NUMBERS="true", ENCRYPTION_KEY=KEY)
    address = phone_address(
        read_settings({"PUBLIC_URL": "http://our.example", "APOLLO_PHONE_NUMBERS": "true"}, {}, {}), KEY
    )
    key = {"key": str(address).partition("key=")[2]}
    for params, body, expected in (
        ({}, b'{"people": []}', (401, "bad_secret")),
        ({"key": "x"}, b'{"people": []}', (401, "bad_secret")),
        (key, b"<html>", (400, "unreadable_body")),
        (key, b"x" * (1024 * 1024 + 1), (413, "body_too_large")),
    ):
        async with api.client.post("/webhooks/apollo", params=params, data=io.BytesIO(body)) as response:
            assert (response.status, (await error_of(response))["code"]) == expected
    async with api.client.post("/webhooks/apollo", params=key, data=b'{"people": []}') as response:
        assert response.status == 204
