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
_NUMERIC: Final = frozenset({*_UNITS, *_TENS, *_ROUGH, *_SCALES, *_GROUPS})

_TOKEN: Final = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[a-z]+")
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b")
_NOT_A_NUMBER: Final = re.compile(
    r"\b(?:(?:this|that|the|which|no|any|every|some|another|other|right|wrong|first|second|last|only|good|bad|new) one"
    r"|one (?:of|thing|more|second|sec|moment|minute|question|another|day|time)|(?:a|in a|just a) few (?:words"
    r"|minutes|seconds))\b"
)


@lru_cache(maxsize=4096)
def find_numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order. "One" as a pronoun is none, nor are ordinals ("the 24th", "the third")."""
    lowered = text.lower()
    blanked = (
        _NOT_A_NUMBER.sub(lambda match: " " * len(match[0]), lowered)
        if "one" in lowered or "few" in lowered
        else lowered
    )
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
    total = 0.0
    current: float | None = None
    last_end = at
    while at < len(tokens):
        word = tokens[at][0]
        if word[0].isdigit():
            if current is not None:
                break
            current = float(word.replace(",", ""))
        elif word in _UNITS:
            if current is not None and not (
                current % 100 == 0 or (current % 10 == 0 and current % 100 > 10 and _UNITS[word] < 10)
            ):
                break
            current = (current or 0) + _UNITS[word]
        elif word in _TENS:
            if current is not None and current % 100 != 0:
                break
            current = (current or 0) + _TENS[word]
        elif word in _ROUGH:
            if current is not None:
                break
            current = float(_ROUGH[word])
        elif word in _GROUPS:
            current = (current or 1) * _GROUPS[word]
        elif word in _SCALES and (current is not None or word not in ("k", "grand", "mil")):
            total += (current or 1) * _SCALES[word]
            current = None
            last_end = at + 1
            at += 1
            continue
        elif word == "half" and _words(tokens, at + 1, 2) == ["a", "dozen"]:
            return 6.0, at + 3
        elif word in _JOINS and _continues(tokens, at, started=current is not None or total > 0):
            at += 1
            continue
        else:
            break
        at += 1
        last_end = at
    if current is None and total == 0:
        return None, at
    return total + (current or 0), last_end


def _words(tokens: list[re.Match[str]], at: int, count: int) -> list[str]:
    return [token[0] for token in tokens[at : at + count]]


def _continues(tokens: list[re.Match[str]], at: int, *, started: bool) -> bool:
    """Whether "a", "and" or "of" belongs to a number here: "a hundred and twenty", "a couple of thousand"."""
    word = tokens[at][0]
    following = _words(tokens, at + 1, 1)
    if not following:
        return False
    if word in ("a", "an"):
        return not started and following[0] in {*_GROUPS, *_SCALES, *_ROUGH} - {"k", "grand"}
    if not started:
        return False
    before = tokens[at - 1][0]
    if word == "and":
        return before in ("hundred", "thousand") and following[0] in {*_UNITS, *_TENS}
    return before in _ROUGH and following[0] in {*_GROUPS, *_SCALES}
