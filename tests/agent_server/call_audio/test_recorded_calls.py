"""Recordings of whole calls: a real server, a client that speaks, and what is heard in the file afterwards."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from api_server import FIRST_KEY, ApiServer, StartApi, error_of
from live_server import UNBOUNDED, say, speech, until
from numpy.typing import NDArray
from openai import AsyncOpenAI
from prometheus_client import REGISTRY
from scripted_engines import scripted_engines
from signed_bucket import SignedBucket, serving_bucket

from agent_server.call_audio import work
from agent_server.call_audio.keeping import CallAudioKeeping
from agent_server.settings import CallAudioSettings
from pipelines.call_audio.port import Head
from pipelines.call_audio.spool import Kind, encoded, encoded_head

ANNOUNCEMENT = "This is recorded."
RATE = 24_000


@asynccontextmanager
async def calling(api: ApiServer, **query: str) -> AsyncIterator[tuple[str, Any]]:
    """A conversation with this server: its id, and the vendor's connection."""
    client = AsyncOpenAI(api_key=FIRST_KEY, base_url=f"{api.url}/v1", max_retries=0)
    connecting = client.realtime.connect(model="sales-agent", extra_query=query, websocket_connection_options=UNBOUNDED)
    async with connecting as connection:
        events = await until(connection, "conversation.created")
        yield events[-1].conversation.id, connection


