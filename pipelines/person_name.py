"""How somebody is addressed whose name stands in a list, a signature or a CRM. Pure."""

import re
from typing import Final, NamedTuple

_TITLES: Final = frozenset(
    {"dr", "doctor", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "ing", "dipl", "med"}
    | {"mme", "mlle", "monsieur", "madame", "señor", "señora", "sr", "sra"}
)
_AFTER: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "mba", "md", "esq", "msc", "bsc", "cpa"})
"""What may stand behind a name, in full or abbreviated."""

_NO_NAME: Final = re.compile(r"[\d@/\\:<>{}\[\]]")
"""In an address or a number that stands where a name should."""


class PersonName(NamedTuple):
    """``title``: the first of them, as it is written; each part may be empty."""

    title: str
    first: str
    last: str


def parted(name: str | None) -> PersonName:
    """ "Dr. Anna Huber", "Huber, Anna" and "ANNA HUBER, MBA" are the same person."""
    head, _, tail = " ".join((name or "").split()).partition(",")
    words, behind = head.split(), [word for word in tail.replace(",", " ").split() if _key(word) not in _AFTER]
    words = behind + words
    titles = []
    while words and _key(words[0]) in _TITLES:
        titles.append(words.pop(0))
    while len(words) > 1 and _key(words[-1]) in _AFTER:
        words.pop()
    if " ".join(words).isupper():
        words = [word.title() if len(word.strip(".")) > 2 else word for word in words]
    if len(words) == 1 and titles:
        return PersonName(titles[0], "", words[0])
    return PersonName(titles[0] if titles else "", words[0] if words else "", " ".join(words[1:]))


def addressed(name: str | None) -> str:
    """By the first name; who has a title, by it and the last name; an initial is no name to call somebody by. "" when
    there is none."""
    title, first, last = parted(name)
    if _NO_NAME.search(f"{title} {first} {last}"):
        return ""
    if title and last:
        return f"{title} {last.split()[-1]}"
    if len(first.strip(".")) == 1 and last:
        return f"{first} {last}"
    return first


def _key(word: str) -> str:
    return word.strip(".,").replace(".", "").lower()
