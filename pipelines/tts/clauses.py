"""Cuts the text of a reply, as it comes from a model, into clauses a voice can speak one after the other. Pure.

A cut is made at white space only, so no word is ever torn, and nothing is dropped: the clauses joined are the text.
"""

import re

from msgspec import Struct

_CLAUSE_END = re.compile(r"[.?!,;:…—\u2013][\"'”\u2019)\]*_]*(?=\s)|(?<=\S)(?=\s*\n)|(?<=\s)[—\u2013-](?=\s)")
"""Punctuation that white space follows (with closing quotes or emphasis between), a line's end, or a lone dash.

White space is what tells "3. Then" from "3.5" and "12, or" from "1,200": more text has to come before a cut is sure.
"""

_SENTENCE_END = re.compile(r"[.?!…][\"'”\u2019)\]*_]*$|\n\s*$")

_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“*_])(?:dr|mr|mrs|ms|prof|sr|jr|st|no|vs|etc|approx|dept|est|inc|ltd|co|corp|fig|max|min|ext|ave|blvd"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri|sat|sun"
    r"|e\.g|i\.e|a\.m|p\.m|u\.s|u\.k|ph\.d|[a-z]|(?:[a-z]\.)+[a-z]|\d{1,2})\.$",
    re.IGNORECASE,
)
"""A period that ends no sentence: known short forms, initials, and the number of a list's entry."""

_LONGEST_SHORT_FORM = 16
_ENDS_SENTENCES_TOO = re.compile(r"(?:etc|inc|ltd|co|corp|a\.m|p\.m|u\.s|u\.k|\d{1,2})\.$", re.IGNORECASE)
"""Of these the ones that often are a sentence's last word: there the next word's capital decides."""

_JOINING_WORDS = re.compile(
    r"\s(?=(?:and|but|or|so|because|which|that|who|when|where|while|if|with|for|to|in|on|at|from|about)\s)",
    re.IGNORECASE,
)


class ClauseRules(Struct, frozen=True):
    """Lengths in characters.

    A sentence of any length may be a clause. A cut within a sentence needs ``min_chars`` before it (``first_min_chars``
    in the first clause: the sooner it is spoken, the sooner the caller hears something). Text with no punctuation is
    cut before a joining word, or at any white space, once it is longer than ``max_chars`` (``first_max_chars``).
    """

    first_min_chars: int = 8
    min_chars: int = 24
    first_max_chars: int = 80
    max_chars: int = 180


class ClauseSplitter:
    """Feed it text in pieces of any size; it gives clauses as soon as they are sure, white space included."""

    def __init__(self, rules: ClauseRules | None = None) -> None:
        self._rules = rules or ClauseRules()
        self._text = ""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """Take more text, give the clauses that are complete now."""
        self._text += text
        clauses = []
        while (end := self._find_end()) is not None:
            clauses.append(self._take(end))
        return clauses

    def flush(self) -> str:
        """No more text comes: give the rest, which may be empty or white space."""
        return self._take(len(self._text))

    def _take(self, end: int) -> str:
        clause, self._text = self._text[:end], self._text[end:]
        self._first = self._first and not clause.strip()
        return clause

    def _find_end(self) -> int | None:
        text = self._text
        rules = self._rules
        longest = rules.first_max_chars if self._first else rules.max_chars
        blank = len(text) - len(text.lstrip())
        # One more than the longest clause: the white space that makes the last possible cut sure.
        for match in _CLAUSE_END.finditer(text, blank, blank + longest + 1):
            if self._is_clause(match.end()):
                return match.end()
        if len(text) - blank > longest:
            return _forced_end(text, blank + longest)
        return None

    def _is_clause(self, end: int) -> bool:
        clause = self._text[:end]
        if not any(character.isalnum() for character in clause):
            return False
        if is_short_form(self._text, end):
            return False
        if _SENTENCE_END.search(clause) or self._text[end:].lstrip(" \t").startswith("\n"):
            return True
        shortest = self._rules.first_min_chars if self._first else self._rules.min_chars
        return len(clause.strip()) >= shortest


def is_short_form(text: str, end: int) -> bool:
    """Whether the period before ``end`` is that of a short form, and ends no sentence. Where one may be a sentence's
    last word, a capital behind it says that a new one begins."""
    word = text[max(0, end - _LONGEST_SHORT_FORM) : end]
    if _ABBREVIATION.search(word) is None:
        return False
    sentence_follows = text[end : end + _LONGEST_SHORT_FORM].lstrip()[:1].isupper() and end > 8
    return not (sentence_follows and _ENDS_SENTENCES_TOO.search(word))


def _forced_end(text: str, longest: int) -> int:
    """Where to cut text without punctuation: late, but before a joining word if there is one in the second half."""
    joins = [match.start() for match in _JOINING_WORDS.finditer(text, longest // 2, longest)]
    if joins:
        return joins[-1]
    space = max(text.rfind(" ", 0, longest), text.rfind("\n", 0, longest), text.rfind("\t", 0, longest))
    return space if space > 0 and text[:space].strip() else longest
