"""What was written to be read, as it is to be said: sentences without links, notes and signs. Pure."""

import re
from typing import Final

_LINK: Final = re.compile(r"\(?\s*(?:see |at |under )?(?:https?://|www\.)\S+?\s*(?=[).,;]?(?:\s|$))\)?", re.IGNORECASE)
_NOTE: Final = re.compile(r"\[\d{1,3}\]|[†‡§¶©®™]|(?<![\W\d]m)(?<![\W\d][mcdk]m)(?<![\W\d]ft)[¹²³⁰⁴-⁹]+")
"""Square metres are none."""

_DOTS: Final = re.compile(r"\s*(?:\.\s?){4,}\s*\d*|…")
_SIGNS: Final = re.compile(r"[•‣◦▪●■□➢✓✔→|_]{1,}")
_SECOND_STOP: Final = re.compile(r"(?<=[.!?])\s+\.(?=\s|$)")
"""Of a sentence that was a link alone."""

_SPACE_BEFORE: Final = re.compile(r"\s+([.,;:!?])(?=\s|$)")
_EMPTY_BRACKETS: Final = re.compile(r"[(\[{]\s*[)\]}]")
_BEFORE: Final = re.compile(r"^(?:(?![-\u2013]\d)[-\u2013\u2014;,\s])+")
"""Dashes and the like before the first word, but for the sign of a number."""

_LIST_BREAK: Final = re.compile(r";\s+")
_LONG_SENTENCE: Final = 200
"""Longer ones are parted at semicolons: one breath says so much."""


def flat(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def spoken(text: str) -> str:
    """One paragraph, with an end."""
    plain = _LINK.sub(" ", text)
    plain = flat(_NOTE.sub("", plain))
    plain = _DOTS.sub(". ", plain)
    plain = _SIGNS.sub(" ", plain)
    plain = _EMPTY_BRACKETS.sub("", plain)
    plain = _SECOND_STOP.sub("", flat(plain))
    plain = _SPACE_BEFORE.sub(r"\1", plain).rstrip(" -\u2013\u2014;,")
    plain = _BEFORE.sub("", plain)
    if not any(letter.isalnum() for letter in plain):
        return ""
    parts = _LIST_BREAK.split(plain) if len(plain) > _LONG_SENTENCE else [plain]
    return " ".join(_ended(part) for part in parts if part)


def _ended(part: str) -> str:
    capital = part[0].upper() + part[1:]
    return capital if capital.endswith((".", "!", "?", ".)", '."', ".”")) else f"{capital.rstrip(':,')}."
