"""When the caller said what they said, worked out from when their audio came. Pure.

Frames come late by turns, in bursts after a stall, and not at all while a client is muted. A frame that came in time
shows how late those before it were: each is put where the timeliest of the next seconds says it belongs.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Final

WINDOW_MS: Final = 2000.0
JITTER_MS: Final = 60.0
"""A line's delay that moves by less is left alone: every move is a click."""


def frame_starts(frames: Sequence[tuple[float, float]]) -> list[float]:
    """Where each frame begins on the session's clock, which may be before it began. ``frames``: when each came, and its
    length (ms), in order. One that begins before another ends came faster than that did: of both there is the earlier.
    """
    ends: list[float] = []
    total = 0.0
    for _, length_ms in frames:
        total += length_ms
        ends.append(total)
    least = _least_delays([came - end for (came, _), end in zip(frames, ends, strict=True)], frames)
    starts: list[float] = []
    delay: float | None = None
    for (_, length_ms), end, wanted in zip(frames, ends, least, strict=True):
        if delay is None or abs(wanted - delay) > JITTER_MS:
            delay = wanted
        starts.append(delay + end - length_ms)
    return starts


def _least_delays(delays: Sequence[float], frames: Sequence[tuple[float, float]]) -> list[float]:
    """For each frame the least delay of it and of those that came within ``WINDOW_MS`` after it."""
    found = [0.0] * len(delays)
    waiting: deque[int] = deque()
    """Later frames, the least delay first."""
    for index in range(len(delays) - 1, -1, -1):
        while waiting and delays[waiting[-1]] >= delays[index]:
            waiting.pop()
        waiting.append(index)
        while frames[waiting[0]][0] - frames[index][0] > WINDOW_MS:
            waiting.popleft()
        found[index] = delays[waiting[0]]
    return found


class CallerClock:
    """From a time in the caller's audio, as the conversation counts it, to the session's clock."""

    def __init__(self, starts: Sequence[float], lengths: Sequence[float], first_ms: float) -> None:
        """``first_ms``: how much audio had come before the first frame."""
        self._starts = starts
        self._media: list[float] = []
        for length_ms in lengths:
            self._media.append(first_ms)
            first_ms += length_ms
        self._end_ms = first_ms

    def at(self, audio_ms: float) -> float | None:
        """None: it is not in the recording."""
        if not self._media or not self._media[0] - 1.0 <= audio_ms <= self._end_ms + 1.0:
            return None
        index = max(0, bisect_right(self._media, audio_ms) - 1)
        return self._starts[index] + audio_ms - self._media[index]
