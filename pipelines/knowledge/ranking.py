"""Sections of one language, scored after BM25 (Robertson and Zaragoza, 2009) and calibrated by coverage.

BM25 ranks; it has no natural zero. Whether anything is relevant is decided by coverage: the share of the query's terms,
weighted by how telling they are, that the section contains. A term the knowledge never mentions counts as telling.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from pipelines.knowledge.analysis.analyzer import Analyzer, dice
from pipelines.knowledge.compounds import Compounds
from pipelines.knowledge.markdown import Section
from pipelines.knowledge.port import Passage

K1: Final = 1.2
B: Final = 0.6
HEADING_WEIGHT: Final = 6.0
"""What a heading that asks the very question adds to the rank, in the units of BM25 scores of such short texts."""

SHAPE_SHARE: Final = 0.25
"""What the everyday words add where they are alike too: "how do I pay" and "what does it cost" are both of prices."""

MIN_COVERAGE: Final = 0.6
"""Less of the query's meaning found: nothing relevant. Set on the example questions of the tests."""

MIN_SHAPE: Final = 0.8
"""A query of everyday words alone ("what does it do?") must be this like a heading."""

MAX_QUERY_TERMS: Final = 32

_QUESTION: Final = re.compile(r"[^?.!]+")


class Found(Struct, frozen=True):
    """``rank`` orders what was found."""

    rank: float
    passage: Passage


class Ranking:
    """Built once, then only read, so any number of conversations may search it."""

    def __init__(self, subject: str, sections: Sequence[Section], analyzer: Analyzer) -> None:
        self._subject = subject
        self._sections = sections
        self._analyzer = analyzer
        self._own = frozenset(analyzer.terms(subject))  # the product's own name tells nothing apart
        self._postings: dict[str, list[tuple[int, int]]] = {}
        lengths: list[int] = []
        for number, section in enumerate(sections):
            counts = Counter(self._terms(f"{section.title} {section.text}"))
            lengths.append(counts.total())
            for name, count in counts.items():
                self._postings.setdefault(name, []).append((number, count))
        self._compounds = Compounds(self._postings) if analyzer.compounds else None
        average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        self._norms = [K1 * (1 - B + B * length / average) for length in lengths]
        headings = [_QUESTION.findall(section.title) for section in sections]
        self._asked = [[frozenset(self._terms(question)) for question in questions] for questions in headings]
        self._shapes = [[analyzer.shape(question, subject) for question in questions] for questions in headings]

    def search(self, query: str) -> list[Found]:
        """All that is relevant, best first."""
        named = frozenset(self._known(name) for name in self._terms(query)[:MAX_QUERY_TERMS])
        # "For 100 seats" says how many, and not what is asked.
        wanted = frozenset(name for name in named if not name.isdigit()) or named
        asked = self._analyzer.shape(query, self._subject)
        ranked = self._by_terms(wanted, asked) if wanted else self._by_shape(asked)
        ranked.sort(key=lambda found: (-found[0], found[1]))
        return [Found(rank, self._passage(number, score)) for rank, number, score in ranked]

    def _passage(self, number: int, score: float) -> Passage:
        section = self._sections[number]
        return Passage(section.title, section.text, score, self._analyzer.language)

    def _terms(self, text: str) -> list[str]:
        return [name for name in self._analyzer.terms(text) if name not in self._own]

    def _known(self, name: str) -> str:
        return name if self._compounds is None or name in self._postings else self._compounds.known(name)

    def _by_terms(self, wanted: frozenset[str], shaped: frozenset[str]) -> list[tuple[float, int, float]]:
        """Rank, number and coverage of the sections that cover enough of the wanted terms."""
        weights = {name: self._weight(name) for name in wanted}
        total = sum(weights.values())
        ranks: dict[int, float] = {}
        covered: dict[int, float] = {}
        for name, weight in weights.items():
            for number, count in self._postings.get(name, ()):
                gain = weight * count * (K1 + 1) / (count + self._norms[number])
                ranks[number] = ranks.get(number, 0.0) + gain
                covered[number] = covered.get(number, 0.0) + weight
        return [
            (
                rank + HEADING_WEIGHT * self._heading(number, wanted, shaped),
                number,
                score,
            )
            for number, rank in ranks.items()
            if (score := covered[number] / total) >= MIN_COVERAGE
        ]

    def _heading(self, number: int, wanted: frozenset[str], shaped: frozenset[str]) -> float:
        """How much a section's heading asks the very question, from 0 to little more than 1."""
        return max(
            (
                dice(wanted, asked) * (1 + SHAPE_SHARE * dice(shaped, form))
                for asked, form in zip(self._asked[number], self._shapes[number], strict=True)
            ),
            default=0.0,
        )

    def _by_shape(self, wanted: frozenset[str]) -> list[tuple[float, int, float]]:
        return [
            (score, number, score)
            for number, shapes in enumerate(self._shapes)
            if (score := max((dice(wanted, asked) for asked in shapes), default=0.0)) >= MIN_SHAPE
        ]

    def _weight(self, name: str) -> float:
        """Inverse document frequency, never negative."""
        found = len(self._postings.get(name, ()))
        return math.log(1 + (len(self._sections) - found + 0.5) / (found + 0.5))
