"""Apollo over REST: one person, ten at once, a company; and every way it may refuse."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from api_server import ApiServer, StartApi, error_of
from vendor_server import VendorServer, serving_vendors

from simulators.faults import parse_faults


@pytest.fixture
async def vendors() -> AsyncIterator[VendorServer]:
    async with serving_vendors() as running:
        yield running


@pytest.fixture
async def connected(start_api: StartApi, vendors: VendorServer) -> ApiServer:
    keys = {name: value for name, value in vendors.settings.items() if name.startswith("APOLLO")}
    return await start_api(**keys, SYNC_WORKER="false")


async def post(api: ApiServer, path: str, **body: Any) -> Any:
    async with api.operator.post(f"/api/apollo/{path}", json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def refused(api: ApiServer, path: str, **body: Any) -> tuple[int, str]:
    async with api.operator.post(f"/api/apollo/{path}", json=body) as response:
        return response.status, (await error_of(response))["code"]


async def test_a_person_ten_people_and_a_company(connected: ApiServer) -> None:
    person = await post(connected, "people", email="ada.byron@acme.com")
    assert person["platform"] == "apollo"
    assert (person["fields"]["first_name"], person["fields"]["company"]) == ("Ada", "Acme")
    assert person["data"]["company"]["primary_domain"] == "acme.com"
    wanted = [{"email": "ada.byron@acme.com"}, {"email": "grace.hopper@navy.example"}]
    people = (await post(connected, "people/bulk", people=wanted))["people"]
    assert [entry["fields"]["first_name"] for entry in people] == ["Ada", "Grace"]
    company = await post(connected, "companies", domain="acme.com")
    assert company["fields"] == {"company": "Acme"}
    async with connected.operator.get("/api/apollo") as response:
        assert await response.json() == {"connected": True, "account": "Apollo", "problem": None}


async def test_nobody_like_that(connected: ApiServer, vendors: VendorServer) -> None:
    vendors.apollo.options = msgspec.structs.replace(vendors.apollo.options, made_up=False)
    assert await refused(connected, "people", email="nobody@nowhere.example") == (404, "no_match")
    assert (await post(connected, "people/bulk", people=[{"email": "nobody@nowhere.example"}])) == {"people": [None]}
    assert await refused(connected, "companies", domain="nowhere.example") == (404, "no_match")


async def test_what_makes_no_sense_is_refused_before_it_costs(connected: ApiServer, vendors: VendorServer) -> None:
    assert await refused(connected, "people") == (422, "person_unnamed")
    assert (await refused(connected, "people", e_mail="ada@acme.com"))[0] in (400, 422)
    assert (await refused(connected, "people/bulk", people=[{"email": "a@b.example"}] * 11))[0] in (400, 422)
    assert (await refused(connected, "companies", domain=""))[0] in (400, 422)
    assert vendors.apollo.credits_used == 0


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"credits": 0}, (502, "quota_exhausted")),
        ({"closed": ("people/match",)}, (502, "not_permitted")),
        ({"limits": {"minute": 0, "hourly": 600, "24-hour": 2000}}, (503, "rate_limited")),
    ],
)
async def test_refusals_of_apollo_have_their_codes(
    connected: ApiServer, vendors: VendorServer, options: dict[str, Any], answer: tuple[int, str]
) -> None:
    vendors.apollo.options = msgspec.structs.replace(vendors.apollo.options, **options)
    assert await refused(connected, "people", email="ada@acme.com") == answer


async def test_a_web_page_where_json_belongs(connected: ApiServer, vendors: VendorServer) -> None:
    vendors.simulation.faults.replace(parse_faults("apollo:garbage@accepted"))
    status, code = await refused(connected, "people", email="ada@acme.com")
    assert (status, code) == (503, "provider_answered_html")


async def test_without_a_key_and_with_a_wrong_one(
    start_api: StartApi, vendors: VendorServer, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_api(SYNC_WORKER="false")
    assert await refused(api, "people", email="ada@acme.com") == (503, "not_connected")
    settings = {**vendors.settings, "APOLLO_API_KEY": "wrong-key-of-apollo"}
    wrong = await start_api(**settings, SYNC_WORKER="false")
    assert await refused(wrong, "people", email="ada.secret@acme.com") == (502, "credentials_refused")
    async with wrong.operator.get("/api/apollo") as response:
        assert (await response.json())["problem"] == "credentials_refused"
    assert "wrong-key" not in caplog.text
    assert "ada.secret" not in caplog.text
