"""Whose words a recogniser's segments are: words are placed by their time in the audio. Pure.

The recogniser cuts where it likes; utterances begin and end where voice activity says. Exactly one ``Final`` answers
each ``finish``.
"""

from collections import deque

from msgspec import Struct

from pipelines.stt.port import Final, Interim, SttEvent, UtteranceFailed, Word

ONSET_MS = 1000.0
"""Voice activity notices an utterance this much after its first word at most."""

_GRAIN_MS = 30.0
"""Segments end on the recogniser's own grid."""

UNHEARD_MS = 1_000.0
"""Results reach this close to the end of what was said, the silence after it aside."""


class _Span(Struct, frozen=True):
    """An utterance's part of the audio."""

    start_ms: float
    end_ms: float = float("inf")

    def holds(self, word: Word) -> bool:
        return self.start_ms <= (word.start_ms + word.end_ms) / 2 < self.end_ms


class SegmentBook:
    """One stream. ``out`` holds the events to hand over. Times are milliseconds of audio given to the stream."""

    def __init__(self) -> None:
        self.out: deque[SttEvent] = deque()
        self.utterance = 0
        self._open: _Span | None = None
        self._finishing: dict[int, _Span] = {}
        self._floor_ms = 0.0
        """Words before it belong to nobody any more."""
        self._settled_ms = 0.0
        self._settled: list[Word] = []
        self._interim: tuple[Word, ...] = ()
        self._heard_ms = 0.0
        self._told = ""
        self._broke = False
        """Another connection is to hear the present utterance, and has not settled any of it."""

    @property
    def is_open(self) -> bool:
        return self._open is not None or bool(self._finishing)

    @property
    def is_finishing(self) -> bool:
        return bool(self._finishing)

    def begin(self, utterance: int, at_ms: float) -> None:
        self.utterance = utterance
        self._open = _Span(max(self._floor_ms, at_ms - ONSET_MS))
        self._told = ""
        if not self._finishing:
            self._broke = False
            self._settled = [word for word in self._settled if self._open.holds(word)]
        self._tell_interim()

    def finish(self, utterance: int, at_ms: float) -> bool:
        """Whether the recogniser has to be asked; otherwise the answer is in ``out`` already."""
        if self._open is None or utterance != self.utterance:
            if utterance not in self._finishing:
                self.out.append(Final(utterance, ""))
            return False
        self._finishing[utterance] = _Span(self._open.start_ms, at_ms)
        self._open, self._floor_ms = None, at_ms
        self._answer(self._settled_ms)
        return utterance in self._finishing

    def give_up(self, utterance: int) -> None:
        """The recogniser did not answer in time: what was understood is the answer."""
        if utterance in self._finishing:
            is_complete = not self._broke and self._heard_ms >= self._finishing[utterance].end_ms - UNHEARD_MS
            self._answer_one(utterance, [*self._settled, *self._interim], is_complete=is_complete)

    def abandon(self, utterance: int, at_ms: float) -> None:
        if self._finishing.pop(utterance, None) is None and utterance == self.utterance:
            self._open = None
        self._floor_ms = max(self._floor_ms, at_ms) if self._open is None else self._floor_ms

    def heard(self, words: tuple[Word, ...], end_ms: float, *, is_final: bool, is_flushed: bool = False) -> None:
        """A segment, up to ``end_ms``. ``is_flushed``: it answers a request to finish."""
        self._heard_ms = max(self._heard_ms, end_ms)
        if is_final:
            self._settled += words
            self._interim = ()
            self._broke = False
            self._settled_ms = max(self._settled_ms, end_ms)
            asked_ms = next(iter(self._finishing.values())).end_ms if is_flushed and self._finishing else 0.0
            self._answer(max(end_ms, asked_ms))
        else:
            self._interim = words
        self._tell_interim()

    def broken(self) -> None:
        """Unsettled audio will be heard again by another connection."""
        self._interim = ()
        self._broke = self.is_open

    def failed(self, code: str, message: str, *, fatal: bool) -> None:
        """Every utterance somebody waits for fails, the present one too."""
        for utterance in [number for number in self._finishing if number != self.utterance]:
            self.out.append(UtteranceFailed(utterance, code, message))
        self._finishing.clear()
        self._open = None
        self.out.append(UtteranceFailed(self.utterance, code, message, fatal))

    def _answer(self, until_ms: float) -> None:
        for utterance, span in list(self._finishing.items()):
            if span.end_ms <= until_ms + _GRAIN_MS:
                self._answer_one(utterance, self._settled)

    def _answer_one(self, utterance: int, known: list[Word], *, is_complete: bool = True) -> None:
        span = self._finishing.pop(utterance)
        words = tuple(word for word in known if span.holds(word))
        self.out.append(Final(utterance, _text(words), words, is_complete))
        self._settled = [word for word in self._settled if (word.start_ms + word.end_ms) / 2 >= span.end_ms]

    def _tell_interim(self) -> None:
        if self._open is None:
            return
        text = _text(tuple(word for word in (*self._settled, *self._interim) if self._open.holds(word)))
        if text and text != self._told:
            self._told = text
            self.out.append(Interim(self.utterance, text))


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)
