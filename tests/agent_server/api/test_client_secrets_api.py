"""Client secrets in the shapes of the realtime protocol, with the protocol's own client."""

import time
from typing import Any

import pytest
from api_server import FIRST_KEY, ApiServer, bearer, error_of
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
