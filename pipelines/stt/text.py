"""What a recogniser spells out, written as one would write it. Pure.

"c r m" is CRM, "jane at acme dot com" an e-mail address, "twenty five people" 25 people; pronunciation marks and noises
are taken off. Everything else stays as it was heard: lower case, without punctuation.
"""

import re
from collections.abc import Sequence
from typing import Final

from pipelines.stt.addresses import write_addresses
from pipelines.stt.figures import write_figures

_VARIANT: Final = re.compile(r"\(\d+\)")
_NOISE: Final = re.compile(r"</?s>|<[^>]*>|\[[^]]*\]|\+\+\w+\+\+")
_SHORT_ABBREVIATIONS: Final = frozenset(("ai", "vp", "uk", "eu", "us", "hr", "it", "tv", "pc", "qa", "pr"))
_FEWEST_LETTERS: Final = 3
"""Of so many letters in a row every one was spelled; fewer may be the words "a" and "I"."""


def plain_text(heard: str) -> str:
    """The text of what was heard."""
    words = _NOISE.sub(" ", _VARIANT.sub("", heard)).split()
    return " ".join(_join_letters(write_figures(write_addresses(words))))


def _join_letters(words: Sequence[str]) -> list[str]:
    written: list[str] = []
    letters = ""
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        if letters[:1] in ("a", "i") and letters[1:] in _SHORT_ABBREVIATIONS:
            written.extend((letters[0], letters[1:].upper()))
        elif len(letters) >= _FEWEST_LETTERS or letters in _SHORT_ABBREVIATIONS:
            written.append(letters.upper())
        else:
            written.extend(letters)
        letters = ""
        written.append(word)
    return written[:-1]
