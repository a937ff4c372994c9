"""Sentences from templates: ``templates.txt`` explains the notation in its first lines. Pure."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from math import log, prod

from msgspec import Struct

_TOKEN = re.compile(r"\{(\w+)\}|([()|])|([^\s{}()|]+)")
_LIST = re.compile(r"\[(\w+)\]\s*(.*)")


class TemplateError(Exception):
    """A line that cannot be read, or names a list that is not there."""


class Reference(Struct, frozen=True):
    """One entry of a list."""

    name: str


class Choice(Struct, frozen=True):
    """One of several alternatives, each a pattern."""

    alternatives: tuple["Pattern", ...]


Pattern = tuple[str | Reference | Choice, ...]


class Templates(Struct, frozen=True):
    """The lists by name, and the sentences; everything an alternation of patterns."""

    lists: dict[str, Choice]
    sentences: tuple[Pattern, ...]


def parse_templates(text: str) -> Templates:
    """Read the notation. Raises TemplateError."""
    lists: dict[str, Choice] = {}
    sentences: list[Pattern] = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        named = _LIST.fullmatch(content)
        choice = _parse_line(named[2] if named else content, number)
        if named:
            lists[named[1]] = choice
        else:
            sentences.extend(choice.alternatives)
    for pattern in [*sentences, *(pattern for choice in lists.values() for pattern in choice.alternatives)]:
        _check_references(pattern, lists)
    return Templates(lists=lists, sentences=tuple(sentences))


def sample_sentences(templates: Templates, count: int, seed: int = 1) -> list[list[str]]:
    """About ``count`` sentences, at least two of every template and more of those with more variety (its logarithm).

    Every entry of every list comes once on its own too, so that no word of the file is missing.
    """
    pick = random.Random(seed).choice  # noqa: S311 - wants to be reproducible
    weights = [1 + log(_variety(pattern, templates.lists)) for pattern in templates.sentences]
    total = sum(weights)
    sentences: list[list[str]] = []
    for pattern, weight in zip(templates.sentences, weights, strict=True):
        times = max(2, round(count * weight / total))
        sentences.extend(_words(pattern, templates.lists, pick) for _ in range(times))
    for choice in templates.lists.values():
        sentences.extend(_words(pattern, templates.lists, pick) for pattern in choice.alternatives)
    return [sentence for sentence in sentences if sentence]


def words_of(templates: Templates) -> set[str]:
    """Every word of the file."""
    found: set[str] = set()

    def collect(pattern: Pattern) -> None:
        for part in pattern:
            if isinstance(part, str):
                found.add(part)
            elif isinstance(part, Choice):
                for alternative in part.alternatives:
                    collect(alternative)

    for pattern in [*templates.sentences, *(p for choice in templates.lists.values() for p in choice.alternatives)]:
        collect(pattern)
    return found


def _parse_line(content: str, number: int) -> Choice:
    rest = _TOKEN.sub("", content).strip()
    if rest:
        raise TemplateError(f"line {number}: cannot read {rest!r}")
    open_choices: list[list[list[str | Reference | Choice]]] = [[[]]]
    for token in _TOKEN.finditer(content):
        reference, sign, word = token.groups()
        if sign == "(":
            open_choices.append([[]])
        elif sign == "|":
            open_choices[-1].append([])
        elif sign == ")":
            if len(open_choices) == 1:
                raise TemplateError(f"line {number}: ) without (")
            closed = _choice(open_choices.pop())
            open_choices[-1][-1].append(closed)
        else:
            open_choices[-1][-1].append(Reference(reference) if reference else word)
    if len(open_choices) != 1:
        raise TemplateError(f"line {number}: ( without )")
    return _choice(open_choices[0])


def _choice(alternatives: Sequence[Sequence[str | Reference | Choice]]) -> Choice:
    return Choice(tuple(tuple(alternative) for alternative in alternatives))


def _check_references(pattern: Pattern, lists: Mapping[str, Choice]) -> None:
    for part in pattern:
        if isinstance(part, Reference) and part.name not in lists:
            raise TemplateError(f"there is no list named {part.name}")
        if isinstance(part, Choice):
            for alternative in part.alternatives:
                _check_references(alternative, lists)


def _variety(pattern: Pattern, lists: Mapping[str, Choice]) -> float:
    """How many different sentences a pattern makes."""
    return prod(
        sum(_variety(alternative, lists) for alternative in _alternatives(part, lists))
        for part in pattern
        if not isinstance(part, str)
    )


def _words(pattern: Pattern, lists: Mapping[str, Choice], pick: Callable[[Sequence[Pattern]], Pattern]) -> list[str]:
    words: list[str] = []
    for part in pattern:
        if isinstance(part, str):
            words.append(part)
        else:
            words.extend(_words(pick(_alternatives(part, lists)), lists, pick))
    return words


def _alternatives(part: Reference | Choice, lists: Mapping[str, Choice]) -> tuple[Pattern, ...]:
    return part.alternatives if isinstance(part, Choice) else lists[part.name].alternatives
