"""Spoken numbers as figures where one would write figures: counts, prices, percentages, times. Pure.

A number below ten that counts nothing special stays a word ("one of us"), and so do numbers that stand side by side and
make no sense together ("fifty fifty").
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

_UNITS: Final = {
    word: value
    for value, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), start=1)
}
_TEENS: Final = {
    word: value
    for value, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=10
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_DIGITS: Final = {"zero": "0", "oh": "0", "o": "0", **{word: str(value) for word, value in _UNITS.items()}}
_FEWEST_DIGITS: Final = 4
"""So many in a row are a telephone number or a code, not a count."""

_CURRENCIES: Final = {"dollars": "$", "dollar": "$", "bucks": "$", "euros": "€", "euro": "€", "pounds": "£"}
_HALVES: Final = {("a", "m"): "am", ("p", "m"): "pm"}
_CLEAR_MINUTES: Final = (15, 30, 45)
"""With these "three fifteen" is a time whatever stands around it."""

_BEFORE_TIMES: Final = frozenset(
    "at around about before after by until till say do from for monday tuesday wednesday thursday friday saturday "
    "sunday tomorrow today morning afternoon evening".split()
)
_ORDINALS: Final = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
)
_RANGE_WORDS: Final = frozenset(("to", "or", "and"))


class _Spoken(Struct, frozen=True):
    """A number in the words from ``start`` to ``end``. ``article``: it began with "a", as in "a hundred"."""

    value: float
    start: int
    end: int
    article: bool = False


def write_figures(words: Sequence[str]) -> list[str]:
    """The words with their numbers written as figures."""
    written: list[str] = []
    at = 0
    while at < len(words):
        found = _digit_string(words, at) or _time(words, at) or _amount(words, at)
        if found is None:
            written.append(words[at])
            at += 1
        else:
            text, at = found
            written.append(text)
    return written


def _digit_string(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "five five five oh one" as 55501; "double five" as 55."""
    digits = ""
    while at < len(words):
        if words[at] in _DIGITS:
            digits += _DIGITS[words[at]]
            at += 1
        elif words[at] == "double" and at + 1 < len(words) and words[at + 1] in _DIGITS:
            digits += 2 * _DIGITS[words[at + 1]]
            at += 2
        else:
            break
    return (digits, at) if len(digits) >= _FEWEST_DIGITS else None


