"""What the agent knows now: the operator's file, and the topics that were taught while it runs. Until there is either,
an example."""

from collections.abc import Sequence

from pipelines.knowledge.index import KnowledgeIndex, load_knowledge
from pipelines.knowledge.markdown import sections_of
from pipelines.knowledge.port import Passage


class TaughtKnowledge:
    """Shared by all conversations of a process. ``teach`` puts another index in place; who searches has the old one or
    the new one, whole."""

    def __init__(self, file: KnowledgeIndex | None = None) -> None:
        self._file = file
        self._example = load_knowledge() if file is None else None
        self._now = file or self._example
        self.taught = 0
        """How many topics were."""

    @property
    def is_example(self) -> bool:
        return self._index.is_example

    @property
    def in_file(self) -> int:
        """How many topics the file has."""
        return len(self._file) if self._file is not None else 0

    @property
    def subject(self) -> str:
        return self._index.subject

    @property
    def languages(self) -> Sequence[str]:
        return self._index.languages

    def search(self, query: str, limit: int = 3) -> list[Passage]:
        return self._index.search(query, limit)

    def teach(self, topics: Sequence[tuple[str, str]]) -> None:
        """These titles and texts and no others, beside the file. Takes a tenth of a second for a thousand: call it in a
        thread."""
        sections = [section for title, text in topics for section in sections_of(title, text)]
        if not topics:
            self._now = self._file or self._example
        elif self._file is None:
            self._now = KnowledgeIndex("", sections)
        else:
            self._now = KnowledgeIndex(self._file.subject, [*self._file.sections, *sections])
        self.taught = len(topics)

    @property
    def _index(self) -> KnowledgeIndex:
        assert self._now is not None, "without a file there is the example"
        return self._now
