"""Whose words a recogniser's turns are: from its turn events to events with utterance numbers. Pure.

The numbers come from voice activity (``begin``), the turns from the recogniser, and the two do not always agree: an
utterance may hold several turns, whose texts are joined, and a turn may go on through several utterances, of which the
last has it.
"""

from collections import deque

from pipelines.stt.port import (
    EagerEnd,
    Final,
    Interim,
    Resumed,
    SttEvent,
    TurnEnded,
    TurnStarted,
    UtteranceFailed,
    Word,
)


class TurnBook:
    """One stream. ``out`` holds the events to hand over."""

    def __init__(self) -> None:
        self.out: deque[SttEvent] = deque()
        self.utterance = 0
        self.is_running = False
        """A turn of the recogniser's is under way."""
        self.is_open = False
        """The present utterance has begun, and neither ended nor been given up."""
        self._owner = 0
        self._before: tuple[str, tuple[Word, ...]] = ("", ())
        """What turns that ended within the present utterance said."""
        self._ended_any = False
        self._text = ""
        self._words: tuple[Word, ...] = ()
        self._eager = False
        self._finishing: set[int] = set()

    @property
    def is_finishing(self) -> bool:
        """Somebody waits for the running turn, or the one that is about to start."""
        return bool(self._finishing)

    def begin(self, utterance: int) -> None:
        if utterance == self.utterance:
            return
        self.utterance = utterance
        self.is_open = True
        self._before, self._ended_any = ("", ()), False
        if self.is_running and self._owner not in self._finishing:
            self._owner = utterance

    def finish(self, utterance: int) -> bool:
        """Whether the recogniser has to be asked; otherwise the answer is in ``out`` already."""
        asked = utterance == self.utterance or (self.is_running and utterance == self._owner)
        if not asked or (self._ended_any and not self.is_running):
            text, words = self._before if utterance == self.utterance else ("", ())
            self.out.append(Final(utterance, text, words))
            return False
        self._finishing.add(utterance)
        return True

    def give_up(self, utterance: int, *, is_complete: bool = True) -> None:
        """The recogniser did not answer in time: what was understood is the answer."""
        if utterance not in self._finishing:
            return
        self._finishing.discard(utterance)
        self.is_open = self.is_open and utterance != self.utterance
        text, words = self._joined(utterance)
        self.out.append(Final(utterance, text, words, is_complete))

    def abandon(self, utterance: int) -> None:
        self._finishing.discard(utterance)
        if utterance == self.utterance:
            self.is_open = False
            self._before, self._ended_any = ("", ()), False

    def started(self) -> None:
        self.is_running = True
        self._owner = self.utterance
        self._text, self._words = "", ()
        self.out.append(TurnStarted(self._owner))

    def updated(self, text: str, words: tuple[Word, ...] = ()) -> None:
        """Without a running turn it is silence. The same words again show that the recogniser is at work."""
        if not self.is_running or text == self._text == "":
            return
        self._text, self._words = text, words
        self.out.append(Interim(self._owner, self._joined(self._owner)[0]))

    def eager(self, text: str, words: tuple[Word, ...] = ()) -> None:
        self._text, self._words, self._eager = text, words, True
        self.out.append(EagerEnd(self._owner, self._joined(self._owner)[0]))

    def resumed(self) -> None:
        self._eager = False
        self.out.append(Resumed(self._owner))

    def ended(self, text: str, words: tuple[Word, ...] = ()) -> None:
        """An end that nothing led to is told too: nobody loses words for a missed message."""
        if not self.is_running:
            if not text:
                return
            self.started()
        owner = self._owner
        self._text, self._words = text, words
        whole, all_words = self._joined(owner)
        self.is_running, self._eager = False, False
        self._text, self._words = "", ()
        if owner == self.utterance:
            self.is_open = False
            self._before, self._ended_any = (whole, all_words), True
        if owner in self._finishing:
            self._finishing.discard(owner)
            self.out.append(Final(owner, whole, all_words))
        else:
            self.out.append(TurnEnded(owner, whole, all_words))

    def broken(self) -> None:
        """The running turn will be told afresh by another connection."""
        if self.is_running and self._eager:
            self.out.append(Resumed(self._owner))
        self.is_running, self._eager = False, False
        self._text, self._words = "", ()

    def failed(self, code: str, message: str, *, fatal: bool) -> None:
        """Every utterance somebody waits for fails, the present one too."""
        for utterance in sorted(self._finishing - {self.utterance}):
            self.out.append(UtteranceFailed(utterance, code, message))
        self._finishing.clear()
        self.out.append(UtteranceFailed(self.utterance, code, message, fatal))

    def _joined(self, owner: int) -> tuple[str, tuple[Word, ...]]:
        text, words = self._before if owner == self.utterance else ("", ())
        own_text, own_words = (self._text, self._words) if owner == self._owner else ("", ())
        return " ".join(part for part in (text, own_text) if part), words + own_words
