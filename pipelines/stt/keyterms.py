"""The words a recogniser is told to expect. Pure.

Vendors refuse a connection that names too many: Deepgram past 500 tokens, Cartesia past 100 terms or 1200 characters.
"""

from collections.abc import Iterable

MAX_CHARS = 1200
MAX_WORDS = 100
"""Tokens are at most the characters by four, and one more a word."""


def keyterms(*lists: Iterable[str]) -> tuple[str, ...]:
    """Of all lists, the first coming first, as many as every vendor takes; each once."""
    kept: dict[str, str] = {}
    chars = words = 0
    for term in (" ".join(given.split()) for given in (entry for entries in lists for entry in entries)):
        if not term or term.casefold() in kept:
            continue
        chars, words = chars + len(term), words + term.count(" ") + 1
        if chars > MAX_CHARS or words > MAX_WORDS:
            break
        kept[term.casefold()] = term
    return tuple(kept.values())
