"""Numbers in figures and in words: "25", "1,200", "5k", "a hundred and twenty", "a couple dozen"."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct


class Number(Struct, frozen=True):
    """A number and where it stands in the text."""

    value: float
    start: int
    end: int


_UNITS: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen"
        " eighteen nineteen".split()
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_ROUGH: Final = {"couple": 2, "few": 3, "handful": 5, "several": 7}
_SCALES: Final = {
    "thousand": 1_000,
    "thousands": 1_000,
    "grand": 1_000,
    "k": 1_000,
    "million": 1_000_000,
    "mil": 1_000_000,
}
_GROUPS: Final = {"hundred": 100, "hundreds": 100, "dozen": 12, "dozens": 12}
_JOINS: Final = frozenset(("a", "an", "and", "of"))
MAX_WORDS: Final = 12
"""Longer numbers nobody says."""

_TOKEN: Final = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[a-z]+")
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b")
_NOT_A_NUMBER: Final = re.compile(
    r"\b(?:(?:this|that|the|which|no|any|every|some|another|other|right|wrong|first|second|last|only|good|bad|new) one"
    r"|one (?:of|thing|more|second|sec|moment|minute|question|another|day|time)|with one [a-z]\b|(?:a|in a"
    r"|just a) few (?:words"
    r"|minutes|seconds))\b"
)


_IN_A_NAME: Final = re.compile(r"\b(?!(?:usd|eur|gbp|q)\d)[a-z]+\d\w*|\b\d+(?:x\d+|cx)\b")
"""Of a product: "five9", "8x8", "3cx"."""

_MISHEARD_TWO: Final = re.compile(r"\btoo(?= (?:hundred|thousand|grand)\b)")
"""As recognisers write it; of the same length, so that places in the text stay."""

_A_GRAND: Final = re.compile(r"\ba grand\b(?! (?:total|opening|piano|plan|idea|tour|jury))")


@lru_cache(maxsize=4096)
def find_numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order. "One" as a pronoun is none, nor are ordinals ("the 24th", "the third")."""
    lowered = _A_GRAND.sub("1 grand", _MISHEARD_TWO.sub("two", text.lower()))
    blanked = (
        _NOT_A_NUMBER.sub(lambda match: " " * len(match[0]), lowered)
        if "one" in lowered or "few" in lowered
        else lowered
    )
    blanked = _IN_A_NAME.sub(lambda name: " " * len(name[0]), blanked)
    tokens = list(_TOKEN.finditer(blanked))
    found: list[Number] = []
    at = 0
    while at < len(tokens):
        value, after = _read(tokens, at)
        if value is None:
            at += 1
            continue
        end = tokens[after - 1].end()
        if not _ORDINAL.match(blanked, end):
            found.append(Number(value, tokens[at].start(), end))
        at = after
    return tuple(found)


def _read(tokens: list[re.Match[str]], at: int) -> tuple[float | None, int]:
    """The number that begins at a token and the token after it; None when none begins there."""
    words = [token[0] for token in tokens[at : at + MAX_WORDS]]
    if words[:3] == ["half", "a", "dozen"]:
        return 6.0, at + 3
    number = _Reading()
    used = 0
    for place, word in enumerate(words):
        if word in _JOINS:
            if not _joins(words, place, started=used > 0):
                break
        elif number.take(word):
            used = place + 1
        else:
            break
    return (number.value, at + used) if used else (None, at)


class _Reading:
    """A number being read word by word: what stands before the last thousand, and what has come since."""

    def __init__(self) -> None:
        self._thousands = 0.0
        self._rest: float | None = None

    @property
    def value(self) -> float:
        return self._thousands + (self._rest or 0)

    def take(self, word: str) -> bool:
        """Whether the word goes on with the number; if so it is added."""
        rest = self._rest
        if word[0].isdigit() or word in _ROUGH:
            fits = rest is None
            rest = float(_ROUGH.get(word) or word.replace(",", ""))
        elif word in _UNITS:
            unit = _UNITS[word]
            fits = rest is None or rest % 100 == 0 or (rest % 10 == 0 and rest % 100 > 10 and unit < 10)
            rest = (rest or 0) + unit
        elif word in _TENS:
            fits = rest is None or rest % 100 == 0
            rest = (rest or 0) + _TENS[word]
        elif word in _GROUPS:
            fits = True
            rest = (rest or 1) * _GROUPS[word]
        else:
            return self._scale(word)
        if fits:
            self._rest = rest
        return fits

    def _scale(self, word: str) -> bool:
        scale = _SCALES.get(word)
        if scale is None or (self._rest is None and word in ("k", "grand", "mil")):
            return False
        self._thousands += (self._rest or 1) * scale
        self._rest = None
        return True


def _joins(words: list[str], place: int, *, started: bool) -> bool:
    """Whether "a", "and" or "of" belongs to a number here: "a hundred and twenty", "a couple of thousand"."""
    word, following = words[place], words[place + 1] if place + 1 < len(words) else ""
    if word in ("a", "an"):
        return not started and following in {*_GROUPS, *_SCALES, *_ROUGH} - {"k", "grand"}
    if not started:
        return False
    before = words[place - 1]
    if word == "and":
        return before in ("hundred", "thousand") and following in {*_UNITS, *_TENS}
    return before in _ROUGH and following in {*_GROUPS, *_SCALES}
