"""Speech for the embedded recogniser: spoken by the embedded voice, or recorded from people."""

import wave
from pathlib import Path

from pipelines.audio.resample import resampler
from pipelines.tts.espeak import EspeakSpeech
from pipelines.tts.port import Audio, TtsOptions

RATE = 16_000
BYTES_PER_MS = RATE * 2 // 1000
SPEECH = Path(__file__).parents[2] / "data" / "speech"

_spoken: dict[tuple[str, str], bytes] = {}


async def spoken(text: str, voice: str = "alloy") -> bytes:
    """The text said by the embedded voice, with 100 ms of silence on either side."""
    if (text, voice) not in _spoken:
        speech = await EspeakSpeech.start()
        context = speech.open(TtsOptions(voice=voice))
        context.send_text(text)
        context.finish()
        pcm = b"".join([event.pcm async for event in context if isinstance(event, Audio)])
        await speech.aclose()
        convert = resampler(speech.sample_rate, RATE)
        rest = silence(100)
        _spoken[text, voice] = rest + convert.feed(pcm) + convert.flush() + rest
    return _spoken[text, voice]


def recorded(name: str) -> bytes:
    """A recording of ``tests/data/speech``."""
    with wave.open(str(SPEECH / f"{name}.wav")) as wav:
        pcm: bytes = wav.readframes(wav.getnframes())
        return pcm


def silence(milliseconds: int) -> bytes:
    return bytes(milliseconds * BYTES_PER_MS)


def word_errors(expected: str, heard: str) -> int:
    """Substitutions, deletions and insertions (Levenshtein distance over words)."""
    reference, hypothesis = expected.split(), heard.split()
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(hypothesis, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]
