"""A caller's packets in the order they were sent. Pure.

Nothing is kept back that came in order: who recognises speech needs no even stream, and 80 ms of jitter buffer would be
80 ms of the answer. A packet that is missing is waited for until the ones behind it are too many.
"""

from typing import Generic, TypeVar

T = TypeVar("T")

NEW_STREAM = 1000
"""A sequence that is so far off has begun anew."""

_WRAP = 1 << 16


class InOrder(Generic[T]):
    """Of one stream, whose sequence numbers are those of RTP: of them 16 bits count."""

    def __init__(self, patience: int, *, first: int | None = None) -> None:
        """``patience``: so many packets may wait for one that is missing · ``first``: the number it begins with; None:
        any."""
        self._patience = patience
        self._next = first
        self._waiting: dict[int, T] = {}

    def add(self, sequence: int, packet: T) -> list[T]:
        """The packets whose turn has come. One that comes twice, or too late, is dropped."""
        sequence %= _WRAP
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
        while len(self._waiting) > self._patience:
            self._next = min(self._waiting, key=lambda waiting: (waiting - (self._next or 0)) % _WRAP)
            due += self._due()
        return due

    def _due(self) -> list[T]:
        due: list[T] = []
        while self._next is not None and (packet := self._waiting.pop(self._next, None)) is not None:
            due.append(packet)
            self._next = (self._next + 1) % _WRAP
        return due
