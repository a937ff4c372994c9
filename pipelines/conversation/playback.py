"""How a reply's audio is paced to the caller, and how much of it the caller has heard.

Audio is sent only a little ahead of the caller's ear, so that an interruption stops it at once and what was heard is
known. The client is taken to play what it gets without a pause: audio sent at ``now`` ends playing at
``max(now, end of what was sent before) + its length``. A client that reports its playback overrules this clock.
"""

from collections import deque

from pipelines.conversation.settings import Pacing

BYTES_PER_MS = 48
"""24 kHz, 16 bit, mono."""


class Playback:
    """One reply's audio between the voice and the caller. Times are session milliseconds."""

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._offset = 0
        self._sent_bytes = 0
        self._ends_at_ms = 0.0
        self._held_ms: float | None = None
        self._reported_ms: float | None = None
        self._report_is_final = False

    def pace(self, pacing: Pacing) -> None:
        """From the next piece on."""
        self._pacing = pacing

    @property
    def sent_ms(self) -> float:
        return self._sent_bytes / BYTES_PER_MS

    @property
    def is_empty(self) -> bool:
        return self._queued_bytes == 0

    @property
    def is_held(self) -> bool:
        return self._held_ms is not None

    @property
    def total_ms(self) -> float:
        """Sent and waiting audio together."""
        return (self._sent_bytes + self._queued_bytes) / BYTES_PER_MS

    def add(self, pcm: bytes) -> None:
        self._queue.append(pcm)
        self._queued_bytes += len(pcm)

    def follow(self, ends_at_ms: float) -> None:
        """The client plays none of it before what it got earlier has ended."""
        self._ends_at_ms = max(self._ends_at_ms, ends_at_ms)

    def due(self, now_ms: float) -> bytes:
        """The audio to send now; empty when nothing is due."""
        if self._held_ms is not None or not self._queued_bytes:
            return b""
        ahead_ms = self._ends_at_ms - now_ms
        lead_ms, chunk_ms = self._pacing.lead_ms, self._pacing.chunk_ms
        if ahead_ms > lead_ms - chunk_ms:
            return b""
        room_bytes = int(lead_ms - max(ahead_ms, 0.0)) * BYTES_PER_MS
        pcm = self._take(room_bytes)
        self._sent_bytes += len(pcm)
        self._ends_at_ms = max(now_ms, self._ends_at_ms) + len(pcm) / BYTES_PER_MS
        return pcm

    def wake_ms(self) -> float | None:
        """When the next audio will be due; None when nothing waits."""
        if self._held_ms is not None or not self._queued_bytes:
            return None
        return self._ends_at_ms - self._pacing.lead_ms + self._pacing.chunk_ms

    def ends_at_ms(self) -> float:
        """When the caller will have heard all that was sent."""
        return self._ends_at_ms

    def hold(self, now_ms: float) -> None:
        """Stop sending; the client holds what it has, if it can."""
        if self._held_ms is None:
            self._held_ms = now_ms

    def resume(self, now_ms: float) -> None:
        """Go on where it stopped. What the client held back it plays now."""
        if self._held_ms is None:
            return
        if self._reported_ms is not None:
            self._ends_at_ms += now_ms - self._held_ms
        self._held_ms = None

    def report(self, played_ms: float, now_ms: float, *, final: bool) -> None:
        """The client says how much it has played; never more than was sent. Clients count whole milliseconds: what
        lacks less than one of them was played whole."""
        if played_ms > self.sent_ms - 1.0:
            played_ms = self.sent_ms
        self._reported_ms = played_ms
        self._report_is_final = final
        if final:
            self._ends_at_ms = now_ms
        elif self._held_ms is None:
            self._ends_at_ms = now_ms + self.sent_ms - played_ms

    def heard_ms(self, now_ms: float) -> float:
        """How much of the reply the caller has heard by now."""
        if self._reported_ms is not None and self._report_is_final:
            return self._reported_ms
        if self._held_ms is not None and self._reported_ms is not None:
            now_ms = min(now_ms, self._held_ms)
        # What is still to be played is rounded to the microsecond, so that a word which ends just here is not lost to
        # the arithmetic of doubles; what was played whole is exactly what was sent.
        return max(0.0, self.sent_ms - max(0.0, round(self._ends_at_ms - now_ms, 3)))

    def cut(self, now_ms: float) -> None:
        """The caller hears no more of it from now on, or from the hold before."""
        self._reported_ms = self.heard_ms(now_ms)
        self._report_is_final = True
        self._held_ms = None
        self._ends_at_ms = now_ms
        self.drop_queue()

    def trim(self, end_ms: float) -> None:
        """Of what waits, keep only what lies before this; what was sent was sent."""
        keep = max(0, (int(end_ms) * BYTES_PER_MS) - self._sent_bytes)
        while self._queued_bytes > keep:
            last = self._queue.pop()
            length = len(last) - (self._offset if not self._queue else 0)
            surplus = min(self._queued_bytes - keep, length)
            self._queued_bytes -= surplus
            if surplus < length:
                self._queue.append(last[: len(last) - surplus])
        if not self._queue:
            self._offset = 0

    def drop_queue(self) -> None:
        """Nothing more of this reply will be sent."""
        self._queue.clear()
        self._queued_bytes = 0
        self._offset = 0

    def _take(self, limit: int) -> bytes:
        limit -= limit % 2
        parts: list[bytes] = []
        while limit > 0 and self._queue:
            head = self._queue[0]
            piece = head[self._offset : self._offset + limit]
            parts.append(piece)
            limit -= len(piece)
            self._queued_bytes -= len(piece)
            self._offset += len(piece)
            if self._offset >= len(head):
                self._queue.popleft()
                self._offset = 0
        return parts[0] if len(parts) == 1 else b"".join(parts)
