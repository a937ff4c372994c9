"""The text of one reply on its way to an engine that speaks clause by clause, and its sound on the way back. Pure."""

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from pipelines.tts.clauses import ClauseSplitter
from pipelines.tts.pauses import pause_after_ms
from pipelines.tts.port import Audio, SpokenWord, TtsEvent, Words
from pipelines.tts.spoken_form import SpokenToken, spoken_tokens
from pipelines.tts.word_times import spoken_text, word_times


class Clause(Struct, frozen=True):
    """A clause as written, and the words the engine is to say; none of them for white space or an emoji."""

    written: str
    tokens: tuple[SpokenToken, ...]

    @property
    def spoken(self) -> str:
        return spoken_text(self.tokens)


class Reply:
    """Takes text in any pieces, gives clauses; takes their sound in the same order, gives the events of the port.

    ``bytes_per_ms`` describes the sound: signed 16-bit mono. Times run over the whole reply, pauses included.
    ``english``: whether the text is.
    """

    def __init__(self, bytes_per_ms: int, speed: float, *, english: bool = True) -> None:
        self._bytes_per_ms = bytes_per_ms
        self._speed = speed
        self._english = english
        self._splitter = ClauseSplitter()
        self._clauses: deque[Clause] = deque()
        self._text_ended = False
        self._given_bytes = 0
        self._pause_ms = 0
        self.unspoken_chars = 0
        """Text taken whose sound is not there yet."""

    @property
    def complete(self) -> bool:
        """No more text comes, and no clause is left to be asked for."""
        return self._text_ended and not self._clauses

    def add(self, text: str) -> None:
        """Take more text; after ``end_text`` it is left out."""
        if not self._text_ended:
            self.unspoken_chars += len(text)
            self._enqueue(self._splitter.feed(text))

    def end_text(self) -> None:
        """No more text comes."""
        if not self._text_ended:
            self._text_ended = True
            self._enqueue([self._splitter.flush()])

    def next_clause(self) -> Clause | None:
        return self._clauses.popleft() if self._clauses else None

    def put_back(self, clause: Clause) -> None:
        """A clause that was taken and whose sound got lost comes next again."""
        self._clauses.appendleft(clause)

    def sound(self, clause: Clause, pcm: bytes, marks: Sequence[tuple[int, float]]) -> list[TtsEvent]:
        """The events of a clause: its words, then its audio, after the pause the clause before asked for."""
        self.unspoken_chars -= len(clause.written)
        pause = bytes(self._pause_ms * self._bytes_per_ms) if pcm and self._given_bytes else b""
        start_ms = (self._given_bytes + len(pause)) / self._bytes_per_ms
        words = word_times(clause.tokens, marks, len(pcm) / self._bytes_per_ms, start_ms)
        self._given_bytes += len(pause) + len(pcm)
        if pcm:
            self._pause_ms = pause_after_ms(clause.written, self._speed)
        return _events(words, pause + pcm)

    def _enqueue(self, texts: Sequence[str]) -> None:
        self._clauses.extend(Clause(text, tuple(spoken_tokens(text, english=self._english))) for text in texts if text)


def _events(words: tuple[SpokenWord, ...], pcm: bytes) -> list[TtsEvent]:
    events: list[TtsEvent] = []
    if words:
        events.append(Words(words))
    if pcm:
        events.append(Audio(pcm))
    return events
