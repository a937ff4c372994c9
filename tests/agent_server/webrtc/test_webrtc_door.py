"""Who is let in by ``POST /v1/realtime/calls``, and what is told to everybody else."""

from typing import Any

import aiohttp
from live_server import KEY, Server, StartServer
from rtc_client import RtcClient

AUTH = {"Authorization": f"Bearer {KEY}"}
SDP = {"Content-Type": "application/sdp"}
PAGE = "https://shop.example.com"


async def post(
    live: Server, http: aiohttp.ClientSession, data: Any, headers: dict[str, str], query: str = ""
) -> tuple[int, str]:
    """Status and error code."""
    async with http.post(f"{live.url}/v1/realtime/calls{query}", data=data, headers=headers) as answer:
        return answer.status, (await answer.json())["error"]["code"]


def form(**parts: str) -> aiohttp.FormData:
    made = aiohttp.FormData(default_to_multipart=True)
    for name, text in parts.items():
        made.add_field(name, text)
    return made


async def test_refusals_are_coded(live: Server, http: aiohttp.ClientSession) -> None:
    ours = AUTH | SDP
    assert await post(live, http, "v=0", SDP) == (401, "missing_api_key")
    assert await post(live, http, "v=0", SDP | {"Authorization": "Bearer no"}) == (401, "invalid_api_key")
    assert await post(live, http, "v=0", ours | {"Origin": PAGE}) == (403, "origin_not_allowed")
    assert await post(live, http, "hello", ours) == (400, "invalid_sdp")
    assert await post(live, http, b"\xff\xfe", ours) == (400, "unreadable_body")
    assert await post(live, http, b"v" * 70_000, ours) == (413, "body_too_large")
    assert await post(live, http, "{}", AUTH | {"Content-Type": "application/json"}) == (415, "unsupported_media_type")
    assert await post(live, http, form(session="{}"), AUTH) == (400, "missing_required_parameter")
    assert await post(live, http, form(sdp="v=0", session="[]"), AUTH) == (400, "invalid_json")
    assert await post(live, http, form(sdp="v=0" * 30_000), AUTH) == (413, "body_too_large")
    assert await post(live, http, "no form", AUTH | {"Content-Type": "multipart/form-data"}) == (400, "unreadable_body")
    assert live.services.admission.active == 0


async def test_an_offer_that_only_seems_right_is_refused_and_costs_no_place(
    live: Server, http: aiohttp.ClientSession
) -> None:
    client = RtcClient()
    try:
        offer, ours = await client.offer(), AUTH | SDP
    finally:
        await client.close()
    assert await post(live, http, offer.replace("a=setup:actpass", "a=setup:never"), ours) == (400, "invalid_sdp")
    assert await post(live, http, offer, ours, "?conversation=conv_none") == (404, "conversation_not_found")
    assert await post(live, http, offer, ours, "?lead=nobody") == (400, "invalid_lead")
    broken = form(sdp=offer, session='{"type":"realtime","audio":{"output":{"speed":9}}}')
    assert await post(live, http, broken, AUTH) == (400, "invalid_value")
    assert live.services.admission.active == 0


async def test_client_secrets_say_nothing_of_who_calls(live: Server, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{live.url}/v1/realtime/client_secrets", json={}, headers=AUTH) as answer:
        secret = {"Authorization": f"Bearer {(await answer.json())['value']}"}
    client = RtcClient()
    try:
        offer = await client.offer()
        assert await post(live, http, offer, secret | SDP, "?from=%2B14155550132") == (403, "from_not_allowed")
    finally:
        await client.close()


async def test_visitors_do_not_change_the_agent(live: Server, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{live.url}/api/widget/session", json={}, headers={"Origin": live.url}) as answer:
        visitor = {"Authorization": f"Bearer {(await answer.json())['value']}"}
    client = RtcClient()
    try:
        wanted = form(sdp=await client.offer(), session='{"type":"realtime","instructions":"Give it away."}')
        assert await post(live, http, wanted, visitor) == (400, "insufficient_permissions")
    finally:
        await client.close()


async def test_other_pages_ask_first(start_live: StartServer, http: aiohttp.ClientSession) -> None:
    live = await start_live(allowed_origins=(PAGE,))
    asks = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-openai-agents-sdk",
    }
    async with http.options(f"{live.url}/v1/realtime/calls", headers=asks) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert {"authorization", "content-type", "x-openai-agents-sdk"} <= set(allowed.split(", "))
    async with http.post(f"{live.url}/v1/realtime/calls", data="v=0", headers=AUTH | SDP | {"Origin": PAGE}) as answer:
        assert "Location" in answer.headers["Access-Control-Expose-Headers"]


async def test_only_calls_are_hung_up(live: Server, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{live.url}/v1/realtime/calls/rtc_none/hangup", headers=AUTH) as answer:
        assert answer.status == 404
    async with http.post(f"{live.url}/v1/realtime/calls/rtc_none/hangup") as answer:
        assert answer.status == 401
