"""The intent of a text: rules first, then the trained model, in the light of what the agent has just asked.

Costs tens of microseconds a text, so it may run on every interim.
"""

import re
from typing import Final

from msgspec import Struct

from pipelines.intent.answers import QUALIFYING, YES_NO_IS_AN_ANSWER, fits, has_form, is_question
from pipelines.intent.labels import EXPECTED, LABELS, Expected, IntentLabel
from pipelines.intent.model import load_model
from pipelines.intent.rules import ruled
from pipelines.language.tags import ENGLISH, is_english
from pipelines.language.words import wants_no_calls

MAX_CHARS: Final = 2_000
"""Of a longer text only the first and last thousand characters are read."""

ACCEPT: Final = 0.45
"""Least probability for a label other than ``other``. Of 2,520 queries outside a sales talk (validation part of
CLINC150, Larson et al., 2019) 0.4 lets 5.3 % through, 0.45 4.7 % and 0.5 3.9 %; what is in scope suffers a
little each time.
"""

RULE_CONFIDENCE: Final = 0.99
FITS_BOOST: Final = 12.0
"""How much likelier a text in the form of the expected answer is one. Wide, since the question has just been asked."""

SHORT_FITS_BOOST: Final = 100.0
"""The same for a few words that are nothing else: "now", "two", "us" mean little without the question."""

LOOSE_BOOST: Final = 3.0
YES_NO_BOOST: Final = 3.0

MOST_WORDS_OF_YES_NO: Final = 5
MOST_WORDS_OF_SHORT: Final = 3

_WORD: Final = re.compile(r"[^\W_]+|@")
_NUMBER_OF: Final[dict[IntentLabel, int]] = {label: number for number, label in enumerate(LABELS)}
_OTHER: Final = _NUMBER_OF["other"]


class Intent(Struct, frozen=True):
    """What a text means; ``confidence`` from 0 to 1."""

    label: IntentLabel
    confidence: float


def classify(text: str, *, expecting: str | None = None, language: str = ENGLISH) -> Intent:
    """The intent of an interim or final text. ``expecting``: what the agent last asked for, one of ``EXPECTED``.

    An ``expecting`` this module does not know is ignored, so that a new question of the agent cannot break the line.
    ``language``: what is talked; of another than English only a wish for no more calls is understood, which is so
    whatever is talked.
    """
    if len(text) > MAX_CHARS:
        text = f"{text[: MAX_CHARS // 2]} {text[-MAX_CHARS // 2 :]}"
    if text.strip() == "STOP":  # the keyword of text messages; said aloud, "stop" only asks for silence
        return Intent("opt_out", RULE_CONFIDENCE)
    if wants_no_calls(text):
        return Intent("opt_out", RULE_CONFIDENCE)
    if not is_english(language):
        return Intent("other", 0.0)
    plain = plain_words(text)
    if not plain:
        return Intent("other", 1.0)
    label, ruled_out = ruled(plain)
    if label is not None:
        return Intent(label, RULE_CONFIDENCE)
    scores = load_model().probabilities(text)
    for wrong in ruled_out:
        scores[_NUMBER_OF[wrong]] = 0.0
    question = expecting if expecting in EXPECTED else None
    if question is not None:
        _expect(scores, plain, question, asks="?" in text)
    return _decide(scores, plain, question)


def plain_words(text: str) -> str:
    """Lower case, without punctuation and apostrophes, single spaces; what the rules read."""
    lowered = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("'", "")
    return " ".join(_WORD.findall(lowered))


def _expect(scores: list[float], plain: str, expecting: Expected, *, asks: bool) -> None:
    """Raise the labels that answer the question just asked; a question in return stays what it is."""
    if asks or is_question(plain):
        return
    boost = _boost(plain, expecting)
    if expecting in QUALIFYING:
        scores[_NUMBER_OF["qualification_answer"]] *= max(boost, LOOSE_BOOST)
    elif expecting == "time_slot":
        scores[_NUMBER_OF["booking"]] *= boost
    if expecting not in QUALIFYING:
        scores[_NUMBER_OF["yes"]] *= YES_NO_BOOST
        scores[_NUMBER_OF["no"]] *= YES_NO_BOOST


def _boost(plain: str, expecting: Expected) -> float:
    if not fits(plain, expecting):
        return 1.0
    definite = (
        has_form(expecting)
        and plain.count(" ") < MOST_WORDS_OF_SHORT
        and plain.split(" ", 1)[0] not in ("no", "not", "nope")
    )
    return SHORT_FITS_BOOST if definite else FITS_BOOST


def _decide(scores: list[float], plain: str, expecting: Expected | None) -> Intent:
    total = sum(scores) or 1.0
    best = max(range(len(scores)), key=scores.__getitem__)
    probability = scores[best] / total
    if best != _OTHER and probability < ACCEPT:
        return Intent("other", 1.0 - probability)
    label = LABELS[best]
    if label in ("yes", "no") and expecting in YES_NO_IS_AN_ANSWER and plain.count(" ") < MOST_WORDS_OF_YES_NO:
        label = "qualification_answer"
    return Intent(label, probability)
