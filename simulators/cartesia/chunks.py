"""Speech cut into the pieces that go over the wire, made once for each text and manner of speaking."""

from base64 import b64encode
from functools import lru_cache

from msgspec import Struct

from simulators.audio.pcm import BYTES_PER_SAMPLE
from simulators.audio.voice import Speech, Style, speak
from simulators.audio.words import TimedWord

CHUNK_MS = 100


class Chunk(Struct, frozen=True):
    """``data``: the audio, also as base64 text. ``words``: those that begin in it."""

    audio: bytes
    data: str
    words: tuple[TimedWord, ...]


class Spoken(Struct, frozen=True):
    """A text's chunks, of 100 ms each but for the last."""

    chunks: tuple[Chunk, ...]
    duration_ms: float


@lru_cache(maxsize=512)
def cut(text: str, style: Style, *, split_samples: bool = False) -> Spoken:
    """Render and cut. ``split_samples``: chunks end in the middle of a sample."""
    speech = speak(text, style)
    sample = BYTES_PER_SAMPLE[style.format.encoding]
    size = style.format.sample_rate * CHUNK_MS // 1000 * sample
    edge = 1 if split_samples and sample > 1 else 0
    bounds = [min(at + edge, len(speech.audio)) for at in range(size, len(speech.audio), size)]
    starts = [0, *bounds]
    ends = [*bounds, len(speech.audio)]
    cuts = zip(starts, ends, strict=True)
    return Spoken(tuple(_chunk(speech, start, end, size) for start, end in cuts if end > start), speech.duration_ms)


def _chunk(speech: Speech, start: int, end: int, size: int) -> Chunk:
    from_ms, until_ms = start / size * CHUNK_MS, end / size * CHUNK_MS
    if end == len(speech.audio):
        until_ms = float("inf")
    words = tuple(word for word in speech.words if from_ms <= word.start_ms < until_ms)
    audio = speech.audio[start:end]
    return Chunk(audio, b64encode(audio).decode(), words)
