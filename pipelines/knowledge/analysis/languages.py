"""The languages whose texts can be searched, and which one a text is in."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from pipelines.knowledge.analysis import english
from pipelines.knowledge.analysis.analyzer import Analyzer
from pipelines.knowledge.analysis.dutch import DUTCH
from pipelines.knowledge.analysis.french import FRENCH
from pipelines.knowledge.analysis.german import GERMAN
from pipelines.knowledge.analysis.italian import ITALIAN
from pipelines.knowledge.analysis.portuguese import PORTUGUESE
from pipelines.knowledge.analysis.spanish import SPANISH
from pipelines.knowledge.analysis.stemmed import Lexicon, analyzer, folded

ENGLISH: Final = "en"

_LEXICONS: Final[Mapping[str, Lexicon]] = {
    each.language: each for each in (DUTCH, FRENCH, GERMAN, ITALIAN, PORTUGUESE, SPANISH)
}
LEAST_WORDS: Final = 3
"""So many everyday words of another language, and more than English ones, make a text one of it."""

MOST_LOOKED_AT: Final = 4_000
"""Characters: which language it is shows at once."""

_WORD: Final = re.compile(r"[^\W\d_]+")


@cache
def analyzer_of(language: str) -> Analyzer:
    """English where nothing is known of the language: its terms are the words themselves, as good as any."""
    lexicon = _LEXICONS.get(language)
    return analyzer(lexicon) if lexicon is not None else english.ANALYZER


def language_of(text: str, otherwise: str) -> str:
    """The language whose everyday words the text has most of; ``otherwise`` where it has too few to tell."""
    words = _WORD.findall(folded(text[:MOST_LOOKED_AT]))
    found = {code: sum(word in analyzer_of(code).everyday for word in words) for code in (ENGLISH, *_LEXICONS)}
    best = max(found, key=lambda code: (found[code], code == otherwise))
    return best if found[best] >= LEAST_WORDS else otherwise
