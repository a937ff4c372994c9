"""The callers' voices: each line as the server's own voice says it, for the telephone and for the recogniser, which is
simulated and so understands exactly these."""

import asyncio
import io
import wave
from collections.abc import Iterable
from typing import Final

from agent_server.cli.showing.doors import Doors
from pipelines.audio.g711 import ulaw_encode
from pipelines.audio.resample import resampler
from simulators.script import Recording, Script

_AT_ONCE: Final = 4
_TELEPHONE_HZ: Final = 8_000


async def record(doors: Doors, lines: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The sound of each line with its voice, as a WAV file."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(text: str, voice: str) -> bytes:
        async with places:
            return await doors.sound("/api/voice/synthesize", {"text": text, "voice": voice})

    said = list(lines)
    return dict(zip(said, await asyncio.gather(*(one(*line) for line in said)), strict=True))


def script_of(recordings: dict[tuple[str, str], bytes]) -> Script:
    """What the simulated recogniser knows. Of anything else it hears nothing."""
    known = tuple(Recording(text, wav) for (text, _), wav in recordings.items())
    return Script(sentences=(), recordings=known)


def telephone_sound(wav: bytes) -> bytes:
    """Mu-law."""
    with wave.open(io.BytesIO(wav)) as file:
        rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    narrow = resampler(rate, _TELEPHONE_HZ)
    return ulaw_encode(narrow.feed(pcm) + narrow.flush())
