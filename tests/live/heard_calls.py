"""Calls that are listened to afterwards: what was spoken and heard, and where a recording has it."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import aiohttp
import av
import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray
from scripted_engines import FakeContext, FakeVoice, scripted_engines

from pipelines.conversation.rim.ports import Engines
from pipelines.tts.port import Audio, SpokenWord, TtsOptions, Words

RATE = 24_000
WORD_BYTES = 48 * 250
QUIET = 150.0
"""A voice is louder, as the root of its mean square."""

Sound = NDArray[np.float64]


class SpeakingContext(FakeContext):
    """Each word is the next 250 ms of a recording: no stretch of it is like another."""

    def __init__(self, pcm: bytes) -> None:
        super().__init__()
        self._pcm = pcm

    def send_text(self, text: str) -> None:
        for word in text.split():
            said, self._pcm = self._pcm[:WORD_BYTES], self._pcm[WORD_BYTES:]
            self._events.put_nowait(Words((SpokenWord(word, self._at_ms, self._at_ms + 250.0),)))
            self._events.put_nowait(Audio(said.ljust(WORD_BYTES, b"\0")))
            self._at_ms += 250.0


class SpeakingVoice(FakeVoice):
    def __init__(self, pcm: bytes) -> None:
        self._pcm = pcm

    def open(self, options: TtsOptions) -> FakeContext:
        return SpeakingContext(self._pcm)


def speaking_engines(texts: Sequence[str], answer: str, pcm: bytes) -> Engines:
    """Whose voice is a recording."""
    return structs.replace(scripted_engines(texts, lambda _: answer), voices=(SpeakingVoice(pcm),))


async def recording_of(operator: aiohttp.ClientSession, conversation_id: str) -> tuple[dict[str, Any], bytes]:
    """Its outline and its sound, once they are there."""
    path = f"/api/conversations/{conversation_id}/audio"
    async with asyncio.timeout(20):
        while True:
            async with operator.get(path) as answer:
                if answer.status == 200:
                    mp3 = await answer.read()
                    break
            await asyncio.sleep(0.05)
    async with operator.get(f"{path}/outline") as answer:
        outline: dict[str, Any] = await answer.json()
    return outline, mp3


class Track:
    """Sound with its time: what one side's device took in or gave out. Seconds of the loop's clock."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, bytes]] = []

    def add(self, at_s: float, pcm: bytes) -> None:
        self.frames.append((at_s, pcm))

    def laid(self, from_s: float, length: int) -> Sound:
        """``length`` samples from ``from_s`` on, each frame where it was."""
        found = np.zeros(length)
        for at_s, pcm in self.frames:
            start = round((at_s - from_s) * RATE)
            samples = np.frombuffer(pcm, np.int16)
            if start < 0:
                samples, start = samples[-start:], 0
            samples = samples[: max(0, length - start)]
            found[start : start + len(samples)] = samples
        return found


def decoded(mp3: bytes) -> tuple[Sound, Sound]:
    """Both voices, 24 kHz, in samples as of 16 bits."""
    with av.open(io.BytesIO(mp3)) as container:
        assert container.streams.audio[0].rate == RATE
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    sound = np.asarray(np.concatenate(frames, axis=1), np.float64)
    if np.abs(sound).max() <= 2.0:
        sound *= 32768
    return sound[0], sound[1]


class Match(Struct, frozen=True):
    """``lag_ms``: how much later the recording has it. ``likeness``: 0 to 1."""

    lag_ms: float
    likeness: float


def lags(recorded: Sound, true: Sound, *, reach_ms: int = 800) -> list[Match]:
    """Of every half second in which something is said, and which is found again."""
    window, reach = RATE // 2, reach_ms * RATE // 1000
    found = [_matched(recorded, true, at, window, reach) for at in range(0, len(true) - window, window // 2)]
    return [match for match in found if match is not None and match.likeness > 0.6]


def _matched(recorded: Sound, true: Sound, at: int, length: int, reach: int) -> Match | None:
    wanted = true[at : at + length]
    low = max(0, at - reach)
    around = recorded[low : at + length + reach]
    if np.sqrt((wanted**2).mean()) < QUIET or len(around) < length:
        return None
    size = 1 << (len(around) + length).bit_length()
    spectrum = np.fft.rfft(around, size) * np.conj(np.fft.rfft(wanted, size))
    products = np.fft.irfft(spectrum, size)[: len(around) - length + 1]
    energy = np.concatenate(([0.0], np.cumsum(around**2)))
    likeness = products / np.sqrt(np.maximum(energy[length:] - energy[:-length], 1.0) * (wanted**2).sum())
    best = int(likeness.argmax())
    return Match((low + best - at) * 1000 / RATE, float(likeness[best]))


def moved_ms(lags_ms: Sequence[float]) -> float:
    """How much later it is towards the end than at first; single ones are taken for their neighbours now and then."""
    half = len(lags_ms) // 2
    return abs(float(np.median(lags_ms[half:]) - np.median(lags_ms[:half])))


def loud_ms(sound: Sound) -> int:
    """In how much of it something is said."""
    steps = sound[: len(sound) // 480 * 480].reshape(-1, 480)
    return 20 * int((np.sqrt((steps**2).mean(axis=1)) > QUIET).sum())
