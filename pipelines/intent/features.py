"""A text as the feature names the classifier knows: words, word pairs and triples, pieces of words, and its length."""

import math
import re
from itertools import pairwise
from typing import Final

MAX_WORDS: Final = 80
"""Longer texts keep their first and last 40 words: what is meant stands at an end, and the cost stays bounded."""

UNKNOWN: Final = "<unk>"

_EMAIL: Final = re.compile(r"[\w.+-]+@[\w.-]+")
_SPOKEN_EMAIL: Final = re.compile(
    r"(?:\b\w+ (?:dot|underscore|dash) )*\b\w+ at (?:\w+ ){1,3}dot (?:com|org|net|io|co|ai|edu|gov|de|uk|us|biz|info)\b"
    r"(?: dot \w+)?"
)
_MONEY: Final = re.compile(r"[$€£] ?\d[\d,.]*(?:k|m)?\b")
_NUMBER: Final = re.compile(r"\d[\d,.:]*(?:k|m|am|pm|st|nd|rd|th)?\b")
_TOKEN: Final = re.compile(r"<\w+>|[^\W\d_]+")

NUMBER_WORDS: Final = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand dozen couple grand".split()
)


def words(text: str) -> list[str]:
    """Lower-case words without punctuation; e-mail addresses, money and figures become ``<email>``, ``<money>``,
    ``<n>``."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = lowered.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    lowered = lowered.replace("'", "")
    if "@" in lowered:
        lowered = _EMAIL.sub(" <email> ", lowered)
    if " dot " in lowered:
        lowered = _SPOKEN_EMAIL.sub(" <email> ", lowered)
    if not lowered.isalpha():
        lowered = _MONEY.sub(" <money> ", lowered)
        lowered = _NUMBER.sub(" <n> ", lowered)
    found: list[str] = _TOKEN.findall(lowered)
    if len(found) > MAX_WORDS:
        found = found[: MAX_WORDS // 2] + found[-MAX_WORDS // 2 :]
    return found


def word_features(word: str) -> tuple[str, ...]:
    """The word, whether it is a number, and its pieces of three and four letters, which survive a typing error."""
    features = [word]
    if word in NUMBER_WORDS:
        features.append("<n>")
    if len(word) > 3:
        marked = f"^{word}$"
        features.extend(f"~{marked[i : i + size]}" for size in (3, 4) for i in range(len(marked) - size + 1))
    return tuple(features)


def shape_features(tokens: list[str]) -> list[str]:
    """Pairs and triples of neighbouring words with the text's two ends, and how long it is."""
    ends = ["^", *tokens, "$"]
    pairs = [f"{a} {b}" for a, b in pairwise(ends)]
    triples = [f"{a} {b} {c}" for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)]
    return [*pairs, *triples, f"<len{min(len(tokens), 12) // 2}>"]


def is_word(feature: str) -> bool:
    """Whether the feature is a whole word (or ``<n>``, ``<email>``, ``<unk>`` and the like)."""
    return " " not in feature and not feature.startswith("~")


def scale(features: int) -> float:
    """What a text's summed weights are multiplied with, so that length alone makes no text surer."""
    return 1.0 / math.sqrt(max(features, 1))
