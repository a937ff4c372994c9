"""The callers' voices: each line as the server's own voice says it, as it comes through a telephone."""

import asyncio
import io
import re
import wave
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from agent_server.cli.showing.doors import Doors
from pipelines.audio.g711 import ulaw_decode, ulaw_encode
from pipelines.audio.resample import resampler
from simulators.audio.loudness import WINDOW_MS, Loudness
from simulators.audio.said_now import Phrase, SpokenLine

_AT_ONCE: Final = 4
_TELEPHONE_HZ: Final = 8_000
_BYTES_PER_MS: Final = 8
_BREATH: Final = b"\xff" * (250 * _BYTES_PER_MS)
_THRESHOLD_DBFS: Final = -45.0
_BREATHS: Final = re.compile(r"(?<=[.?!]) +")


class Voiced(Struct, frozen=True):
    """``audio``: mu-law. ``line``: what a recogniser makes of it."""

    audio: bytes
    line: SpokenLine


Voices = Mapping[tuple[str, str], Voiced]
"""By text and voice."""


async def record(doors: Doors, lines: Iterable[tuple[str, str]]) -> Voices:
    """Raises CommandError."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(text: str, voice: str) -> Voiced:
        breaths = _BREATHS.split(text)
        async with places:
            sounds = [await doors.sound("/api/voice/synthesize", {"text": each, "voice": voice}) for each in breaths]
        return voiced(list(zip(breaths, sounds, strict=True)))

    said = list(lines)
    return dict(zip(said, await asyncio.gather(*(one(*line) for line in said)), strict=True))


def voiced(breaths: list[tuple[str, bytes]]) -> Voiced:
    """One line of several, each with its text and its WAV file."""
    audio = b""
    levels: list[int] = []
    phrases: list[Phrase] = []
    for text, wav in breaths:
        sound = (_BREATH if audio else b"") + _telephone_sound(wav)
        sound += b"\xff" * (-len(sound) % (WINDOW_MS * _BYTES_PER_MS))
        heard = Loudness(_TELEPHONE_HZ, _THRESHOLD_DBFS).feed(ulaw_decode(sound))
        loud = [len(levels) + at for at, level in enumerate(heard) if level]
        if loud:
            phrases.append(Phrase(text, loud[0] * WINDOW_MS, (loud[-1] + 1) * WINDOW_MS))
        audio += sound
        levels += heard
    return Voiced(audio, SpokenLine(tuple(phrases), tuple(levels)))


def _telephone_sound(wav: bytes) -> bytes:
    with wave.open(io.BytesIO(wav)) as file:
        rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    narrow = resampler(rate, _TELEPHONE_HZ)
    return ulaw_encode(narrow.feed(pcm) + narrow.flush())
