"""Sound that counts as speech, and a caller who speaks it."""

import array
import asyncio
from math import pi, sin

RATE = 16_000


def voice(duration_ms, rate=RATE):
    """A loud tone, 16-bit mono."""
    samples = int(rate * duration_ms / 1000)
    return array.array("h", (int(8000 * sin(2 * pi * 200 * n / rate)) for n in range(samples))).tobytes()


def silence(duration_ms, rate=RATE):
    return bytes(int(rate * duration_ms / 1000) * 2)


def send(stream, pcm, frame_ms=20):
    """In frames as the runner does, as fast as it goes."""
    size = RATE * 2 * frame_ms // 1000
    for at in range(0, len(pcm), size):
        stream.send_audio(pcm[at : at + size])


async def until(events, stop, deadline_s=15):
    """Events up to the first for which ``stop`` holds."""
    seen = []
    async with asyncio.timeout(deadline_s):
        async for event in events:
            seen.append(event)
            if stop(event):
                return seen
    return seen
