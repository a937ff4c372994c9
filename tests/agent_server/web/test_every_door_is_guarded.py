"""Every door with every kind of key, from the list of the doors themselves: what is added is asked here, too."""

import re
from typing import Final, get_args

from aiohttp import hdrs
from api_server import ApiServer, StartApi, bearer

from agent_server.api.endpoint import Endpoint
from agent_server.api.registry import endpoints
from agent_server.app import make_app
from agent_server.web.auth import Scope

OPEN: Final = {
    ("GET", "/metrics"): "this machine alone",
    ("GET", "/api/live"): "says nothing",
    ("GET", "/api/health"): "names no customer and no secret",
    ("GET", "/api/recordings/audio"): "a sealed link that expires",
    ("GET", "/api/linkedin/callback"): "a state that this server signed, and the cookie of the browser that began",
    ("POST", "/api/widget/session"): "pages of allowed origins",
    ("POST", "/webhooks/close"): "signed",
    ("POST", "/webhooks/apollo"): "a secret in the address",
    ("GET", "/unsubscribe/{token}"): "signed",
    ("POST", "/unsubscribe/{token}"): "signed",
}
"""Doors of the API without a key, and what is asked for in its place."""

BESIDE: Final = {
    "/": "page",
    "/talk": "page",
    "/widget.js": "page",
    "/assets/{path}": "page",
    "/api/docs": "page",
    "/api/docs/{file}": "page",
    "/api/openapi.json": "page",
    "/v1/realtime": "a key",
    "/v1/realtime/calls": "a key",
    "/v1/realtime/calls/{id}/hangup": "a key",
    "/telephony/twilio/voice": "signed",
    "/telephony/twilio/afterwards": "signed",
    "/telephony/twilio/dialled": "signed",
    "/telephony/twilio/colleague": "signed",
    "/telephony/twilio/colleague/accepted": "signed",
    "/telephony/twilio/outbound": "signed",
    "/telephony/twilio/status": "signed",
    "/telephony/twilio/answered-by": "signed",
    "/telephony/twilio/media": "signed",
    "/telephony/telnyx/calls": "signed",
    "/telephony/telnyx/media/{ticket}": "a ticket",
}
"""Doors that are no endpoints of the API, and what they ask for."""

NOBODY = "00000000-0000-4000-8000-000000000000"


async def status_at(api: ApiServer, door: Endpoint, headers: dict[str, str]) -> int:
    """With a body that is none, so that whoever gets in changes nothing."""
    path = re.sub(r"\{\w+\}", NOBODY, door.path)
    body = None if door.method == "GET" else b"\xff"
    async with api.client.request(door.method, path, headers=headers, data=body) as response:
        return response.status


async def test_a_door_opens_to_its_scope_and_to_nobody_else(start_api: StartApi) -> None:
    api = await start_api(LIVE_LISTENING="on")
    kept = {scope: await api.key(scope) for scope in get_args(Scope)}
    others = {scope: await api.key(*(other for other in kept if other != scope)) for scope in kept}
    async with api.operator.post("/v1/realtime/client_secrets", json={}) as response:
        secret = bearer((await response.json())["value"])
    async with api.client.post("/api/widget/session") as response:
        visitor = bearer((await response.json())["value"])
    wrong: list[str] = []
    for door in endpoints():
        if door.scope is None:
            continue
        strangers = {"no key": {}, "all other scopes": others[door.scope]}
        if door.scope != "realtime":  # which is theirs
            strangers |= {"secret": secret, "visitor": visitor}
        found = {who: await status_at(api, door, headers) for who, headers in strangers.items()}
        if found != dict.fromkeys(strangers, 403) | {"no key": 401}:
            wrong.append(f"{door.method} {door.path}: {found}")
        if await status_at(api, door, kept[door.scope]) in (401, 403):
            wrong.append(f"{door.method} {door.path}: not even with '{door.scope}'")
    assert not wrong


def test_doors_without_a_key_are_known() -> None:
    assert {(door.method, door.path) for door in endpoints() if door.scope is None} == set(OPEN)


async def test_doors_beside_the_api_ask_for_a_key_or_a_signature(start_api: StartApi) -> None:
    api = await start_api(TWILIO_AUTH_TOKEN="t" * 32, TELNYX_API_KEY="KEY1", TELNYX_PUBLIC_KEY="A" * 43 + "=")
    resources = [resource.canonical for resource in make_app(api.services).router.resources()]
    assert set(resources) - {door.path for door in endpoints()} == set(BESIDE)
    for path, asks_for in BESIDE.items():
        if asks_for == "page":
            continue
        place = re.sub(r"\{\w+\}", NOBODY, path)
        for method in (hdrs.METH_GET, hdrs.METH_POST):
            async with api.client.request(method, place, headers={"X-Twilio-Signature": "bm8="}) as response:
                assert response.status in ((401, 405) if asks_for == "a key" else (403, 405)), path
