"""A caller for tests: sentences in a synthetic person's voice, heard by simulated recognisers as what they are."""

import base64
import io
import wave
from collections.abc import Iterable

from pipelines.audio.resample import resampler
from pipelines.tts.espeak import EspeakSpeech
from pipelines.tts.port import Audio, TtsOptions

RATE = 24_000


async def voiced(texts: Iterable[str], *, speed: float = 1.0) -> dict[str, bytes]:
    """Each text as 24 kHz PCM."""
    voice = await EspeakSpeech.start()
    try:
        return {text: await _said(voice, text, speed) for text in texts}
    finally:
        await voice.aclose()


def recording(text: str, pcm: bytes) -> dict[str, str]:
    """For the simulators' script: what sounds like this is recognised as the text."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(RATE)
        sink.writeframes(pcm)
    return {"text": text, "wav": base64.b64encode(file.getvalue()).decode()}


async def _said(voice: EspeakSpeech, text: str, speed: float) -> bytes:
    context = voice.open(TtsOptions(voice="alloy", speed=speed))
    context.send_text(text)
    context.finish()
    convert = resampler(voice.sample_rate, RATE)
    return b"".join([convert.feed(event.pcm) async for event in context if isinstance(event, Audio)]) + convert.flush()
