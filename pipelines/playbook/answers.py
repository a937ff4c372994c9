"""A passage of knowledge as one says it: the two sentences that answer the question."""

import re
from collections.abc import Sequence
from typing import Final

from pipelines.knowledge.analysis.english import is_special, terms

MAX_SENTENCES: Final = 2
MAX_CHARS: Final = 260

_WORD: Final = re.compile(r"[^\W_]+")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"\u201c0-9])")


def spoken_answer(text: str, question: str) -> str:
    """The passage's first sentences; from a later one on when what is asked stands only there, or its very words do: who
    asks for HIPAA is not answered with GDPR."""
    sentences = _SENTENCE.split(text.strip())
    asked = frozenset(terms(question))
    start = 0
    if len(sentences) > MAX_SENTENCES:
        special = _special_words(question)
        overlap = [
            (len(special & _special_words(sentence)), len(asked & frozenset(terms(sentence)))) for sentence in sentences
        ]
        best = max(range(len(sentences)), key=lambda place: (overlap[place], -place))
        start = best if overlap[best] > overlap[0] else 0
    return _in_one_breath(sentences[start:])


def spoken_opening(text: str) -> str:
    """The passage's first sentences, whatever is asked."""
    return _in_one_breath(_SENTENCE.split(text.strip()))


def first_sentence(text: str) -> str:
    """Of a passage."""
    return _SENTENCE.split(text.strip(), maxsplit=1)[0]


def _in_one_breath(sentences: Sequence[str]) -> str:
    kept = sentences[0]
    for sentence in sentences[1:MAX_SENTENCES]:
        if len(kept) + len(sentence) < MAX_CHARS:
            kept = f"{kept} {sentence}"
    return kept


def _special_words(text: str) -> frozenset[str]:
    return frozenset(filter(is_special, _WORD.findall(text.lower())))
