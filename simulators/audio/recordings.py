"""Telling known recordings by the shape of their loudness, whatever sample rate, level or codec they came through."""

import io
import wave
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from simulators.audio.loudness import WINDOW_MS, Loudness
from simulators.audio.words import TimedWord, spread
from simulators.errors import ConfigError
from simulators.script import Recording

LONGEST_QUERY = 300
"""Windows beyond the first 3 s tell nothing new."""
_SURE_WINDOWS = 60
_SURE_CORRELATION = 0.9
_EARLY_CORRELATION = 0.96
_LATER_CORRELATION = 0.8

Shape = npt.NDArray[np.float32]


class Known(Struct, frozen=True):
    """A recording, its words placed on its own time line, and its loudness (logarithm of each window's level)."""

    words: tuple[TimedWord, ...]
    shape: Shape


class Match(Struct, frozen=True):
    """``offset_ms``: where in the recording the sound began. ``sure``: more audio will not change it."""

    known: Known
    offset_ms: float
    sure: bool


class Library:
    """The known recordings."""

    def __init__(self, recordings: Iterable[Recording], threshold_dbfs: float) -> None:
        self._known = [_read(recording, threshold_dbfs) for recording in recordings]

    def __bool__(self) -> bool:
        return bool(self._known)

    def match(self, levels: Sequence[int]) -> Match | None:
        """The recording that levels (of windows since the sound began) come from, as far as can be told."""
        query = shape_of(levels[:LONGEST_QUERY])
        best: tuple[float, Known, int] | None = None
        for known in self._known:
            correlation, at = _best_fit(query, known.shape)
            if best is None or correlation > best[0]:
                best = (correlation, known, at)
        enough = len(query) >= _SURE_WINDOWS
        if best is None or best[0] < (_LATER_CORRELATION if enough else _EARLY_CORRELATION):
            return None
        return Match(best[1], best[2] * WINDOW_MS, sure=enough and best[0] >= _SURE_CORRELATION)


NOTHING_KNOWN = Library((), 0.0)


def _read(recording: Recording, threshold_dbfs: float) -> Known:
    try:
        with wave.open(io.BytesIO(recording.wav)) as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1:
                raise ConfigError(f"recording {recording.text!r} is not 16-bit mono")
            rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ConfigError(f"recording {recording.text!r}: {error}") from None
    levels = Loudness(rate, threshold_dbfs).feed(pcm)
    return Known(_place(recording.text.split(), levels), shape_of(levels))


def _place(words: list[str], levels: Sequence[int]) -> tuple[TimedWord, ...]:
    """Spread the words over the voiced windows alone, so that pauses fall between words."""
    voiced = [index * WINDOW_MS for index, level in enumerate(levels) if level]
    if not voiced:
        raise ConfigError("a recording has no audible speech")
    edges = [*voiced, voiced[-1] + WINDOW_MS]
    placed = spread(words, 0, len(voiced))
    return tuple(TimedWord(word.text, edges[int(word.start_ms)], edges[round(word.end_ms)]) for word in placed)


def shape_of(levels: Sequence[int]) -> Shape:
    """Of levels, one a window."""
    return np.log(np.maximum(np.asarray(levels, np.float32), 50.0))


def _best_fit(query: Shape, shape: Shape) -> tuple[float, int]:
    """The highest correlation coefficient of the query with any stretch of the shape, and where that begins."""
    if len(query) > len(shape):
        query = query[: len(shape)]
    deviation = query - query.mean()
    norm = float(np.sqrt(deviation @ deviation))
    if norm == 0:
        return 0.0, 0
    stretches = np.lib.stride_tricks.sliding_window_view(shape, len(query))
    spread_of = stretches.std(axis=1) * np.sqrt(len(query))
    scores = stretches @ deviation / (np.maximum(spread_of, 1e-6) * norm)
    at = int(scores.argmax())
    return float(scores[at]), at
