"""Telling what is heard by what is being said just now, where whoever speaks is in the same process and says so.

Among the few lines that are being said the right one is certain, which among all there are it is not: on a telephone,
and cut by pauses, short lines sound alike.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from simulators.audio.loudness import WINDOW_MS
from simulators.audio.recordings import LONGEST_QUERY, Known, Library, Match, Shape, shape_of
from simulators.audio.words import TimedWord, spread

LINGERS_MS: Final = 4_000.0
"""So long a line may still be asked for after its end."""

_REACH: Final = 30
"""Windows by which it may arrive later than it was said, or earlier."""
_LIKE: Final = 0.4
"""Least correlation; noise and other people's voices have less."""
_SURE_WINDOWS: Final = 40
_SNAP_MS: Final = 350.0
_SPOKEN_SHARE: Final = 0.85
"""Of a phrase, within which its words are taken to lie: its quiet end is not heard."""


class Phrase(Struct, frozen=True):
    """A breath of a line: text, and where it lies in the line's sound."""

    text: str
    start_ms: float
    end_ms: float


class SpokenLine(Struct, frozen=True):
    """``levels``: of its windows (``Loudness``)."""

    phrases: tuple[Phrase, ...]
    levels: tuple[int, ...]


class _Said(Struct, frozen=True):
    known: Known
    starts_ms: tuple[float, ...]
    began_ms: float

    @property
    def is_asked_until_ms(self) -> float:
        return self.began_ms + len(self.known.shape) * WINDOW_MS + LINGERS_MS


class SaidNow(Library):
    """``clock``: in seconds. ``say`` when somebody begins a line; a line of theirs before it is over then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__((), 0.0)
        self._clock = clock
        self._said: dict[str, _Said] = {}

    def __bool__(self) -> bool:
        return True

    def say(self, who: str, line: SpokenLine) -> None:
        words: list[TimedWord] = []
        for phrase in line.phrases:
            end_ms = phrase.start_ms + (phrase.end_ms - phrase.start_ms) * _SPOKEN_SHARE
            words += spread(phrase.text.split(), phrase.start_ms, end_ms)
        known = Known(tuple(words), shape_of(line.levels))
        starts_ms = tuple(phrase.start_ms for phrase in line.phrases)
        self._said[who] = _Said(known, starts_ms, self._clock() * 1000)

    def leave(self, who: str) -> None:
        self._said.pop(who, None)

    def match(self, levels: Sequence[int]) -> Match | None:
        query, now_ms = shape_of(levels[:LONGEST_QUERY]), self._clock() * 1000
        best: tuple[float, _Said, float] | None = None
        for said in self._said.values():
            if now_ms > said.is_asked_until_ms:
                continue
            expected = (now_ms - said.began_ms) / WINDOW_MS - len(levels)
            likeness, offset = _likeness(query, said.known.shape, round(expected))
            if best is None or likeness > best[0]:
                best = (likeness, said, offset * WINDOW_MS)
        if best is None or best[0] < _LIKE:
            return None
        return Match(best[1].known, _snapped(best[2], best[1].starts_ms), sure=len(query) >= _SURE_WINDOWS)


def _likeness(query: Shape, shape: Shape, expected: int) -> tuple[float, int]:
    """The highest correlation with the line about where it should be, and there."""
    before = _REACH + max(0, -expected)
    padded = np.pad(shape, (before, len(query) + _REACH), constant_values=shape_of([0])[0])
    best = (-1.0, max(expected, 0))
    for offset in range(expected - _REACH, expected + _REACH + 1):
        stretch = padded[offset + before : offset + before + len(query)]
        if offset + before >= 0 and len(stretch) == len(query):
            best = max(best, (_correlation(query, stretch), offset))
    return best[0], max(best[1], 0)


def _correlation(one: Shape, other: Shape) -> float:
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / norm if norm else 0.0


def _snapped(offset_ms: float, starts_ms: Sequence[float]) -> float:
    """Where the phrase begins that begins about there."""
    nearest = min(starts_ms, key=lambda start: abs(start - offset_ms), default=offset_ms)
    return nearest if abs(nearest - offset_ms) <= _SNAP_MS else offset_ms
