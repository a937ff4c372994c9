"""Recordings are given out when there are any, whole and in order."""

import asyncio
import os
from pathlib import Path

from api_server import StartApi, error_of
from eventually import eventually


async def test_the_recordings_of_a_conversation_in_the_order_they_were_made(
    start_api: StartApi, tmp_path: Path
) -> None:
    directory = tmp_path / "recordings"
    api = await start_api(RECORDINGS_DIR=str(directory))
    files = {"conv_1-bb.jsonl": (b"first\n", 1.0), "conv_1-aa.jsonl": (b"x" * 600_000 + b"\n", 2.0)}
    files["conv_12-cc.jsonl"] = (b"another's\n", 3.0)
    for name, (content, modified_s) in files.items():
        await asyncio.to_thread((directory / name).write_bytes, content)
        os.utime(directory / name, (modified_s, modified_s))
    async with api.operator.get("/api/conversations/conv_1/recording") as response:
        assert (response.status, response.content_type) == (200, "application/x-ndjson")
        assert await response.read() == b"first\n" + b"x" * 600_000 + b"\n"
    for unknown in ("conv_2", "conv_*", "..%2Fconv_1", "%5Bc%5Donv_1"):
        async with api.operator.get(f"/api/conversations/{unknown}/recording") as response:
            assert (response.status, (await error_of(response))["code"]) == (404, "recording_not_found")


async def test_a_conversation_that_was_recorded_can_be_fetched(start_api: StartApi, tmp_path: Path) -> None:
    api = await start_api(RECORDINGS_DIR=str(tmp_path / "recordings"))
    async with api.operator.ws_connect("/v1/realtime") as socket:
        await socket.receive_json()
        conversation = (await socket.receive_json())["conversation"]["id"]
    await eventually(lambda: api.services.admission.active == 0)
    async with api.operator.get(f"/api/conversations/{conversation}/recording") as response:
        assert response.status == 200
        assert b'"format":"sales-agent-recording/1"' in await response.read()


async def test_without_a_directory_there_are_none(start_api: StartApi) -> None:
    api = await start_api()
    async with api.operator.get("/api/conversations/conv_1/recording") as response:
        assert (response.status, (await error_of(response))["code"]) == (404, "recording_not_found")
