"""Pronouncing dictionaries in the form of the CMU dictionary: "word PH ON EM", alternatives as "word(2)". Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

_ALTERNATIVE = re.compile(r"\(\d+\)$")


def parse_dictionary(text: str) -> dict[str, list[str]]:
    """Pronunciations by word, in the file's order."""
    pronunciations: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, sounds = line.strip().partition(" ")
        if sounds:
            pronunciations.setdefault(_ALTERNATIVE.sub("", word), []).append(sounds.strip())
    return pronunciations


def dictionary_lines(words: Iterable[str], pronunciations: Mapping[str, list[str]]) -> Iterator[str]:
    """A dictionary of these words only. Raises KeyError for a word nobody can pronounce."""
    for word in words:
        for number, sounds in enumerate(pronunciations[word], start=1):
            yield f"{word} {sounds}" if number == 1 else f"{word}({number}) {sounds}"
