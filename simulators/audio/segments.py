"""Segmentation as Deepgram Nova does it: one window of loudness in, the events it causes out.

A segment is audio whose words are settled together; a stretch of speech is one or more segments, the last of which
is closed by endpointing.
"""

from typing import Literal

from msgspec import Struct

from simulators.audio.hearing import Utterance
from simulators.audio.loudness import WINDOW_MS
from simulators.audio.turns import Begins
from simulators.audio.words import TimedWord

_VOICE_MS = 60
"""So much sound within a lull's length is a voice."""
_LULL_MS = 150
_SETTLE_MS = 250
"""Words are whole after this much silence, however short endpointing is."""
_UNASKED_SETTLE_MS = 1000
"""The same when endpointing is off."""

EventKind = Literal["speech_started", "interim", "final", "utterance_end"]


class SegmentPace(Struct, frozen=True):
    """``endpointing_ms`` None: off. ``utterance_end_ms`` None: off. ``longest_ms``: a segment is settled at the latest
    after so much audio, whether somebody speaks or not."""

    interim_ms: float | None = 1000
    endpointing_ms: float | None = 10
    utterance_end_ms: float | None = None
    longest_ms: float = 5000


class SegmentEvent(Struct, frozen=True):
    """Times in ms of the audio so far. ``endpoint``: silence closed the speech.

    ``last_word_end_ms`` -1: no word was heard yet.
    """

    kind: EventKind
    start_ms: float
    now_ms: float
    words: tuple[TimedWord, ...] = ()
    endpoint: bool = False
    last_word_end_ms: float = -1.0


class Segments:
    """The segments of one channel of a connection."""

    def __init__(self, ears: Begins, pace: SegmentPace) -> None:
        self._ears = ears
        self._pace = pace
        self._now_ms = 0.0
        self._segment_start_ms = 0.0
        self._since_event_ms = 0.0
        self._silence_ms = 0.0
        self._voiced_ms = 0.0
        self._onset: list[int] = []
        self._utterance: Utterance | None = None
        self._given = 0
        self._last_word_end_ms = -1.0
        self._awaits_utterance_end = False

    def hear(self, level: int) -> list[SegmentEvent]:
        """One more window of 10 ms; level 0 is silence."""
        self._now_ms += WINDOW_MS
        self._since_event_ms += WINDOW_MS
        self._silence_ms = 0.0 if level else self._silence_ms + WINDOW_MS
        if self._utterance is None:
            events = self._wait_for_voice(level)
        else:
            self._utterance.hear(level)
            events = self._settle()
        return events or self._utterance_end() or self._by_the_clock()

    def finalize(self) -> list[SegmentEvent]:
        """Settle everything heard so far; nothing when no audio came since the last settled segment."""
        if self._now_ms <= self._segment_start_ms:
            return []
        event = self._final(endpoint=self._utterance is not None, settled=True)
        self._utterance = None
        return [event]

    def _wait_for_voice(self, level: int) -> list[SegmentEvent]:
        if level:
            self._voiced_ms += WINDOW_MS
        if self._voiced_ms:
            self._onset.append(level)
        if self._silence_ms >= _LULL_MS:
            self._voiced_ms = 0.0
            self._onset.clear()
        if self._voiced_ms < _VOICE_MS:
            return []
        onset_ms = self._now_ms - len(self._onset) * WINDOW_MS
        self._utterance = self._ears.begin(onset_ms, self._onset)
        self._onset, self._voiced_ms, self._given = [], 0.0, 0
        self._awaits_utterance_end = True
        return [SegmentEvent("speech_started", onset_ms, self._now_ms)]

    def _settle(self) -> list[SegmentEvent]:
        """Close the segment where silence says so. A short endpointing also closes it between two words."""
        endpointing_ms = self._pace.endpointing_ms
        whole_ms = _UNASKED_SETTLE_MS if endpointing_ms is None else max(endpointing_ms, _SETTLE_MS)
        if self._silence_ms >= whole_ms:
            nothing_new = self._given > 0 and not self._new(settled=True)
            events = [] if nothing_new else [self._final(endpoint=endpointing_ms is not None, settled=True)]
            self._utterance = None
            return events
        reached = endpointing_ms is not None and 0 <= self._silence_ms - endpointing_ms < WINDOW_MS
        if reached and self._silence_ms and self._new():
            return [self._final(endpoint=True, settled=False)]
        return []

    def _utterance_end(self) -> list[SegmentEvent]:
        gap_ms = self._pace.utterance_end_ms
        if gap_ms is None or not self._awaits_utterance_end or self._silence_ms < gap_ms:
            return []
        self._awaits_utterance_end = False
        events = []
        if self._utterance is not None:
            events.append(self._final(endpoint=False, settled=True))
            self._utterance = None
        ended = SegmentEvent("utterance_end", self._now_ms, self._now_ms, last_word_end_ms=self._last_word_end_ms)
        return [*events, ended]

    def _by_the_clock(self) -> list[SegmentEvent]:
        if self._now_ms - self._segment_start_ms >= self._pace.longest_ms:
            return [self._final(endpoint=False, settled=False)]
        if self._pace.interim_ms is None or self._since_event_ms < self._pace.interim_ms:
            return []
        self._since_event_ms = 0.0
        return [SegmentEvent("interim", self._segment_start_ms, self._now_ms, self._new())]

    def _new(self, *, settled: bool = False) -> tuple[TimedWord, ...]:
        return self._utterance.words(settled=settled)[self._given :] if self._utterance is not None else ()

    def _final(self, *, endpoint: bool, settled: bool) -> SegmentEvent:
        words = self._new(settled=settled)
        event = SegmentEvent("final", self._segment_start_ms, self._now_ms, words, endpoint)
        self._given += len(words)
        if words:
            self._last_word_end_ms = words[-1].end_ms
        self._segment_start_ms = self._now_ms
        self._since_event_ms = 0.0
        return event
