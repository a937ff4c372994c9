"""The words a recogniser is told to expect. Pure.

Vendors refuse a connection that names too many: Deepgram past 500 tokens, Cartesia past 100 terms or 1200 characters.
"""

import re
from collections.abc import Iterable

MAX_CHARS = 1200
MAX_WORDS = 100
"""Tokens are at most the characters by four, and one more a word."""

MAX_PROMPT_CHARS = 4_000
"""More of a prompt is not looked at."""

_ENTRY_WORDS = 4
"""So much between two commas is an entry of a list, more is part of a sentence."""

_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:[A-Z0-9][\w'&-]*[ \t]?)+")
"""Capitals in mid-sentence, as names and product words have them."""


def terms_in(prompt: str) -> tuple[str, ...]:
    """The words to expect in a prompt written for a model that reads prose: a list as it is, of sentences the names."""
    pieces = re.split(r"[,;\n]+", prompt[:MAX_PROMPT_CHARS].removeprefix("Keywords:"))
    if all(len(piece.split()) <= _ENTRY_WORDS for piece in pieces):
        return tuple(piece.strip(" .") for piece in pieces)
    names = (found.group().strip() for found in _NAME.finditer(prompt[:MAX_PROMPT_CHARS]))
    return tuple(name for name in names if len(name) > 1 and not name.isdigit())


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
