"""What the index needs of a language."""

from collections.abc import Callable

from msgspec import Struct


class Analyzer(Struct, frozen=True):
    """``language``: its ISO 639-1 code. ``terms``: a text's terms in order, repeats kept: words without endings,
    synonyms under one name, everyday words left out. ``shape``: the everyday words of a question about a subject, which
    are all there is of "what do you do?". ``everyday``: words that nearly every sentence of it has some of.
    ``compounds``: whether it writes several words as one."""

    language: str
    terms: Callable[[str], list[str]]
    shape: Callable[[str, str], frozenset[str]]
    everyday: frozenset[str]
    compounds: bool = False


def dice(a: frozenset[str], b: frozenset[str]) -> float:
    """How alike two sets are, from 0 to 1 (Dice's coefficient)."""
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
