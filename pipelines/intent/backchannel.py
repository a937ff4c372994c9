"""Whether a text is only a listener's signal ("mhm", "right, okay") that leaves the floor with the other."""

import re
from typing import Final

from pipelines.language.tags import ENGLISH, is_english, primary
from pipelines.language.words import WORDS, folded

MAX_WORDS: Final = 8
"""Somebody who says more than this is talking."""

_NOT_LETTERS: Final = re.compile(r"[^a-z' ]+")

_SOUNDS: Final = re.compile(
    r"(?:m+h*m+(?:\s?h+m+)*|m+\s?h+m+|m+|h+m+|u+h+\s?h+u+h+|uh+|um+|er+m*|a+h+|o+h+|aha|uhu|ah ha|uh huh|mhm|huh|hm+)"
)
"""Voiced sounds as recognisers spell them: "mm-hmm", "uh-huh", "ahh"."""

_PHRASES: Final = frozenset(
    phrase.strip()
    for phrase in """
    yeah, yea, ya, yep, yup, yes, okay, ok, okey, kay, right, sure, alright, all right, got it, gotcha, i see, i got it,
    i got you, i know, i understand, understood, makes sense, that makes sense, it makes sense, of course, exactly,
    absolutely, totally, true, thats true, thats right, cool, nice, great, good, perfect, interesting, wow, oh wow,
    really, oh really, fair enough, no problem, go on, go ahead, sounds good, that sounds good, very good, very nice,
    fine, thats fine, correct, indeed, definitely, i hear you, for sure, no doubt, amazing, awesome, excellent,
    wonderful, i agree, i guess, tell me more, keep going, im listening, im with you, following
    """.split(",")
)

_ANSWERS: Final = frozenset(
    "yeah yea ya yep yup yes okay ok right sure alright correct exactly absolutely totally definitely perfect great "
    "good"
    " fine".split()
)
"""Signals that also answer a question."""

_LONGEST: Final = max(phrase.count(" ") + 1 for phrase in _PHRASES)


def is_backchannel(text: str, *, answering: bool = False, language: str = ENGLISH) -> bool:
    """Whether the (interim) text should leave the floor with the agent. Empty text takes nothing either.

    ``answering``: the agent has just put a question, so that "yeah" is the answer and only sounds remain signals.
    ``language``: what is talked; of one whose signals are not known only sounds are.
    """
    phrases, answers = _PHRASES, _ANSWERS
    if is_english(language):
        plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        words = _NOT_LETTERS.sub(" ", plain).replace("'", "").split()
    else:
        own = WORDS.get(primary(language))
        phrases, answers = (own.signals, own.answers) if own is not None else (frozenset(), frozenset())
        words = folded(text).split()
    if len(words) > MAX_WORDS or _has_digits(text):
        return False
    if answering and any(word in answers for word in words):
        return False
    at = 0
    while at < len(words):
        length = _signal_at(words, at, phrases)
        if length == 0:
            return False
        at += length
    return True


def _has_digits(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _signal_at(words: list[str], at: int, phrases: frozenset[str]) -> int:
    """How many words the signal that begins here has; 0 when none does."""
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        joined = " ".join(words[at : at + length])
        if joined in phrases or (length <= 2 and _SOUNDS.fullmatch(joined)):
            return length
    return 0
