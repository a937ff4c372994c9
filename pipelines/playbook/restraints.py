"""What the operator's instructions forbid, as far as rules can heed it: questions not to ask, prices not to name."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pipelines.intent.labels import Expected

_SENTENCE: Final = re.compile(r"[^.!?\n]+")
_FORBIDS: Final = re.compile(r"\b(?:never|do not|don['\u2019]?t|must not|avoid|no need to)\b(.*)", re.IGNORECASE)
_ASKS: Final = re.compile(r"^\W*(?:\w+ )?(?:ask(?:ing)?|enquire|inquire|request(?:ing)?)\b", re.IGNORECASE)
_NAMES: Final = re.compile(
    r"^\W*(?:\w+ )?(?:quot|mention|giv|stat|discuss|talk|nam|tell|reveal|disclos|shar|speak)\w*\b.{0,30}"
    r"\b(?:prices?|pricing|costs?|discounts?|rates)\b",
    re.IGNORECASE,
)
_ABOUT: Final[tuple[tuple[Expected, str], ...]] = (
    ("budget", r"\bbudgets?\b|\bspend\b"),
    ("team_size", r"\b(?:team|company) size\b|\bhow (?:many|large|big)\b|\bnumber of (?:people|users|employees)\b"),
    ("authority", r"\bdeci(?:des?|sions?)\b|\bauthority\b"),
    ("timing", r"\btim(?:ing|eline|e ?frame)\b|\bhow soon\b|\bdeadlines?\b"),
    ("email", r"\be-?mails?\b"),
    ("phone", r"\b(?:phone|telephone|mobile) numbers?\b"),
    ("name", r"\btheir names?\b"),
)


_PRICE: Final = re.compile(r"\b(?:dollars?|cents|euros?|pounds?|percent)\b|[$\u20ac\u00a3%]", re.IGNORECASE)
_WHOLE_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


class Restraints(Struct, frozen=True):
    """``unasked``: questions that are not to be put; ``no_prices``: none are to be named."""

    unasked: frozenset[Expected] = frozenset()
    no_prices: bool = False


@lru_cache(maxsize=64)
def read_restraints(instructions: str) -> Restraints:
    forbidden = [found[1] for found in map(_FORBIDS.search, _SENTENCE.findall(instructions)) if found is not None]
    unasked = [rest for rest in forbidden if _ASKS.match(rest)]
    return Restraints(
        frozenset(question for question, words in _ABOUT for rest in unasked if re.search(words, rest, re.IGNORECASE)),
        any(_NAMES.match(rest) for rest in forbidden),
    )


def without_prices(text: str) -> str:
    """The sentences that name none."""
    return " ".join(sentence for sentence in _WHOLE_SENTENCE.split(text) if _PRICE.search(sentence) is None)
