"""The caller's packets in the order they were sent. Pure.

Nothing is kept back that came in order: who recognises speech needs no even stream, and 80 ms of jitter buffer would be
80 ms of the answer. A packet that is missing is waited for until the ones behind it are too many.
"""

from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 3
"""So many packets, 60 ms, may wait for one that is missing."""

NEW_STREAM = 1000
"""A sequence that is so far off has begun anew."""

_WRAP = 1 << 16


class InOrder(Generic[T]):
    """``sequence`` numbers are those of RTP, 16 bits."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._waiting: dict[int, T] = {}

    def add(self, sequence: int, packet: T) -> list[T]:
        """The packets whose turn has come."""
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) % _WRAP
        if NEW_STREAM < ahead < _WRAP - NEW_STREAM:
            self._waiting.clear()
            self._next, ahead = sequence, 0
        if ahead >= _WRAP // 2:
            return []  # its turn is over
        self._waiting[sequence] = packet
        due = self._due()
        while len(self._waiting) > PATIENCE:
            self._next = min(self._waiting, key=lambda waiting: (waiting - (self._next or 0)) % _WRAP)
            due += self._due()
        return due

    def _due(self) -> list[T]:
        due: list[T] = []
        while self._next is not None and (packet := self._waiting.pop(self._next, None)) is not None:
            due.append(packet)
            self._next = (self._next + 1) % _WRAP
        return due
