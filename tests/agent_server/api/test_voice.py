"""Texts are spoken by the first voice that works, within a deadline."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator

import msgspec
import pytest
from api_server import ApiServer, StartApi, error_of
from eventually import eventually
from scripted_engines import scripted_engines

from agent_server.api import voice
from pipelines.conversation.rim.ports import Engines
from pipelines.tts.port import Audio, Spoken, TtsError, TtsEvent, TtsOptions

PATH = "/api/voice/synthesize"


class Context:
    def __init__(self, owner: "Voice") -> None:
        self._owner = owner
        self._text = ""

    def send_text(self, text: str) -> None:
        self._text += text

    def finish(self) -> None:
        pass

    def cancel(self) -> None:
        self._owner.cancelled += 1

    async def __aiter__(self) -> AsyncIterator[TtsEvent]:
        await self._owner.speaks.wait()
        if self._owner.error is not None:
            raise self._owner.error
        yield Audio(b"\1\0" * len(self._text))
        yield Spoken()


class Voice:
    """Speaks a sample a character; or fails, or says nothing, as told."""

    sample_rate = 8000
    healthy = True

    def __init__(self, name: str, error: TtsError | None = None) -> None:
        self.name = name
        self.error = error
        self.asked: list[TtsOptions] = []
        self.cancelled = 0
        self.speaks = asyncio.Event()
        self.speaks.set()

    def open(self, options: TtsOptions) -> Context:
        self.asked.append(options)
        return Context(self)

    async def aclose(self) -> None:
        pass


def engines(*voices: Voice) -> Engines:
    return msgspec.structs.replace(scripted_engines(), voices=voices)


async def test_a_text_is_spoken_as_a_wav_file(start_api: StartApi) -> None:
    speaker = Voice("speaker")
    api = await start_api(engines(speaker))
    asked = {"text": "hello", "voice": "cedar", "language": "de", "speed": 1.5}
    async with api.operator.post(PATH, json=asked) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
        data = await response.read()
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.readframes(100) == b"\1\0" * 5
    assert speaker.asked == [TtsOptions(voice="cedar", language="de", speed=1.5)]
    assert speaker.cancelled == 1


async def test_the_next_voice_takes_over(start_api: StartApi) -> None:
    broken, works = Voice("a", TtsError("tts_down", "x", retryable=True)), Voice("b")
    api = await start_api(engines(broken, works))
    async with api.operator.post(PATH, json={"text": "hello"}) as response:
        assert response.status == 200
    assert (len(broken.asked), len(works.asked)) == (1, 1)


async def test_when_the_last_voice_fails_it_is_said(start_api: StartApi) -> None:
    api = await start_api(engines(Voice("a", TtsError("tts_engine_refused", "hello", retryable=False))))
    async with api.operator.post(PATH, json={"text": "hello"}) as response:
        error = await error_of(response)
        assert (response.status, error["code"]) == (502, "tts_engine_refused")


async def test_a_voice_that_says_nothing_is_not_waited_for(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "SYNTHESIS_TIMEOUT_S", 0.05)
    silent = Voice("a")
    silent.speaks.clear()
    api = await start_api(engines(silent))
    async with api.operator.post(PATH, json={"text": "hello"}) as response:
        error = await error_of(response)
        assert (response.status, error["code"]) == (504, "voice_timeout")
    assert silent.cancelled == 1


async def test_only_a_few_speak_at_once(start_api: StartApi) -> None:
    slow = Voice("a")
    slow.speaks.clear()
    api = await start_api(engines(slow))

    async def speak() -> int:
        async with api.operator.post(PATH, json={"text": "hello"}) as response:
            return response.status

    asking = [asyncio.create_task(speak()) for _ in range(6)]
    await eventually(lambda: len(slow.asked) == 4)
    await asyncio.sleep(0.05)
    assert len(slow.asked) == 4
    slow.speaks.set()
    assert await asyncio.gather(*asking) == [200] * 6


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "x", "speed": 2}, "speed"),
        ({"text": "x", "language": "en us"}, "language"),
    ],
)
async def test_what_cannot_be_spoken(api: ApiServer, body: dict[str, object], param: str) -> None:
    async with api.operator.post(PATH, json=body) as response:
        assert (response.status, (await error_of(response))["param"]) == (400, param)


async def test_the_list_of_voices(api: ApiServer) -> None:
    async with api.operator.get("/api/voice/voices") as response:
        voices = (await response.json())["items"]
    assert {"id": "cedar", "provider": "fake", "default": False} in voices
    assert [entry["id"] for entry in voices if entry["default"]] == ["alloy"]


async def test_with_a_cloud_provider_its_voice_is_the_default(start_api: StartApi) -> None:
    api = await start_api(engines(Voice("cartesia"), Voice("espeak")))
    async with api.operator.get("/api/voice/voices") as response:
        voices = (await response.json())["items"]
    assert [entry["provider"] for entry in voices if entry["default"]] == ["cartesia"]
    assert voices[0]["default"]
