"""E-mail and web addresses as one dictates them: "jane dot doe at acme dot com" is jane.doe@acme.com. Pure."""

from collections.abc import Sequence
from typing import Final

_ENDINGS: Final = frozenset(
    "com org net io co ai de eu edu gov info biz us uk app dev fr es it nl ch at ca au nz in me tv".split()
)
_SPELLED_ENDINGS: Final = {
    ("c", "o", "m"): "com",
    ("i", "o"): "io",
    ("a", "i"): "ai",
    ("c", "o"): "co",
    ("d", "e"): "de",
    ("e", "u"): "eu",
    ("u", "k"): "uk",
    ("u", "s"): "us",
    ("f", "r"): "fr",
    ("i", "n"): "in",
}
_COUNTRIES: Final = frozenset(("uk", "au", "nz", "in"))
_JOINTS: Final = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+"}
_DIGITS: Final = {
    word: str(value)
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), start=0
    )
}
_BEFORE_NAMES: Final = frozenset(
    "is it's its that's to me use please yes yeah no so um uh well okay and or mail email e address at was it on the "
    "this try called under from via with i'm just".split()
)
"""Words that end a search for the beginning of a name: it stands right of them."""

_NO_NAMES: Final = frozenset(
    "look us website site page visit works work people here find online team anyone someone".split()
)
_LONGEST_NAME: Final = 10
_MOST_PLAIN_WORDS: Final = 3
_LONGEST_DOMAIN: Final = 8


def write_addresses(words: Sequence[str]) -> list[str]:
    """The words with every dictated address written as one."""
    written: list[str] = []
    at = 0
    while at < len(words):
        domain = _domain(words, at + 1) if words[at] == "at" else None
        if domain is not None:
            name_length = _name_length(written)
            if name_length:
                name = _joined(written[-name_length:])
                written[-name_length:] = [f"{name}@{domain[0]}"]
                at = domain[1]
                continue
        site = _domain(words, at, longest=1) if words[at] not in _JOINTS else None
        if site is not None:
            written.append(site[0])
            at = site[1]
            continue
        written.append(words[at])
        at += 1
    return written


def _domain(words: Sequence[str], at: int, longest: int = _LONGEST_DOMAIN) -> tuple[str, int] | None:
    """A domain that begins here, and where it ends. ``longest``: words before its ending."""
    for dot in range(at + 1, min(at + longest + 1, len(words))):
        if words[dot] != "dot":
            continue
        ending = _ending(words, dot + 1)
        if ending is not None:
            return f"{_joined(words[at:dot])}.{ending[0]}", ending[1]
        if longest == 1:
            return None
    return None


def _ending(words: Sequence[str], at: int) -> tuple[str, int] | None:
    spelled = next((letters for letters in _SPELLED_ENDINGS if tuple(words[at : at + len(letters)]) == letters), None)
    if spelled is not None:
        ending = _SPELLED_ENDINGS[spelled]
    elif at < len(words) and words[at] in _ENDINGS:
        spelled, ending = (words[at],), words[at]
    else:
        return None
    end = at + len(spelled)
    if words[end : end + 1] == ["dot"] and (country := _ending(words, end + 1)) and country[0] in _COUNTRIES:
        return f"{ending}.{country[0]}", country[1]
    return ending, end


def _name_length(words: Sequence[str]) -> int:
    """How many of the last words are the name before the "at"; 0 when there is none."""
    if not words or words[-1] in _NO_NAMES or words[-1] in _BEFORE_NAMES:
        return 0
    length = plain = 0
    joined = True
    for word in reversed(words[-_LONGEST_NAME:]):
        if word in _BEFORE_NAMES:
            return length
        if word in _JOINTS:
            joined = True
        else:
            # A letter or a figure is spelled; a word that no joint ties on may still be a first name.
            plain += not joined and len(word) > 1 and word not in _DIGITS
            joined = False
        if plain > _MOST_PLAIN_WORDS - 1:
            return _tied_length(words)
        length += 1
    return length if plain == 0 or length <= _MOST_PLAIN_WORDS else _tied_length(words)


def _tied_length(words: Sequence[str]) -> int:
    """The last word, with what joints, letters and figures tie to it."""
    length = 1
    while length < len(words):
        before = words[-length - 1]
        tied = before in _JOINTS or words[-length] in _JOINTS
        spelled = all(len(word) == 1 or word in _DIGITS for word in (before, words[-length]))
        if not (tied or spelled):
            break
        length += 1
    return length


def _joined(words: Sequence[str]) -> str:
    return "".join(_JOINTS.get(word) or _DIGITS.get(word) or word.replace("'", "") for word in words)
