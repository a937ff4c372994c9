"""Turn detection as Deepgram Flux and Cartesia Ink do it: one window of loudness in, at most one event out.

    ready --start--> speaking --eager--> ending --end--> ready
                        ^------resume------'
    speaking --end--> ready            (eager events off, forced, or timed out)

What always holds, as https://developers.deepgram.com/docs/flux/state promises: an eager event has words; a resume
only follows an eager event; the end has the words of the eager event right before it; the index moves right after
the end; an update comes when no other event did for ``update_ms`` of audio, silence included.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from simulators.audio.hearing import Utterance
from simulators.audio.loudness import WINDOW_MS
from simulators.audio.words import TimedWord

_LULL_MS = 150
"""A pause this long before ``start_ms`` of speech are complete: it was nothing, look afresh."""
_RESUME_MS = 40

EventKind = Literal["update", "start", "eager", "resume", "end"]
Trigger = Literal["model", "manual", "timeout"]


class Pace(Struct, frozen=True):
    """``start_ms`` of speech start a turn; ``eager_ms`` and ``end_ms`` of silence end it, ``timeout_ms`` in any case.

    ``eager_ms`` None: no eager events. ``end_ms`` None: only the time-out or a command ends a turn.
    """

    start_ms: float = 200
    update_ms: float = 250
    eager_ms: float | None = 150
    end_ms: float | None = 350
    timeout_ms: float = 5000


class TurnEvent(Struct, frozen=True):
    """Times in ms of the audio so far. ``silence_ms``: how long the speaker has been quiet."""

    kind: EventKind
    turn: int
    start_ms: float
    now_ms: float
    silence_ms: float
    words: tuple[TimedWord, ...] = ()
    trigger: Trigger | None = None


class Begins(Protocol):
    """Names the speech that begins (``Ears``)."""

    def begin(self, onset_ms: float, levels: Sequence[int]) -> Utterance: ...


class Turns:
    """The turns of one connection. ``pace`` may be changed at any time."""

    def __init__(self, ears: Begins, pace: Pace) -> None:
        self.pace = pace
        self._ears = ears
        self._now_ms = 0.0
        self._turn = 0
        self._turn_start_ms = 0.0
        self._since_event_ms = 0.0
        self._silence_ms = 0.0
        self._voiced_ms = 0.0
        self._onset: list[int] = []
        self._noise = False
        self._utterance: Utterance | None = None
        self._eager: tuple[TimedWord, ...] | None = None

    @property
    def speaking(self) -> bool:
        """A turn has started and not ended."""
        return self._utterance is not None

    @property
    def ending(self) -> bool:
        """An eager event is out, and neither a resume nor the end followed yet."""
        return self._eager is not None

    def hear(self, level: int) -> TurnEvent | None:
        """One more window of 10 ms; level 0 is silence."""
        self._now_ms += WINDOW_MS
        self._since_event_ms += WINDOW_MS
        if self._utterance is None:
            event = self._wait_for_start(level)
        else:
            self._utterance.hear(level)
            event = self._ending(level) if self._eager is not None else self._speaking(level)
        if event is None and self._since_event_ms >= self.pace.update_ms:
            event = self._event("update", self._words_now())
        return event

    def force_end(self) -> TurnEvent | None:
        """End the running turn now; None when there is none."""
        return self._end("manual") if self._utterance is not None else None

    def last_update(self) -> TurnEvent:
        """All that is known, as the connection closes."""
        words = self._eager or (self._utterance.words(settled=True) if self._utterance else ())
        return self._event("update", words)

    def _wait_for_start(self, level: int) -> TurnEvent | None:
        self._silence_ms = 0.0 if level else self._silence_ms + WINDOW_MS
        if self._silence_ms >= _LULL_MS:
            self._voiced_ms = 0.0
            self._noise = False
            self._onset.clear()
        elif level and not self._noise:
            self._voiced_ms += WINDOW_MS
        if self._voiced_ms:
            self._onset.append(level)
        if self._voiced_ms < self.pace.start_ms:
            return None
        utterance = self._ears.begin(self._now_ms - len(self._onset) * WINDOW_MS, self._onset)
        self._onset, self._voiced_ms = [], 0.0
        words = utterance.words(settled=False)
        if not words:
            self._noise = True  # up to the next lull
            return None
        self._utterance = utterance
        return self._event("start", words)

    def _speaking(self, level: int) -> TurnEvent | None:
        pace = self.pace
        self._silence_ms = 0.0 if level else self._silence_ms + WINDOW_MS
        if pace.eager_ms is not None and self._silence_ms >= pace.eager_ms:
            assert self._utterance is not None
            self._eager = self._utterance.words(settled=True)
            self._voiced_ms = 0.0
            return self._event("eager", self._eager)
        return self._over() if pace.eager_ms is None else None

    def _ending(self, level: int) -> TurnEvent | None:
        self._silence_ms += WINDOW_MS
        self._voiced_ms = self._voiced_ms + WINDOW_MS if level else 0.0
        if self._voiced_ms >= _RESUME_MS:
            assert self._utterance is not None
            self._utterance.go_on()
            self._eager = None
            self._silence_ms = 0.0
            return self._event("resume", self._utterance.words(settled=False))
        return self._over()

    def _over(self) -> TurnEvent | None:
        if self.pace.end_ms is not None and self._silence_ms >= self.pace.end_ms:
            return self._end("model")
        return self._end("timeout") if self._silence_ms >= self.pace.timeout_ms else None

    def _end(self, trigger: Trigger) -> TurnEvent:
        assert self._utterance is not None
        words = self._eager if self._eager is not None else self._utterance.words(settled=trigger != "manual")
        event = self._event("end", words, trigger)
        self._turn += 1
        self._turn_start_ms = self._now_ms
        self._utterance = self._eager = None
        self._voiced_ms = 0.0
        return event

    def _words_now(self) -> tuple[TimedWord, ...]:
        if self._eager is not None or self._utterance is None:
            return self._eager or ()
        return self._utterance.words(settled=False)

    def _event(self, kind: EventKind, words: tuple[TimedWord, ...], trigger: Trigger | None = None) -> TurnEvent:
        self._since_event_ms = 0.0
        return TurnEvent(kind, self._turn, self._turn_start_ms, self._now_ms, self._silence_ms, words, trigger)
