"""A search index over titled sections, each in its own language: what is asked in a language is found in it."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from pipelines.knowledge.analysis.languages import ENGLISH, analyzer_of, language_of
from pipelines.knowledge.markdown import Section, parse
from pipelines.knowledge.port import KnowledgeError, Passage
from pipelines.knowledge.ranking import Ranking


class KnowledgeIndex:
    """Sections in memory. Built once, then only read, so any number of conversations may search it."""

    def __init__(self, subject: str, sections: Sequence[Section], *, is_example: bool = False) -> None:
        self._subject = subject
        self._sections = sections
        self.is_example = is_example
        mostly = language_of("\n".join(f"{section.title} {section.text}" for section in sections), ENGLISH)
        shelves: dict[str, list[Section]] = {}
        for section in sections:
            shelves.setdefault(language_of(f"{section.title} {section.text}", mostly), []).append(section)
        self._rankings = [Ranking(subject, shelf, analyzer_of(language)) for language, shelf in shelves.items()]
        self._languages = sorted(shelves, key=lambda language: -len(shelves[language]))

    @property
    def subject(self) -> str:
        """The first top heading: the product's name; "" where it is none."""
        return self._subject

    @property
    def languages(self) -> Sequence[str]:
        return self._languages

    @property
    def sections(self) -> Sequence[Section]:
        return self._sections

    def __len__(self) -> int:
        return len(self._sections)

    def search(self, query: str, limit: int = 3) -> list[Passage]:
        """The best passages, best first; empty when nothing is relevant."""
        found = [each for ranking in self._rankings for each in ranking.search(query)[:limit]]
        found.sort(key=lambda each: -each.rank)
        return [each.passage for each in found[:limit]]


def load_knowledge(path: Path | None = None) -> KnowledgeIndex:
    """The index of a Markdown file; without a path, the example that ships. Raises KnowledgeError.

    Reads the file at once: call it at start-up, or in a thread.
    """
    if path is None:
        return _example()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError("knowledge_unreadable", f"{path}: {error}") from error
    return parse_knowledge(text)


@cache
def _example() -> KnowledgeIndex:
    """One for all who ask: it takes tens of milliseconds to build, and is only read."""
    example = (resources.files(__package__) / "default.md").read_text(encoding="utf-8")
    return KnowledgeIndex(*parse(example), is_example=True)


def parse_knowledge(text: str) -> KnowledgeIndex:
    """The index of Markdown text. Raises KnowledgeError when it holds nothing or too much."""
    subject, sections = parse(text)
    if not sections:
        raise KnowledgeError("knowledge_empty", "the knowledge has no text")
    return KnowledgeIndex(subject, sections)
