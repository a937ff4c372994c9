"""The words a voice says it speaks, told as they were written. Pure.

A voice may tear a written word in two, drop its punctuation, or say "five dollars" for "$5".
"""

from collections import deque

from pipelines.tts.port import SpokenWord

LOOK_AHEAD_WORDS = 8
"""How many written words a voice may pass over before it counts as lost."""


class WrittenWords:
    """One context's text. Feed it whole words."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._torn = ""
        self._since_ms: float | None = None

    def add_text(self, text: str) -> None:
        self._waiting.extend(text.split())

    def place(self, spoken: str, start_ms: float, end_ms: float) -> list[SpokenWord]:
        """The written words that are complete with this spoken one; none when it is part of one, or not found."""
        key = self._torn + _key(spoken)
        if not key:
            return []
        start_ms = start_ms if self._since_ms is None else self._since_ms
        for index in range(min(LOOK_AHEAD_WORDS, len(self._waiting))):
            written = _key(self._waiting[index])
            if written == key:
                return self._take(index + 1, start_ms, end_ms)
            if index == 0 and written.startswith(key):
                self._torn = key
                break
        else:
            self._torn = ""
        if self._since_ms is None:
            self._since_ms = start_ms
        return []

    def _take(self, count: int, start_ms: float, end_ms: float) -> list[SpokenWord]:
        """The last of ``count`` words was found; those before it were said in other words, in the same time."""
        step_ms = (end_ms - start_ms) / count
        taken = [self._waiting.popleft() for _ in range(count)]
        self._torn, self._since_ms = "", None
        return [
            SpokenWord(text, start_ms + number * step_ms, end_ms - (count - 1 - number) * step_ms)
            for number, text in enumerate(taken)
        ]


def _key(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())
