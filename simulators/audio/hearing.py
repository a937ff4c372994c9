"""What a simulated recogniser makes of speech it found: scripted sentences, or the words of a known recording."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Protocol

from simulators.audio.loudness import WINDOW_MS
from simulators.audio.recordings import LONGEST_QUERY, Library, Match
from simulators.audio.words import TimedWord, spread, word_ms
from simulators.script import Script

_WORD_TOLERANCE_MS = 60


class Utterance(Protocol):
    """The words of one stretch of speech, as they become known."""

    def hear(self, level: int) -> None:
        """One more window of 10 ms; level 0 is silence."""

    def go_on(self) -> None:
        """The speaker goes on after a pause at which the words had been settled."""

    def words(self, *, settled: bool) -> tuple[TimedWord, ...]:
        """The words so far. ``settled``: the speaker paused, nothing is still in the air."""


class ScriptedUtterance:
    """One sentence, recognised word by word at speaking pace and whole (up to its next ``|``) at a pause."""

    def __init__(self, text: str, onset_ms: float, rate_wpm: float) -> None:
        self._parts = [part.split() for part in text.split("|")]
        self._current = 0
        self._onset_ms = onset_ms
        self._rate_wpm = rate_wpm
        self._position_ms = self._last_voice_ms = onset_ms
        self._voiced_ms = 0.0

    def hear(self, level: int) -> None:
        self._position_ms += WINDOW_MS
        if level:
            self._voiced_ms += WINDOW_MS
            self._last_voice_ms = self._position_ms

    def go_on(self) -> None:
        if self._current + 1 < len(self._parts):
            self._current += 1
            self._voiced_ms = 0.0

    def words(self, *, settled: bool) -> tuple[TimedWord, ...]:
        said = [word for part in self._parts[: self._current] for word in part]
        part = self._parts[self._current]
        said += part if settled else part[: self._spoken(part)]
        return spread(said, self._onset_ms, self._last_voice_ms)

    def _spoken(self, part: list[str]) -> int:
        needed_ms = 0.0
        for count, word in enumerate(part):
            needed_ms += word_ms(word, self._rate_wpm)
            if needed_ms > self._voiced_ms:
                return max(count, 1)
        return len(part)


class RecordedUtterance:
    """Follows a known recording as long as the sound is like one; a scripted sentence otherwise."""

    def __init__(self, library: Library, onset_ms: float, otherwise: ScriptedUtterance) -> None:
        self._library = library
        self._onset_ms = onset_ms
        self._otherwise = otherwise
        self._levels: list[int] = []
        self._heard_ms = self._voiced_until_ms = 0.0
        self._match: Match | None = None

    def hear(self, level: int) -> None:
        self._otherwise.hear(level)
        self._heard_ms += WINDOW_MS
        if level:
            self._voiced_until_ms = self._heard_ms
        if len(self._levels) < LONGEST_QUERY:
            self._levels.append(level)

    def go_on(self) -> None:
        self._otherwise.go_on()

    def words(self, *, settled: bool) -> tuple[TimedWord, ...]:
        if self._match is None or not self._match.sure:
            self._match = self._library.match(self._levels)
        if self._match is None:
            return self._otherwise.words(settled=settled)
        heard = self._heard_of(self._match)
        return heard or self._otherwise.words(settled=settled)

    def _heard_of(self, match: Match) -> tuple[TimedWord, ...]:
        """The recording's words up to the last voiced window, at least one; none where it has no more."""
        offset_ms = match.offset_ms
        until_ms = offset_ms + self._voiced_until_ms + _WORD_TOLERANCE_MS
        shift_ms = self._onset_ms - offset_ms
        begun = [word for word in match.known.words if word.start_ms >= offset_ms - _WORD_TOLERANCE_MS]
        done = [word for word in begun if word.end_ms <= until_ms]
        return tuple(
            TimedWord(word.text, word.start_ms + shift_ms, word.end_ms + shift_ms) for word in done or begun[:1]
        )


class Ears:
    """Gives each stretch of speech on one connection its words."""

    def __init__(self, script: Script, library: Library, rate_wpm: float) -> None:
        self._sentences: Iterator[str] = cycle(script.sentences)
        self._library = library
        self._rate_wpm = rate_wpm

    def begin(self, onset_ms: float, levels: Sequence[int]) -> Utterance:
        """A new stretch of speech that began at ``onset_ms``; ``levels``: its windows so far."""
        scripted = ScriptedUtterance(next(self._sentences, ""), onset_ms, self._rate_wpm)
        utterance: Utterance = scripted
        if self._library:
            utterance = RecordedUtterance(self._library, onset_ms, scripted)
        for level in levels:
            utterance.hear(level)
        return utterance
