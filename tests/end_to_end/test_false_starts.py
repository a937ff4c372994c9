"""Sounds that are no interruption, on the real voice activity and the real recogniser: the agent goes on.

The reply is scripted and long; the caller's sounds come in real time while it is being spoken.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from live_server import Server, StartServer, say, speech, until
from msgspec import structs
from numpy.typing import NDArray
from scripted_engines import scripted_engines
from synthetic_caller import voiced

from pipelines.stt.pocketsphinx import PocketsphinxRecognizer

pytestmark = pytest.mark.realtime

REPLY = "word " * 28
SESSION = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}}
RATE = 24_000


def burst(duration_ms: int, level: float, *, decay: bool = False) -> bytes:
    """Noise at a share of full scale; with ``decay`` it dies away as a cough does."""
    samples = np.random.default_rng(7).normal(0, 32768 * level, RATE * duration_ms // 1000)
    if decay:
        samples *= np.exp(-np.linspace(0, 5, len(samples)))
    return samples.clip(-32768, 32767).astype(np.int16).tobytes()


def hum() -> bytes:
    """A closed-mouthed "mm-hm": two murmurs with a breath between. A synthetic voice spells the word's letters.

    Harmonics of a rising 110 Hz, weighted by the nasal murmur's one strong formant near 250 Hz.
    """
    random = np.random.default_rng(3)

    def murmur(duration_ms: int, pitch_hz: float) -> NDArray[np.float64]:
        t = np.arange(RATE * duration_ms // 1000) / RATE
        phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * t / t[-1])) / RATE
        voiced = sum(np.sin(n * phase) / (1 + ((n * pitch_hz - 250) / 90) ** 2) for n in range(1, 25))
        return voiced * np.sin(np.pi * np.arange(len(t)) / len(t)) ** 0.4

    breath = random.normal(0, 0.05, RATE * 60 // 1000)
    samples = np.concatenate([murmur(180, 110), breath, murmur(240, 130)])
    return (samples / np.abs(samples).max() * 9000).astype(np.int16).tobytes()


@pytest.fixture
async def listening_server(start_live: StartServer) -> AsyncIterator[Server]:
    recognizer = await PocketsphinxRecognizer.start()
    try:
        yield await start_live(structs.replace(scripted_engines(answer=lambda _: REPLY), recognisers=(recognizer,)))
    finally:
        await recognizer.aclose()


async def reply_after(server: Server, sound: bytes) -> tuple[Any, list[Any]]:
    """How the agent's reply ended when the caller made this sound two seconds into it, and everything told."""
    async with server.realtime() as connection:
        await connection.session.update(session=SESSION)
        await connection.response.create()
        await until(connection, "response.output_audio.delta")
        sounding = asyncio.create_task(say(connection, bytes(48 * 1500) + sound, silence_ms=6000))
        events = await until(connection, "response.done")
        sounding.cancel()
        return events[-1].response, events


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("100 ms of noise", burst(100, 0.1)),
        ("100 ms of loud noise", burst(100, 0.4)),
        ("a cough", burst(300, 0.5, decay=True)),
        ("a knock", burst(20, 0.6, decay=True)),
    ],
)
async def test_a_noise_does_not_cut_the_agent_off(listening_server: Server, name: str, sound: bytes) -> None:
    response, events = await reply_after(listening_server, sound)
    assert response.status == "completed", name
    assert response.output[0].content[0].transcript == REPLY.strip(), "no word is lost and none is said twice"
    assert not [event for event in events if event.type == "input_audio_buffer.speech_started"]


@pytest.mark.parametrize("signal", ["a hummed mm-hm", "uh huh", "right", "yeah"])
async def test_a_listeners_signal_does_not_cut_the_agent_off(listening_server: Server, signal: str) -> None:
    response, _ = await reply_after(
        listening_server, hum() if signal.startswith("a hum") else (await voiced([signal]))[signal]
    )
    assert response.status == "completed"
    assert response.output[0].content[0].transcript == REPLY.strip()


async def test_a_person_speaking_does(listening_server: Server) -> None:
    response, events = await reply_after(listening_server, speech())
    assert (response.status, response.status_details.reason) == ("cancelled", "turn_detected")
    assert [event for event in events if event.type == "input_audio_buffer.speech_started"]


async def test_speech_that_pauses_and_goes_on_is_one_turn(listening_server: Server) -> None:
    pause = bytes(48 * 350)
    async with listening_server.realtime() as connection:
        detection = {"type": "server_vad", "silence_duration_ms": 700}
        await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
        sounding = asyncio.create_task(
            say(connection, speech("utterance-unfinished") + pause + speech("utterance-finished"), silence_ms=2000)
        )
        events = await until(connection, "response.created")
        sounding.cancel()
    stopped = [event for event in events if event.type == "input_audio_buffer.speech_stopped"]
    assert len(stopped) == 1
    assert abs(stopped[0].audio_end_ms - (2580 + 350 + 2600)) <= 40
