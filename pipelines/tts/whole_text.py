"""A whole text spoken at once, for those who do not listen while it is made."""

import struct
from collections.abc import Callable

from msgspec import Struct

from pipelines.tts.port import Audio, TextToSpeech, TtsError, TtsOptions

Given = Callable[[str, int], None]
"""Hears the name of each voice that began to speak, and of how many characters: they cost, also where it breaks off."""


class Speech(Struct, frozen=True):
    """Signed 16-bit mono PCM. ``voice``: the engine that spoke."""

    pcm: bytes
    sample_rate: int
    voice: str

    @property
    def wav(self) -> bytes:
        return wav_file(self.pcm, self.sample_rate)


async def speak(voices: tuple[TextToSpeech, ...], text: str, options: TtsOptions, given: Given) -> Speech:
    """Down the ladder of voices. Raises TtsError when the last one fails too."""
    *preferred, last = voices
    for provider in preferred:
        try:
            return await _spoken(provider, text, options, given)
        except TtsError:
            continue
    return await _spoken(last, text, options, given)


async def _spoken(provider: TextToSpeech, text: str, options: TtsOptions, given: Given) -> Speech:
    context = provider.open(options)
    pcm = bytearray()
    try:
        context.send_text(text)
        context.finish()
        async for event in context:
            if isinstance(event, Audio):
                if not pcm:
                    given(provider.name, len(text))
                pcm += event.pcm
    finally:
        context.cancel()
    return Speech(bytes(pcm), provider.sample_rate, provider.name)


def wav_file(pcm: bytes, sample_rate: int) -> bytes:
    """Mono 16-bit PCM with the 44 byte header of RIFF/WAVE in front."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1),
        *(sample_rate, sample_rate * 2, 2, 16, b"data", len(pcm)),
    )
    return header + pcm
