"""A prompt cache that keeps what it is told to keep, as Anthropic's: a prefix that ends with a marked block is written,
and only such a prefix is ever read."""

from collections import OrderedDict
from collections.abc import Sequence
from zlib import crc32

_LOOKED_BACK = 20
"""Blocks before a mark at which a prefix that was written is looked for."""

_MOST_PREFIXES = 20_000


class MarkedPrefixes:
    """Remembers prefixes per model. Times in seconds, lengths in characters."""

    def __init__(self, shortest: int, lifetime_s: float = 300.0) -> None:
        """``shortest``: what is shorter is not written."""
        self._shortest = shortest
        self._lifetime_s = lifetime_s
        self._known: OrderedDict[tuple[str, int], float] = OrderedDict()

    def take(self, model: str, blocks: Sequence[tuple[str, bool]], now: float) -> tuple[int, int]:
        """How much of a prompt is read, and how much behind that is written. Its blocks come in order, each with
        whether it is marked."""
        prefixes: list[tuple[str, int]] = []
        lengths: list[int] = []
        fingerprint = length = 0
        for text, _ in blocks:
            fingerprint = crc32(text.encode(), fingerprint)
            length += len(text)
            prefixes.append((model, fingerprint))
            lengths.append(length)
        marks = [at for at, (_, is_marked) in enumerate(blocks) if is_marked and lengths[at] >= self._shortest]
        looked_at = {at for mark in marks for at in range(max(0, mark - _LOOKED_BACK), mark + 1)}
        found = [at for at in looked_at if self._known.get(prefixes[at], 0.0) > now]
        for at in (*found, *marks):
            self._known[prefixes[at]] = now + self._lifetime_s
            self._known.move_to_end(prefixes[at])
        while len(self._known) > _MOST_PREFIXES:
            self._known.popitem(last=False)
        read = max((lengths[at] for at in found), default=0)
        return read, max((lengths[at] for at in marks), default=read) - read
