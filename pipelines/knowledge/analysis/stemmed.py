"""Languages whose endings Snowball's stemmers take off; what else is to be known of one is a ``Lexicon``."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Final

import snowballstemmer
from msgspec import Struct

from pipelines.knowledge.analysis.analyzer import Analyzer

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST: Final = 2
"""What an elision leaves ("l'offre") is no word."""

_MOST_REMEMBERED: Final = 8192


class Lexicon(Struct, frozen=True):
    """Of one language. ``stemmer``: Snowball's name of it. ``everyday``: words that tell nothing of what is asked.
    ``synonyms``: a line each, the name they go under first. ``asks_price``: a pattern of what asks for the first of
    these names without a word for it."""

    language: str
    stemmer: str
    everyday: str
    synonyms: str
    asks_price: str
    compounds: bool = False


def analyzer(lexicon: Lexicon) -> Analyzer:
    everyday = frozenset(map(folded, lexicon.everyday.split()))
    term = _term_of(lexicon, everyday)
    asks_price, price = re.compile(lexicon.asks_price), f" {lexicon.synonyms.split()[0]} "

    def terms(text: str) -> list[str]:
        words = _WORD.findall(asks_price.sub(price, folded(text)))
        return [found for word in words if len(word) >= _SHORTEST and (found := term(word))]

    def shape(text: str, subject: str) -> frozenset[str]:
        lowered = folded(text)
        return frozenset(_WORD.findall(lowered.replace(folded(subject), " ") if subject else lowered))

    return Analyzer(lexicon.language, terms, shape, everyday, lexicon.compounds)


def _term_of(lexicon: Lexicon, everyday: frozenset[str]) -> Callable[[str], str]:
    """A folded word's term; "" for an everyday word."""
    stem, one_at_a_time = snowballstemmer.stemmer(lexicon.stemmer).stemWord, Lock()
    named: dict[str, str] = {}
    for line in lexicon.synonyms.strip().splitlines():
        name, *others = (stem(folded(word)) for word in line.split())
        named |= dict.fromkeys((name, *others), name)

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def term(word: str) -> str:
        if word in everyday:
            return ""
        with one_at_a_time:  # a stemmer works on a word it holds, and topics are taught in a thread
            stemmed: str = stem(word)
        return named.get(stemmed, stemmed)

    return term


def folded(text: str) -> str:
    """Small letters without accents: who types leaves them out."""
    apart = unicodedata.normalize("NFKD", text.lower().replace("\N{LATIN SMALL LETTER SHARP S}", "ss"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