def _time(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "three p m", "three thirty", "ten oh five a m", "nine o'clock"."""
    hour = _UNITS.get(words[at]) or _TEENS.get(words[at], 0)
    if not 1 <= hour <= 12:
        return None
    minutes, end = _minutes(words, at + 1)
    half = _HALVES.get((words[end], words[end + 1])) if end + 1 < len(words) else None
    if half is not None:
        return (f"{hour}:{minutes:02} {half}" if minutes is not None else f"{hour} {half}"), end + 2
    if minutes is None:
        return (f"{hour} o'clock", at + 2) if words[at + 1 : at + 2] == ["o'clock"] else None
    expected = at > 0 and words[at - 1] in _BEFORE_TIMES
    if (expected or minutes in _CLEAR_MINUTES) and not _counts_on(words, end):
        return f"{hour}:{minutes:02}", end
    return None


def _minutes(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The minutes of a time and where they end; None when there are none."""
    if words[at : at + 1] == ["oh"] and at + 1 < len(words) and words[at + 1] in _UNITS:
        return _UNITS[words[at + 1]], at + 2
    number = _cardinal(words, at)
    if number is not None and not number.article and 10 <= number.value < 60 and number.value == int(number.value):
        return int(number.value), number.end
    return None, at


def _counts_on(words: Sequence[str], end: int) -> bool:
    """What follows makes a number of it: "five fifteen thousand", "two fifty dollars"."""
    return end < len(words) and (
        words[end] in _SCALES or words[end] in _CURRENCIES or words[end] in ("hundred", "percent")
    )


def _amount(words: Sequence[str], at: int) -> tuple[str, int] | None:
    number = _cardinal(words, at)
    if number is None:
        return None
    after = words[number.end] if number.end < len(words) else ""
    if after in _CURRENCIES:
        return f"{_CURRENCIES[after]}{_figure(number.value)}", number.end + 1
    if after == "percent":
        return f"{_figure(number.value)}%", number.end + 1
    if (year := _year(words, number)) is not None:
        return year
    if after in _ORDINALS or _cardinal(words, number.end) is not None:
        return " ".join(words[at : _end_of_run(words, number.end)]), _end_of_run(words, number.end)
    if (shared := _shared_scale(words, number)) is not None:
        return shared
    plain = " ".join(words[at : number.end])
    stays = number.value < 10 or number.value != int(number.value) or (number.article and number.end - at == 2)
    if stays and number.value == int(number.value):
        return plain, number.end
    return _figure(number.value), number.end


def _shared_scale(words: Sequence[str], low: _Spoken) -> tuple[str, int] | None:
    """ "five to ten thousand dollars": both are thousands, so the scale stays a word."""
    if low.value >= 1000 or words[low.end : low.end + 1] == [] or words[low.end] not in _RANGE_WORDS:
        return None
    high = _cardinal(words, low.end + 1)
    if high is None or high.value < 1000 or words[high.end - 1] not in _SCALES:
        return None
    scale = words[high.end - 1]
    return f"{_figure(low.value)} {words[low.end]} {_figure(high.value / _SCALES[scale])} {scale}", high.end


def _year(words: Sequence[str], century: _Spoken) -> tuple[str, int] | None:
    """ "twenty twenty six"."""
    rest = _cardinal(words, century.end)
    if century.value in (19, 20) and rest is not None and 10 <= rest.value < 100:
        return f"{_figure(century.value)}{_figure(rest.value)}", rest.end
    return None


def _end_of_run(words: Sequence[str], at: int) -> int:
    while (number := _cardinal(words, at)) is not None:
        at = number.end
    return at


def _cardinal(words: Sequence[str], at: int) -> _Spoken | None:
    """The number that begins here: "a hundred and five", "twelve thousand three hundred", "three point five"."""
    start = at
    total = 0
    article = False
    while at < len(words):
        group, end = _below_thousand(words, at)
        if group is None and words[at] == "a" and words[at + 1 : at + 2] in (["hundred"], ["thousand"], ["million"]):
            article = at == start
            hundred = words[at + 1] == "hundred"
            group, end = _hundreds(words, at + 2, 100) if hundred else (1, at + 1)
        if group is None:
            break
        if end < len(words) and words[end] in _SCALES and (total == 0 or _SCALES[words[end]] < total):
            total += group * _SCALES[words[end]]
            at = end + 1
            continue
        if total and total % 1000:
            break
        total += group
        at = end
        break
    if at == start:
        return None
    value, at = _decimals(words, at, total)
    return _Spoken(value=value, start=start, end=at, article=article)


def _below_thousand(words: Sequence[str], at: int) -> tuple[int | None, int]:
    word = words[at]
    if word in _TENS:
        unit = _UNITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
        value, end = _TENS[word] + unit, at + (2 if unit else 1)
        return (value * 100, end + 1) if words[end : end + 1] == ["hundred"] else (value, end)
    if word in _TEENS or word in _UNITS:
        value = _TEENS.get(word) or _UNITS[word]
        if words[at + 1 : at + 2] == ["hundred"]:
            return _hundreds(words, at + 2, value * 100)
        return value, at + 1
    return None, at


def _hundreds(words: Sequence[str], at: int, value: int) -> tuple[int, int]:
    """What may follow "hundred": "and five", "fifty"."""
    rest_at = at + 1 if words[at : at + 1] == ["and"] else at
    if rest_at < len(words) and (words[rest_at] in _TENS or words[rest_at] in _TEENS or words[rest_at] in _UNITS):
        rest, end = _below_thousand(words, rest_at)
        if rest is not None and rest < 100:
            return value + rest, end
    return value, at


def _decimals(words: Sequence[str], at: int, value: int) -> tuple[float, int]:
    digits = ""
    if words[at : at + 1] == ["point"]:
        end = at + 1
        while end < len(words) and words[end] in _DIGITS:
            digits += _DIGITS[words[end]]
            end += 1
        if digits:
            return float(f"{value}.{digits}"), end
    return value, at


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"
