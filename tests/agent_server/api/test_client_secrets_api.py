"""Client secrets in the shapes of the realtime protocol, with the protocol's own client."""

import time
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import WSServerHandshakeError
from api_server import FIRST_KEY, ApiServer, StartApi, bearer, error_of
from openai import AsyncOpenAI

PATH = "/v1/realtime/client_secrets"


async def test_the_answer_has_the_protocols_shape(api: ApiServer) -> None:
    asked = {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": {"type": "realtime", "model": "m-1"}}
    async with api.operator.post(PATH, json=asked) as response:
        assert response.status == 200
        body = await response.json()
    assert set(body) == {"value", "expires_at", "session"}
    assert body["value"].startswith("ek_")
    assert abs(body["expires_at"] - time.time() - 60) < 30
    session = body["session"]
    assert session["id"].startswith("sess_")
    assert (session["object"], session["type"], session["model"]) == ("realtime.session", "realtime", "m-1")
    assert session["audio"]["input"]["turn_detection"]["type"] == "semantic_vad"
    assert session["instructions"] == api.services.session_defaults.instructions


async def test_without_a_body_the_defaults_apply(api: ApiServer) -> None:
    async with api.operator.post(PATH) as response:
        body = await response.json()
    assert abs(body["expires_at"] - time.time() - 600) < 30
    assert body["session"]["model"] == "sales-agent"


async def test_sessions_start_from_what_was_asked_for(api: ApiServer) -> None:
    asked = {"session": {"type": "realtime", "instructions": "Sell tea.", "output_modalities": ["text"]}}
    async with api.operator.post(PATH, json=asked) as response:
        secret = (await response.json())["value"]
    for _ in range(2):  # as many as it likes
        async with api.client.ws_connect("/v1/realtime", headers=bearer(secret)) as socket:
            session = (await socket.receive_json())["session"]
            assert (session["instructions"], session["output_modalities"]) == ("Sell tea.", ["text"])


async def test_the_openai_client_mints_one(api: ApiServer) -> None:
    async with AsyncOpenAI(api_key=FIRST_KEY, base_url=f"{api.url}/v1", max_retries=0) as client:
        made = await client.realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 10},
            session={"type": "realtime", "audio": {"output": {"voice": "cedar"}}},
        )
    assert made.value.startswith("ek_")
    assert made.session.type == "realtime"
    assert made.session.audio is not None
    assert made.session.audio.output is not None
    assert made.session.audio.output.voice == "cedar"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"expires_after": {"seconds": 9}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "invalid_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"session": {}}, "missing_required_parameter", "session.type"),
        ({"session": "realtime"}, "invalid_value", "session"),
        ({"session": {"type": "realtime", "max_output_tokens": 0}}, "invalid_value", "session.max_output_tokens"),
        ({"session": {"type": "realtime", "tools": [{"type": "mcp"}]}}, "unsupported_tool", "session.tools[0].type"),
    ],
)
async def test_what_cannot_be(api: ApiServer, body: dict[str, Any], code: str, param: str) -> None:
    async with api.operator.post(PATH, json=body) as response:
        error = await error_of(response)
        assert (response.status, error["code"], error["param"]) == (400, code, param)


async def lead_with(api: ApiServer, secret: str) -> Any:
    """Whose lead the conversation is that a page opens with the secret."""
    async with (
        AsyncOpenAI(api_key=secret, base_url=f"{api.url}/v1", max_retries=0) as client,
        client.realtime.connect(model="sales-agent") as connection,
    ):
        events = [await connection.recv() for _ in range(2)]
    (created,) = [event for event in events if event.type == "conversation.created"]
    await api.services.conversation_log.flush(created.conversation.id, 5.0)  # type: ignore[arg-type]
    async with api.operator.get(f"/api/conversations/{created.conversation.id}") as response:
        return (await response.json())["lead_id"]


async def minted(api: ApiServer, **more: str) -> str:
    async with AsyncOpenAI(api_key=FIRST_KEY, base_url=f"{api.url}/v1", max_retries=0) as client:
        return (await client.realtime.client_secrets.create(session={"type": "realtime"}, extra_body=more)).value


