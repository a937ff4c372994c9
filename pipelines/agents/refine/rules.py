"""What is wrong with a text that a rule sees, and what a rule can mend. Pure."""

import re
from typing import Any, Final

from pipelines.agents.marketing.templates import within

LONG_SENTENCE_WORDS: Final = 28
MOST_WORDS: Final = 400
"""Without a bound of one's own."""

Found = dict[str, str]

_PLACEHOLDER: Final = re.compile(r"\[[^\]\n]{1,40}\]|\{\{?[^}\n]{1,40}\}?\}|<[A-Za-z][^>\n]{0,40}>|\bX{3,}\b|\bTBD\b")
_SENTENCE: Final = re.compile(r"(?:[^.!?\n]|(?<![.!?])[.!?]++(?=\S))+[.!?]*")
"""A mark within a word, as of "4.5%" or an address, ends none."""
_SHOUT: Final = re.compile(r"\b[A-Z]{4,}(?:\s+[A-Z]{3,})+\b")
_MARKS: Final = re.compile(r"([!?])[!?]+")
_SPAM: Final = re.compile(
    r"\b(?:act now|limited[- ]time|click here|100 ?% free|risk[- ]free|no obligation|once in a lifetime|guaranteed"
    r"|buy now|order now|urgent|winner|amazing offer|special promotion|cash bonus|double your|incredible deal)\b",
    re.IGNORECASE,
)
_WORDY: Final = {
    "in order to": "to",
    "due to the fact that": "because",
    "at this point in time": "now",
    "in the event that": "if",
    "with regard to": "about",
    "for the purpose of": "for",
    "a large number of": "many",
    "utilize": "use",
    "utilise": "use",
    "leverage": "use",
    "facilitate": "help",
    "commence": "begin",
}
_EMPTY: Final = re.compile(
    r"(?:\b(?:i hope (?:this|my) (?:e-?mail|message|note) finds you well[.!,]?"
    r"|needless to say,?|as you (?:may|might) know,?"
    r"|(?<!\bnot )(?<!n't )(?:very|really|basically|actually),?)(?!\w)[ \t]*)+",
    re.IGNORECASE,
)
_EMPTY_AND_NEXT: Final = re.compile(f"{_EMPTY.pattern}(\\w?)", re.IGNORECASE)
_WORDY_PATTERN: Final = re.compile(r"\b(?:" + "|".join(map(re.escape, _WORDY)) + r")\b", re.IGNORECASE)
_REACHING: Final = re.compile(r"\b(wanted to )reach out (?:to you )?(?:and|to) (?=[a-z])", re.IGNORECASE)
_TWICE: Final = re.compile(r"\b((?!had\b|that\b)[a-z]{2,})(\s+\1\b)+")
"""Small letters alone: numbers and names are written as they are, and "had had" may be meant."""


def problems_of(text: str, max_words: int | None) -> list[Found]:
    """Each with a code and words."""
    found: list[Found] = []
    for code, pattern, words in (
        ("placeholder", _PLACEHOLDER, "A placeholder is left: {}."),
        ("spam_words", _SPAM, "Spam filters and people stop at: {}."),
        ("shouting", _SHOUT, "It shouts: {}."),
        ("wordy", _WORDY_PATTERN, "Shorter words say the same: {}."),
        ("empty_words", _EMPTY, "It says nothing: {}."),
        ("empty_words", _REACHING, "It says nothing: {}."),
        ("said_twice", _TWICE, "A word stands twice: {}."),
        ("marks", _MARKS, "One mark is enough: {}."),
    ):
        if match := pattern.search(text):
            found.append({"code": code, "message": words.format(" ".join(match[0].split())[:60])})
    long: list[str] = max((sentence.split() for sentence in _SENTENCE.findall(text)), key=len, default=[])
    if len(long) > LONG_SENTENCE_WORDS:
        message = f"A sentence has {len(long)} words: {' '.join(long[:6])}…"
        found.append({"code": "long_sentence", "message": message})
    count = len(text.split())
    if count > (max_words or MOST_WORDS):
        found.append({"code": "too_long", "message": f"It has {count} words, at most {max_words or MOST_WORDS}."})
    return found


def mended(text: str, max_words: int | None) -> tuple[str, list[str]]:
    """What rules can do without knowing what is meant, and what they did."""
    changes = []
    for change, mend in (
        ("Took out what says nothing.", _without_empty),
        ("Put plain words.", lambda kept: _WORDY_PATTERN.sub(lambda found: _like(found[0]), kept)),
        ("Took out what spam filters stop at.", _without_spam),
        ("Took out what stood twice.", lambda kept: _TWICE.sub(r"\1", kept)),
        ("Stopped shouting.", lambda kept: _MARKS.sub(r"\1", _SHOUT.sub(lambda found: found[0].lower(), kept))),
        ("Parted long sentences.", _parted),
        ("Tidied spaces and capitals.", _tidy),
        ("Made it shorter.", lambda kept: within(kept, words=max_words) if max_words is not None else kept),
    ):
        after = mend(text)
        if after != text:
            changes.append(change)
            text = after
    return text, changes


def _without_empty(text: str) -> str:
    """A sentence that began with it begins with a capital again."""
    text = _REACHING.sub(r"\1", text)
    return _EMPTY_AND_NEXT.sub(lambda found: found[1].upper() if found[0][:1].isupper() else found[1], text)


def _like(found: str) -> str:
    plain = _WORDY[found.lower()]
    return plain[:1].upper() + plain[1:] if found[:1].isupper() else plain


def _without_spam(text: str) -> str:
    """The sentence goes that says it, if there are others."""
    sentences = _SENTENCE.findall(text)
    kept = [sentence for sentence in sentences if not _SPAM.search(sentence)]
    if not kept or len(kept) == len(sentences):
        return text
    return _SENTENCE.sub(lambda found: "" if _SPAM.search(found[0]) else found[0], text)


def _parted(text: str) -> str:
    def part(found: Any) -> str:
        sentence: str = found[0]
        if len(sentence.split()) <= LONG_SENTENCE_WORDS:
            return sentence
        return re.sub(r"[;:]\s+(\w)", lambda after: f". {after[1].upper()}", sentence)

    return _SENTENCE.sub(part, text)


def _tidy(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    plain = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    plain = re.sub(r"\s+([.,;!?])(?=\s|$)", r"\1", plain)
    return re.sub(r"(^|(?<=\w\w)[.!?]\s+|\n)([a-z])(?=[a-z']*[\s,])", lambda found: found[1] + found[2].upper(), plain)
