"""The phrasing files, and how a line of them becomes sentences.

A line is a pattern: ``(a|b|)`` is one of the alternatives, ``<name>`` an entry of that list in ``lists.txt``; ``#``
starts a comment. The files are named after the labels; ``padding.txt`` holds what people say around what they mean.
"""

import random
import re
from functools import cache
from importlib import resources
from typing import Final

from pipelines.intent.labels import LABELS, IntentLabel

DRAWS_PER_PATTERN: Final = 30
"""Sentences drawn from one pattern at most, so that a wide pattern does not drown the narrow ones."""

DRAWS_PER_OTHER_PATTERN: Final = 60
"""The same for what is out of scope, which has the most words to show."""

WRITTEN_OUT: Final = 48
"""A pattern with no more alternatives than this is taken whole."""

_ALTERNATIVES: Final = re.compile(r"\(([^()]*)\)")
_LIST: Final = re.compile(r"<(\w+)>")


def lines(name: str) -> list[str]:
    """A data file's lines without comments and blanks."""
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


@cache
def word_lists() -> dict[str, tuple[str, ...]]:
    """The named lists of ``lists.txt``."""
    pairs = (line.split("=", 1) for line in lines("lists.txt"))
    return {name.strip(): tuple(entry.strip() for entry in entries.split("|")) for name, entries in pairs}


def expand(pattern: str, rng: random.Random) -> str:
    """One random sentence of a pattern."""
    text = pattern
    while (match := _ALTERNATIVES.search(text)) is not None:
        text = text[: match.start()] + rng.choice(match[1].split("|")) + text[match.end() :]
    text = _LIST.sub(lambda match: rng.choice(word_lists()[match[1]]), text)
    return " ".join(text.split())


def write_out(pattern: str, rng: random.Random) -> list[str]:
    """Every choice of the pattern's alternatives, or nothing when there are too many; list entries stay random."""
    texts = [pattern]
    while any(_ALTERNATIVES.search(text) for text in texts):
        texts = [
            text[: match.start()] + choice + text[match.end() :]
            for text in texts
            if (match := _ALTERNATIVES.search(text)) is not None
            for choice in match[1].split("|")
        ]
        if len(texts) > WRITTEN_OUT:
            return []
    return [expand(text, rng) for text in texts]


def sentences(label: IntentLabel, seed: int) -> list[str]:
    """Distinct sentences of a label. Each pattern draws by itself: one more changes what no other gives."""
    draws = DRAWS_PER_OTHER_PATTERN if label == "other" else DRAWS_PER_PATTERN
    found: dict[str, None] = {}
    for pattern in lines(f"{label}.txt"):
        rng = random.Random(f"{seed} {label} {pattern}")  # noqa: S311 - phrasings, not secrets
        found.update(dict.fromkeys(write_out(pattern, rng)))
        found.update(dict.fromkeys(expand(pattern, rng) for _ in range(draws)))
    return list(found)


def corpus(seed: int) -> list[tuple[str, IntentLabel]]:
    """Every label's sentences, in the order of the labels."""
    return [(text, label) for label in LABELS for text in sentences(label, seed)]


def padding() -> tuple[list[str], list[str]]:
    """What people say before, and what they say after, the words that matter."""
    text = lines("padding.txt")
    split = text.index("[after]")
    return text[1:split], text[split + 1 :]