async def made_lead(api: ApiServer, **facts: str) -> str:
    async with api.operator.post("/api/leads", json=facts) as response:
        lead_id: str = (await response.json())["id"]
        return lead_id


async def test_who_mints_it_says_who_talks(api: ApiServer) -> None:
    ann = await made_lead(api, contact_email="ann@acme.test", contact_phone="+14155550132")
    assert await lead_with(api, await minted(api, lead=ann)) == ann
    secret = await minted(api, **{"from": "+1 (415) 555-0132"})
    assert [await lead_with(api, secret) for _ in range(2)] == [ann, ann]
    assert await lead_with(api, await minted(api, **{"from": "Ann@Acme.test"})) == ann
    assert await lead_with(api, await minted(api, **{"from": "anonymous"})) is None
    assert await lead_with(api, await minted(api)) is None


@pytest.mark.parametrize("minted_with", [{}, {"from": "bob@acme.test"}])
@pytest.mark.parametrize("name", ["lead", "from"])
async def test_the_page_that_holds_it_does_not(api: ApiServer, name: str, minted_with: dict[str, str]) -> None:
    ann = await made_lead(api, contact_email="ann@acme.test")
    query = {name: ann if name == "lead" else "ann@acme.test"}
    headers = bearer(await minted(api, **minted_with))
    async with api.client.get("/v1/realtime", params=query, headers=headers) as response:
        assert (response.status, (await error_of(response))["code"]) == (403, f"{name}_not_allowed")


async def test_a_lead_that_is_not_there_cannot_talk(api: ApiServer) -> None:
    async with api.operator.post(PATH, json={"lead": str(uuid4())}) as response:
        error = await error_of(response)
        assert (response.status, error["code"], error["param"]) == (404, "lead_not_found", "lead")
    for body, param in (({"lead": "ann"}, "lead"), ({"from": "x" * 321}, "from")):
        async with api.operator.post(PATH, json=body) as response:
            error = await error_of(response)
            assert (response.status, error["code"], error["param"]) == (400, "invalid_value", param)


async def test_where_a_pages_visitor_comes_from_is_kept_as_a_hash(start_api: StartApi) -> None:
    api = await start_api(TRUSTED_PROXIES="127.0.0.1")
    kept = []
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8", "127.0.0.1"):
        at = {"X-Forwarded-For": address}
        async with api.client.post("/api/widget/session", headers=at) as response:
            secret = bearer((await response.json())["value"])
        async with api.client.ws_connect("/v1/realtime", headers={**at, **secret}) as socket:
            events = [await socket.receive_json() for _ in range(2)]
        (id_,) = [event["conversation"]["id"] for event in events if event["type"] == "conversation.created"]
        await api.services.conversation_log.flush(id_, 5.0)
        async with api.operator.get(f"/api/conversations/{id_}") as response:
            kept.append((await response.json())["metadata"].get("visits_from"))
    assert kept[0] == kept[1] != kept[2]
    assert "203" not in kept[0]
    assert kept[3] is None, "of a proxy on this machine it says nothing"


async def test_so_many_conversations_begin_with_it_and_go_on_as_often_as_lines_are_lost(api: ApiServer) -> None:
    async with api.operator.post(PATH, json={"conversations": 2}) as response:
        secret = bearer((await response.json())["value"])

    async def opens(**query: str) -> str:
        async with api.client.ws_connect("/v1/realtime", params=query, headers=secret) as socket:
            events = [await socket.receive_json() for _ in range(2)]
        id_: str = next(event["conversation"]["id"] for event in events if event["type"] == "conversation.created")
        await api.services.conversation_log.flush(id_, 5.0)
        return id_

    first = await opens()
    assert await opens(conversation=first) == first
    async with api.client.get("/v1/realtime", headers=secret) as response:
        assert (await error_of(response))["code"] == "not_a_websocket", "to ask costs nothing"
    assert await opens() != first
    with pytest.raises(WSServerHandshakeError) as refused:
        await opens()
    assert refused.value.status == 403
    async with api.client.get("/v1/realtime", headers=secret) as response:
        assert (await error_of(response))["code"] == "client_secret_used_up"
    assert await opens(conversation=first) == first, "who was cut off goes on"
