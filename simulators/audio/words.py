"""Words and how long they take."""

from msgspec import Struct

_MEAN_LETTERS = 4.7
_FIXED_SHARE = 0.4
_MOST_LETTERS = 14


class TimedWord(Struct, frozen=True):
    """A word and where it lies, in ms of the connection's (or the voice context's) audio."""

    text: str
    start_ms: float
    end_ms: float


def word_ms(word: str, rate_wpm: float) -> float:
    """Duration of a word with the gap after it: longer words take longer, the mean of English is ``rate_wpm``."""
    letters = min(sum(map(str.isalnum, word)) or 1, _MOST_LETTERS)
    return (_FIXED_SHARE + (1 - _FIXED_SHARE) * letters / _MEAN_LETTERS) * 60_000 / rate_wpm


def spread(words: list[str], start_ms: float, end_ms: float) -> tuple[TimedWord, ...]:
    """The words one after the other between the two times, each by its length."""
    shares = [word_ms(word, 60_000) for word in words]
    scale = (end_ms - start_ms) / sum(shares) if shares else 0.0
    timed = []
    at = start_ms
    for word, share in zip(words, shares, strict=True):
        timed.append(TimedWord(word, at, at + share * scale))
        at += share * scale
    return tuple(timed)
