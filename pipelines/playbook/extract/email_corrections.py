"""An address that was read back and is not quite right: "no, brightsmiles with an s", "it's dot org", "Green with an e".

Whoever corrects says the part that is wrong, seldom the whole address again.
"""

import re
from difflib import SequenceMatcher
from typing import Final

from pipelines.playbook.extract.emails import NOT_LOCAL, TOP_DOMAINS

ALIKE: Final = 0.75
"""From here on a word said is a part of the address misheard, by ``SequenceMatcher.ratio``."""

SHORTEST: Final = 4
"""Letters of a word that is compared: shorter ones are like everything."""

_WORD: Final = re.compile(r"[a-z0-9]+")
_SEPARATORS: Final = re.compile(r"([._+@-])")
_NOT: Final = re.compile(r"\b(?:dot )?([a-z0-9]+),? (?:and )?not (?:dot )?([a-z0-9]+)\b")
_NOT_BUT: Final = re.compile(r"\bnot (?:dot )?([a-z0-9]+),? (?:but |its |it is )(?:dot )?([a-z0-9]+)\b")
_ENDING: Final = re.compile(r"\b(?:dot |ends (?:in|with) (?:dot )?)([a-z]{2,})\b")
_LAST_LETTER: Final = re.compile(r"\b([a-z0-9]+),? (?:with|has|ends (?:in|with)) an? ([a-z])(?: at the end)?$")
_LETTERS: Final = re.compile(r"\b[a-z](?: [a-z]){2,}\b")


def corrected_email(known: str, text: str) -> str | None:
    """The address as it is then, another than ``known``; None when the text does not say what is wrong with it."""
    said = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", "").replace("-", " ")
    said = " ".join(re.sub(r"[.,!;:]", " ", said).split())
    spelled = {letters.replace(" ", "") for letters in _LETTERS.findall(said)}
    said = _LETTERS.sub(lambda letters: letters[0].replace(" ", ""), said)
    parts = _SEPARATORS.split(known)
    for corrected in (
        _exchanged(parts, said),
        _ended(parts, said),
        _with_letter(parts, said),
        _heard_anew(parts, said, spelled),
    ):
        if corrected is not None and corrected != known:
            return corrected
    return None


def _exchanged(parts: list[str], said: str) -> str | None:
    """ "org, not com"."""
    for pattern, right, wrong in ((_NOT_BUT, 2, 1), (_NOT, 1, 2)):
        for match in pattern.finditer(said):
            if match[wrong] in parts:
                return _replaced(parts, match[wrong], match[right])
    return None


def _ended(parts: list[str], said: str) -> str | None:
    """ "Dot org"."""
    ends = [ending for ending in _ENDING.findall(said) if ending in TOP_DOMAINS]
    return "".join([*parts[:-1], ends[-1]]) if ends else None


def _with_letter(parts: list[str], said: str) -> str | None:
    """ "Green with an e"."""
    match = _LAST_LETTER.search(said)
    return _replaced(parts, match[1], match[1] + match[2]) if match is not None and match[1] in parts else None


def _heard_anew(parts: list[str], said: str, spelled: set[str]) -> str | None:
    """The word said that is most like a part, and none of them; one that was ``spelled`` may be short."""
    words = spelled | {word for word in _WORD.findall(said) if len(word) >= SHORTEST and word not in NOT_LOCAL}
    pairs = [
        (SequenceMatcher(None, part, word).ratio(), part, word)
        for word in sorted(words - {*parts})
        for part in parts[:-1]
        if len(part) >= SHORTEST
    ]
    ratio, part, word = max(pairs, default=(0.0, "", ""))
    return _replaced(parts, part, word) if ratio >= ALIKE else None


def _replaced(parts: list[str], wrong: str, right: str) -> str:
    """At the last place: a domain is corrected more often than a name."""
    at = len(parts) - 1 - parts[::-1].index(wrong)
    return "".join([*parts[:at], right, *parts[at + 1 :]])