async def conversation(api: ApiServer, conversation_id: str) -> Any:
    async with api.operator.get(f"/api/conversations/{conversation_id}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def recorded(api: ApiServer, conversation_id: str) -> Any:
    """Its only recording, once it is ready."""
    async with asyncio.timeout(20):
        while True:
            recordings = (await conversation(api, conversation_id))["recordings"]
            if recordings and recordings[-1]["state"] not in ("recording", "processing"):
                (recording,) = recordings
                return recording
            await asyncio.sleep(0.05)


def voices(mp3: bytes) -> NDArray[np.float64]:
    """How loud the caller and the agent are, in steps of 20 ms."""
    with av.open(io.BytesIO(mp3)) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    sound = np.asarray(sound, np.float64)
    if np.abs(sound).max() <= 1.0:
        sound *= 32768
    steps = sound.shape[1] // (RATE // 50)
    cut = sound[:, : steps * (RATE // 50)].reshape(2, steps, -1)
    return np.asarray(np.sqrt((cut**2).mean(axis=2)))


async def test_a_call_is_announced_recorded_listened_to_and_deleted(start_api: StartApi, tmp_path: Path) -> None:
    engines = scripted_engines(answer=lambda _: "It costs fifty.")
    api = await start_api(engines=engines, CALL_AUDIO="announced", CALL_AUDIO_ANNOUNCEMENT=ANNOUNCEMENT)
    async with calling(api) as (conversation_id, connection):
        await connection.response.create()
        events = await until(connection, "response.done")
        states = [event.state for event in events if event.type == "sales_agent.recording"]
        assert states == ["on"]
        said = await until_heard(api, conversation_id)
        assert said == f"{ANNOUNCEMENT} It costs fifty."
        await say(connection, speech()[: 48 * 800], silence_ms=300)
    recording = await recorded(api, conversation_id)
    assert recording["state"] == "ready"
    async with api.operator.get(f"/api/conversations/{conversation_id}/audio") as answer:
        assert (answer.status, answer.content_type) == (200, "audio/mpeg")
        mp3 = await answer.read()
    assert len(mp3) == recording["bytes"]
    async with api.operator.get(
        f"/api/conversations/{conversation_id}/audio", headers={"Range": "bytes=100-299"}
    ) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 100-299/{len(mp3)}"
        assert await answer.read() == mp3[100:300]
    async with api.operator.get(
        f"/api/conversations/{conversation_id}/audio", headers={"Range": f"bytes={len(mp3)}-"}
    ) as answer:
        assert answer.status == 416
    async with api.operator.get(f"/api/conversations/{conversation_id}/audio/outline") as answer:
        outline = await answer.json()
    caller, agent = voices(mp3)
    assert abs(len(caller) * 20 - outline["duration_ms"]) < 120
    (reply,) = [passage for passage in outline["passages"] if passage["word_ends"]]
    heard = agent > 300
    first, last = np.flatnonzero(heard)[[0, -1]] * 20
    assert abs(first - reply["start_ms"]) <= 60
    assert abs(last - reply["end_ms"]) <= 80
    assert caller[: reply["end_ms"] // 20 - 10].max() < 100, "each voice is alone on its side"
    assert caller[reply["end_ms"] // 20 :].max() > 300
    async with api.operator.post(f"/api/conversations/{conversation_id}/audio/link", json={}) as answer:
        link = (await answer.json())["url"]
    async with api.client.get(link) as answer:
        assert answer.status == 200
        assert await answer.read() == mp3
    async with api.client.get(f"{link[:-4]}AAAA") as answer:
        assert (await error_of(answer))["code"] == "link_invalid"
    async with api.client.get(f"/api/conversations/{conversation_id}/audio") as answer:
        assert answer.status == 401
    store = tmp_path / "data" / "call-audio" / "store"
    assert len([*store.rglob("*.mp3"), *store.rglob("*.json")]) == 2
    async with api.operator.delete(f"/api/conversations/{conversation_id}/audio") as answer:
        assert answer.status == 204
    assert not [path for path in (tmp_path / "data" / "call-audio").rglob("*") if path.is_file()]
    assert (await conversation(api, conversation_id))["recordings"] == []
    async with api.client.get(link) as answer:
        assert (await error_of(answer))["code"] == "recording_not_found"


async def until_heard(api: ApiServer, conversation_id: str) -> str:
    """What the caller heard of the only reply, once it is heard to its end."""
    async with asyncio.timeout(15):
        while True:
            items = (await conversation(api, conversation_id))["items"]
            for item in items:
                if item["role"] == "assistant" and item["heard_text"].strip() == item["generated_text"].strip() != "":
                    return str(item["heard_text"])
            await asyncio.sleep(0.1)


async def test_who_does_not_want_it_is_not_recorded_any_more_and_is_told(
    start_api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "STOPPED", "Stopped.")
    engines = scripted_engines(texts=("Please don't record me.",), answer=lambda _: "Fine.")
    api = await start_api(engines=engines, CALL_AUDIO="silent")
    async with calling(api) as (conversation_id, connection):
        followed = await api.operator.get(f"/api/conversations/{conversation_id}/live")
        await say(connection, speech(), silence_ms=900)
        events = await until(connection, "response.done")
        states = [event.state for event in events if event.type == "sales_agent.recording"]
        assert states == ["on", "deleted"]
        assert await until_heard(api, conversation_id) == "Stopped. Fine."
        await say(connection, speech()[: 48 * 300], silence_ms=0)
    told = (await followed.read()).decode()
    assert [state for state in ("on", "deleted") if f'event: recording\ndata: {{"state":"{state}"}}' in told] == states
    async with asyncio.timeout(10):
        while [path for path in (tmp_path / "data" / "call-audio").rglob("*") if path.is_file()]:
            await asyncio.sleep(0.05)
    async with calling(api, conversation=conversation_id) as (_, connection):
        await say(connection, speech()[: 48 * 300], silence_ms=0)
    assert (await conversation(api, conversation_id))["recordings"] == []
    assert not list((tmp_path / "data" / "call-audio").rglob("*.spool"))


async def test_a_client_may_refuse_and_a_typed_conversation_has_no_sound(start_api: StartApi, tmp_path: Path) -> None:
    api = await start_api(engines=scripted_engines(), CALL_AUDIO="silent")
    async with calling(api, recording="off") as (refused, connection):
        await connection.response.create()
        events = await until(connection, "response.done")
        assert not [event for event in events if event.type == "sales_agent.recording"]
    async with calling(api) as (typed, connection):
        await connection.response.create(response={"output_modalities": ["text"]})
        await until(connection, "response.done")
    for conversation_id in (refused, typed):
        assert (await conversation(api, conversation_id))["recordings"] == []
        async with api.operator.get(f"/api/conversations/{conversation_id}/audio") as answer:
            assert (await error_of(answer))["code"] == "recording_not_found"
    async with api.operator.get("/v1/realtime?recording=no") as answer:
        assert (await error_of(answer))["param"] == "recording"


async def test_what_a_killed_server_left_is_encoded_at_the_next_start(start_api: StartApi, tmp_path: Path) -> None:
    spool = tmp_path / "data" / "call-audio" / "spool" / "rec_left.spool"
    spool.parent.mkdir(parents=True)
    head = Head("rec_left", "conv_left", 1_800_000_000.0)
    frames = [(Kind.CALLER, 1020.0 + 20 * n, 0, b"\x00\x10" * 480) for n in range(50)]
    spool.write_bytes(encoded_head(head) + encoded(frames))
    api = await start_api(CALL_AUDIO="silent")
    async with asyncio.timeout(15):
        while spool.exists():
            await asyncio.sleep(0.05)
    async with api.operator.get("/api/conversations/conv_left/audio") as answer:
        assert answer.status == 200
        assert voices(await answer.read())[0].max() > 3000
    keeping = api.services.call_audio.keeping
    assert await keeping.sweep() == 0
    later = CallAudioKeeping(
        CallAudioSettings(days=1), keeping.store, keeping.records, lambda: datetime(2027, 3, 1, tzinfo=UTC)
    )
    assert await later.sweep() == 1
    async with api.operator.get("/api/conversations/conv_left/audio") as answer:
        assert answer.status == 404
    assert not [path for path in (tmp_path / "data" / "call-audio").rglob("*") if path.is_file()]


def ended_as(outcome: str) -> float:
    return REGISTRY.get_sample_value("sales_agent_call_recordings_total", {"outcome": outcome}) or 0.0


async def test_a_disk_that_takes_nothing_ends_the_recording_and_not_the_call(
    start_api: StartApi, tmp_path: Path
) -> None:
    api = await start_api(engines=scripted_engines(), CALL_AUDIO="silent")
    (tmp_path / "data" / "call-audio").mkdir(parents=True, exist_ok=True)
    (tmp_path / "data" / "call-audio" / "spool").write_text("in the way")
    before = ended_as("disk_failed")
    async with calling(api) as (conversation_id, connection):
        await connection.response.create()
        events = await until(connection, "response.done")
        states = [event.state for event in events if event.type == "sales_agent.recording"]
        while states[-1] != "failed":
            states.append((await until(connection, "sales_agent.recording"))[-1].state)
        assert states == ["on", "failed"]
        await connection.response.create()
        await until(connection, "response.done")
    assert (await conversation(api, conversation_id))["recordings"] == []
    assert ended_as("disk_failed") == before + 1, "who watches the server is told"


async def test_an_interrupted_reply_ends_in_the_recording_where_it_was_heard_to(start_api: StartApi) -> None:
    engines = scripted_engines(answer=lambda _: " ".join(["word"] * 24))
    api = await start_api(engines=engines, CALL_AUDIO="silent")
    async with calling(api) as (conversation_id, connection):
        await connection.response.create()
        await until(connection, "response.output_audio.delta")
        await say(connection, bytes(48 * 500) + speech()[: 48 * 1100], silence_ms=700)
        await until(connection, "response.done")
    recording = await recorded(api, conversation_id)
    items = (await conversation(api, conversation_id))["items"]
    reply = next(item for item in items if item["role"] == "assistant")
    assert 500 < reply["heard_ms"] < 5500
    async with api.operator.get(f"/api/conversations/{conversation_id}/audio/outline") as answer:
        passages = (await answer.json())["passages"]
    passage = next(passage for passage in passages if passage["item_id"] == reply["id"])
    assert abs(passage["end_ms"] - passage["start_ms"] - reply["heard_ms"]) < 60
    replies = {item["id"] for item in items if item["role"] == "assistant"} - {reply["id"]}
    others = [one["start_ms"] for one in passages if one["item_id"] in replies]
    async with api.operator.get(f"/api/conversations/{conversation_id}/audio") as answer:
        caller, agent = voices(await answer.read())
    heard = np.flatnonzero(agent[: (min(others, default=recording["duration_ms"]) - 40) // 20] > 300) * 20
    assert abs(heard[-1] - passage["end_ms"]) <= 80
    spoke = np.flatnonzero(caller > 300) * 20
    assert heard[0] < spoke[0] < heard[-1] < recording["duration_ms"]


async def test_recordings_are_kept_in_a_bucket_once_it_takes_them(start_api: StartApi, tmp_path: Path) -> None:
    bucket = SignedBucket("AKTEST", "a-secret")
    async with serving_bucket(bucket) as url:
        access = {"S3_ENDPOINT_URL": url, "S3_ACCESS_KEY_ID": "AKTEST", "S3_SECRET_ACCESS_KEY": "a-secret"}
        api = await start_api(CALL_AUDIO="silent", CALL_AUDIO_STORE="s3://calls/acme", **access)
        async with calling(api) as (conversation_id, connection):
            await say(connection, speech()[: 48 * 300], silence_ms=0)
        await recorded(api, conversation_id)
        assert sorted(key.partition("/")[2][-4:] for key in bucket.objects) == [".mp3", "json"]
        assert all(key.startswith("calls/acme/20") for key in bucket.objects)
        assert not list((tmp_path / "data" / "call-audio").rglob("*.*"))
        path = f"/api/conversations/{conversation_id}/audio"
        async with api.operator.get(path, headers={"Range": "bytes=10-19"}) as answer:
            assert (answer.status, len(await answer.read())) == (206, 10)
        bucket.is_broken = True
        async with api.operator.delete(path) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (503, "store_failed")
        bucket.is_broken = False
        async with api.operator.delete(path) as answer:
            assert answer.status == 204
        assert bucket.objects == {}
