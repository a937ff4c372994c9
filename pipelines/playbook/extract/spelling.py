"""Names that are spelled: "J-O-N", "that's S M Y T H", "Smith with a y"."""

import re
from difflib import SequenceMatcher
from typing import Final

ALIKE: Final = 0.6
"""From here on one word is another one misheard, by ``SequenceMatcher.ratio``."""

_LETTERS: Final = r"[A-Za-z](?:-[A-Za-z])+\b|[A-Za-z](?:[ .]{1,2}[A-Za-z]\b){2,}"
_SPELLED: Final = re.compile(
    rf"(?:\b(?P<said>[A-Za-z][\w'\u2019]+)(?:,|\.| that'?s| it'?s| spelled| is spelled)+ )?(?<![\w'\u2019])(?P<letters>{_LETTERS})",
    re.IGNORECASE,
)
_WITH_LETTER: Final = re.compile(
    r"\b([A-Za-z]{2,})(?: is| spelled)?,? with an? ([a-z](?: ?h)?)(?=$|[.,!]| (?:not|at the end|instead|in it)\b)",
    re.IGNORECASE,
)
_SOUND_ALIKE: Final = (("i", "y"), ("c", "k"), ("s", "z"), ("v", "ph"), ("f", "ph"), ("v", "w"), ("g", "j"))


def written(text: str) -> str:
    """The text with what is spelled in it as words, in place of how they sounded: "Jon, J-O-N, Smyth" is "Jon, Smyth"."""
    return _SPELLED.sub(_as_word, text)


def _as_word(spelled: re.Match[str]) -> str:
    word = re.sub(r"[^A-Za-z]", "", spelled["letters"]).capitalize()
    said = spelled["said"]
    return word if said is None or alike(said, word) else f"{said} {word}"


def respelled(known: str, text: str) -> str | None:
    """A name of several words with those put right that the text spells, or says a letter of; None: it does neither."""
    spelled = [_as_word(found).split()[-1] for found in _SPELLED.finditer(text)]
    hinted = _WITH_LETTER.search(text)
    parts = known.split()
    right = [_right(part, spelled, hinted) for part in parts]
    return " ".join(right) if right != parts else None


def _right(part: str, spelled: list[str], hinted: re.Match[str] | None) -> str:
    if hinted is not None and alike(hinted[1], part):
        return _with_letter(hinted[1], hinted[2].replace(" ", "").lower(), part)
    return next((word for word in spelled if alike(word, part)), part)


def _with_letter(said: str, letter: str, known: str) -> str:
    """``said`` as it is written with the letter: as it stands where it has it and is news."""
    word = said[:1].upper() + said[1:]
    if letter in word.lower() and word.lower() != known.lower():
        return word
    for pair in _SOUND_ALIKE:
        other = pair[1 - pair.index(letter)] if letter in pair else ""
        if other and other in word.lower():
            at = word.lower().index(other)
            new = f"{word[:at]}{letter}{word[at + len(other) :]}"
            return new[:1].upper() + new[1:]
    return f"{word}e" if letter == "e" and not word.lower().endswith("e") else known


def alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() >= ALIKE
