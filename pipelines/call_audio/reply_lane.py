"""When each part of a reply was played to the caller, worked out from what was sent and what was told. Pure.

The same clock as the conversation's own (``conversation.playback``): audio sent at ``now`` is played from then, or from
the end of what was sent before; a client that reports its playback overrules it; what is held or cut is played later or
never. That clock knows how much was heard; here it is also kept when.
"""

from typing import Final

from msgspec import Struct

TOLERANCE_MS: Final = 45.0
"""Reports come through the network: so much they may differ from the clock before it is corrected. Each correction is
a click in the recording."""

START_TOLERANCE_MS: Final = 10.0
"""Before anything of a reply is known it may be moved as a whole, and nobody hears a click."""

LATE_FOR_MS: Final = 450.0
"""A report may come late and never early: only playback that stays behind the clock for so long is behind it."""


class Laid(Struct):
    """Audio of one reply, from ``from_ms`` of it on, played from ``at_ms`` on."""

    from_ms: float
    at_ms: float
    length_ms: float


class _Behind(Struct, frozen=True):
    """At ``now_ms`` the client had played ``audio_ms``, ``by_ms`` later than by the clock."""

    now_ms: float
    audio_ms: float
    by_ms: float


class ReplyLane:
    """One reply's. Facts in the order they happened, then ``laid``."""

    def __init__(self) -> None:
        self._laid: list[Laid] = []
        self._sent_ms = 0.0
        self._ends_ms = 0.0
        """When what is laid out is over."""
        self._known = (0.0, 0.0)
        """The last report that was followed: how much was played, and when."""
        self._behind: list[_Behind] = []
        """Reports since ``_known`` that were behind the clock."""
        self._reports = False
        self._held = False
        self._final_ms: float | None = None

    def sent(self, length_ms: float, now_ms: float) -> None:
        self._lay(self._sent_ms, max(now_ms, self._ends_ms), length_ms)
        if not self._reports and len(self._laid) == 1:
            self._known = (0.0, self._laid[0].at_ms)
        self._sent_ms += length_ms

    def played(self, audio_ms: float, now_ms: float, *, final: bool) -> None:
        audio_ms = max(0.0, min(audio_ms, self._sent_ms))
        self._reports = True
        if final:
            self._follow_latest()
            self._final_ms = audio_ms
        if self._held or (final and audio_ms < self._sent_ms - 1.0):
            # It stopped a moment ago; where it stopped is known, and when by the clock.
            if audio_ms > self._laid_ms():
                self._lay(self._laid_ms(), self._ends_ms, audio_ms - self._laid_ms())
            elif self._held:
                self._drop_from(audio_ms)
        elif audio_ms < self._sent_ms:  # that all was played says not since when
            self._compare(audio_ms, now_ms)

    def _compare(self, audio_ms: float, now_ms: float) -> None:
        by_ms = now_ms - self._when(audio_ms)
        if by_ms > (TOLERANCE_MS if self._known[0] else START_TOLERANCE_MS):
            self._behind.append(_Behind(now_ms, audio_ms, by_ms))
            if now_ms - self._behind[0].now_ms >= LATE_FOR_MS:
                self._follow()
            return
        if by_ms < -TOLERANCE_MS:
            self._correct(audio_ms, now_ms)
        self._behind.clear()
        self._known = (audio_ms, now_ms)

    def _follow(self) -> None:
        """The least late of the reports tells how late it is."""
        last = self._behind[-1]
        audio_ms = last.audio_ms + last.by_ms - min(behind.by_ms for behind in self._behind)
        self._behind.clear()
        self._correct(audio_ms, last.now_ms)
        self._known = (audio_ms, last.now_ms)

    def _follow_latest(self) -> None:
        """There is no time left to see whether it stays behind: a reply that was behind from its start was."""
        if not self._known[0] and len(self._behind) > 1:
            self._follow()
        self._behind.clear()

    def hold(self, now_ms: float) -> None:
        """Clients that report nothing hold nothing, either."""
        if self._reports and not self._held:
            self._follow_latest()
            self._held = True
            self._drop_from(self._position(now_ms))

    def resume(self, now_ms: float) -> None:
        if self._held:
            self._held = False
            laid_ms = self._laid_ms()
            self._lay(laid_ms, max(now_ms, self._ends_ms), self._sent_ms - laid_ms)

    def laid(self, heard_ms: float | None) -> list[Laid]:
        """``heard_ms``: how much of it was heard, where the conversation remembers that."""
        self._follow_latest()
        limit = heard_ms if heard_ms is not None else self._final_ms
        if limit is not None:
            self._drop_from(limit)
        return self._laid

    def _lay(self, from_ms: float, at_ms: float, length_ms: float) -> None:
        if length_ms <= 0:
            return
        last = self._laid[-1] if self._laid else None
        if last is not None and at_ms - self._ends_ms < 1e-3 and abs(last.from_ms + last.length_ms - from_ms) < 1e-3:
            last.length_ms += length_ms
        else:
            self._laid.append(Laid(from_ms, at_ms, length_ms))
        self._ends_ms = at_ms + length_ms

    def _correct(self, audio_ms: float, now_ms: float) -> None:
        """What came before the last report stays; since then it was played so that it is at ``audio_ms`` now."""
        known_ms, known_at = self._known
        known_ms = min(known_ms, audio_ms)
        self._drop_from(known_ms)
        self._lay(known_ms, max(self._ends_ms, known_at, now_ms - (audio_ms - known_ms)), audio_ms - known_ms)
        self._lay(audio_ms, max(now_ms, self._ends_ms), self._sent_ms - audio_ms)

    def _position(self, now_ms: float) -> float:
        """How much of it is played by now."""
        position = 0.0
        for piece in self._laid:
            if piece.at_ms >= now_ms:
                break
            position = piece.from_ms + min(piece.length_ms, now_ms - piece.at_ms)
        return position

    def _when(self, audio_ms: float) -> float:
        """When so much of it is played."""
        when = self._ends_ms
        for piece in reversed(self._laid):
            if piece.from_ms >= audio_ms and piece is not self._laid[0]:
                continue
            when = piece.at_ms + min(piece.length_ms, audio_ms - piece.from_ms)
            break
        return when

    def _laid_ms(self) -> float:
        return self._laid[-1].from_ms + self._laid[-1].length_ms if self._laid else 0.0

    def _drop_from(self, audio_ms: float) -> None:
        while self._laid and self._laid[-1].from_ms >= audio_ms:
            self._laid.pop()
        self._ends_ms = 0.0
        if self._laid:
            last = self._laid[-1]
            last.length_ms = min(last.length_ms, audio_ms - last.from_ms)
            self._ends_ms = last.at_ms + last.length_ms
