"""Telephone numbers in what somebody types or says: "415 555 0132", "four one five, five five five, oh one three two"."""

import re
from typing import Final

from storage.phone_number import normalised

_TYPED: Final = re.compile(r"\+\d[\d ().-]{7,}\d|\(?\b\d{3}\)?[ .-]*\d{3}[ .-]*\d{4}\b")
_DIGITS: Final = {
    word: str(value % 10) for value, word in enumerate("zero one two three four five six seven eight nine oh".split())
} | {"o": "0"}
_DIGIT: Final = rf"(?:(?:double |triple )?(?:{'|'.join(_DIGITS)})|\d)"
_SPOKEN: Final = re.compile(rf"\b(?:plus )?{_DIGIT}(?:[ ,.-]+{_DIGIT}){{6,}}\b", re.IGNORECASE)
_TIMES: Final = {"double": 2, "triple": 3}


def find_phone(text: str) -> str | None:
    """The number in E.164, taken for one of North America where no country is named; None where none is complete."""
    for pattern in (_TYPED, _SPOKEN):
        for match in pattern.finditer(text):
            number = normalised(_as_digits(match[0]))
            if number is not None:
                return number
    return None


def without_phones(text: str) -> str:
    """The text with no number to call in it: its digits count nothing."""
    return _SPOKEN.sub(" ", _TYPED.sub(" ", text))


def spoken_phone(number: str) -> str:
    """As one reads it out: in groups, a number of North America without its country."""
    national = number.removeprefix("+1")
    if len(national) == 10 and number.startswith("+1"):
        return f"{national[:3]} {national[3:6]} {national[6:]}"
    return number


def _as_digits(said: str) -> str:
    digits: list[str] = []
    times = 1
    for word in re.findall(r"[a-z]+|\d|\+", said.lower()):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digits.append("+" if word in ("plus", "+") else _DIGITS.get(word, word) * times)
        times = 1
    return "".join(digits)
