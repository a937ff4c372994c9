"""What is said word for word in another language, and what callers mean by some of its words. Pure.

English stands where it is used, and is the fallback. What callers may not want (to be recorded, to be called) is
understood in each of these languages whichever is talked, as nobody is asked what they say it in.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pipelines.language.dutch import DUTCH
from pipelines.language.farewells import FAREWELLS
from pipelines.language.french import FRENCH
from pipelines.language.german import GERMAN
from pipelines.language.italian import ITALIAN
from pipelines.language.own_words import OwnWords
from pipelines.language.portuguese import PORTUGUESE
from pipelines.language.spanish import SPANISH
from pipelines.language.tags import primary

WORDS: Final[Mapping[str, OwnWords]] = {
    "de": GERMAN,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "nl": DUTCH,
    "pt": PORTUGUESE,
}
"""By ISO 639-1 code."""

FINISHED: Final = 0.9
UNFINISHED: Final = 0.15
UNKNOWN: Final = 0.7

_NO_WORDS: Final = re.compile(r"[\W_]+")
_OF_RECORDING: Final = re.compile(
    r"auf|mit(?:zeich|schn|ge)|nehm|nimm|zeichne|schneide|enregistr|\bgrab|registra|\bop|opne|opgeno|\bgrav"
)
"""What every text has in it that one of their patterns of recording fits: cheap to look for first."""

_LAST_MARK: Final = re.compile(r"[^\W_]\s*([.?!\u3002\uff1f\uff01\u0964,;:\u2026-]+)[\"'\u201d\u00bb]*\s*$")


def said(english: str, language: str) -> str:
    """A phrase in that language; in English where it is not known in it."""
    words = WORDS.get(primary(language))
    return english if words is None else words.phrases.get(english, english)


def has_words(language: str) -> bool:
    """Whether wishes that are to be heeded are understood in it."""
    return primary(language) == "en" or primary(language) in WORDS


def folded(text: str) -> str:
    """Small letters without accents, words apart by single spaces."""
    return _NO_WORDS.sub(" ", _unaccented(text)).strip()


def finished(text: str, language: str) -> float:
    """How finished words sound, from 0 to 1, by their last one and the recogniser's punctuation."""
    if text.rstrip().endswith(("?", "\uff1f")):
        return FINISHED
    words = WORDS.get(primary(language))
    last = folded(text).rpartition(" ")[2]
    if words is not None and last in words.going_on:
        return UNFINISHED
    found = _LAST_MARK.search(text)
    if found is None:
        return UNKNOWN
    return UNFINISHED if found[1][-1] in ",;:\u2026-" or found[1].endswith("..") else FINISHED


def refuses_recording(text: str) -> bool:
    """In one of these languages. All that was said is looked through before a reply: most of it speaks of nothing of
    the kind, and is done with at once."""
    plain = folded(text)
    return _OF_RECORDING.search(plain) is not None and _any_of("no_recording").search(plain) is not None


def asks_if_recorded(text: str) -> bool:
    plain = folded(text)
    return _OF_RECORDING.search(plain) is not None and _any_of("recording").search(plain) is not None


def wants_no_calls(text: str) -> bool:
    return _any_of("no_calls").search(folded(text)) is not None


def says_farewell(sentence: str) -> bool:
    """Whether a sentence of the agent's ends with a good-bye, in whichever language."""
    return not sentence.rstrip().endswith("?") and _farewell().search(folded(sentence)) is not None


def _unaccented(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


@lru_cache(maxsize=3)
def _any_of(field: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{getattr(words, field)})" for words in WORDS.values()))


@lru_cache(maxsize=1)
def _farewell() -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?:{_unaccented(FAREWELLS)})(?: \w+){{0,3}}$")
