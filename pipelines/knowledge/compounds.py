"""Compounds of languages that write several words as one: of one that is not known, the part that is."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import Final

SHORTEST_PART: Final = 4
"""Letters: a shorter one begins or ends too many words that have nothing to do with it."""

_LAST: Final = chr(0x10FFFF)


class Compounds:
    """Of known words, sorted once from either end, so that a question of many words costs a turn nothing."""

    def __init__(self, words: Collection[str]) -> None:
        self._known = frozenset(word for word in words if len(word) >= SHORTEST_PART)
        self._longest = max(map(len, self._known), default=0)
        self._forward = sorted(self._known)
        self._backward = sorted(word[::-1] for word in self._known)

    def known(self, word: str) -> str:
        """The longest known word that is a part of it, or that it is a part of, at the beginning or the end:
        "vertragslaufzeit" and "vertrag". Itself where there is none, or where it is too short to tell."""
        if len(word) < SHORTEST_PART:
            return word
        return max(self._akin(word), key=lambda other: (len(other), other), default=word)

    def _akin(self, word: str) -> Iterator[str]:
        for letters in range(SHORTEST_PART, min(len(word), self._longest) + 1):
            yield from self._known.intersection((word[:letters], word[-letters:]))
        yield from _beginning_with(word, self._forward)
        yield from (other[::-1] for other in _beginning_with(word[::-1], self._backward))


def _beginning_with(start: str, words: Sequence[str]) -> Sequence[str]:
    return words[bisect_left(words, start) : bisect_left(words, start + _LAST)]
