"""What a context still has to speak: inputs are joined, held back, flushed and ended here. Times in seconds."""

import re
from collections import deque

from msgspec import Struct

_SENTENCE_END = re.compile(r".*[.!?][\"')\]]*(?:\s+|$)", re.DOTALL)
DEFAULT_BUFFER_MS = 3000


class Piece(Struct, frozen=True):
    """Text to speak next. ``flushes``: answer with ``flush_done`` after it. ``ends``: nothing follows."""

    text: str
    flushes: bool = False
    ends: bool = False


class Inputs:
    """The inputs of one context. ``buffer_ms``: how long text may wait for the rest of its sentence."""

    def __init__(self, buffer_ms: float) -> None:
        self._buffer_s = buffer_ms / 1000
        self._pieces: deque[Piece] = deque()
        self._held = ""
        self._held_since = 0.0
        self._ended = False

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def waiting(self) -> int:
        """Pieces that are ready and not taken."""
        return len(self._pieces)

    def push(self, text: str, *, flush: bool, last: bool, now: float) -> None:
        """One more input. White space belongs to the text; inputs are joined as they are."""
        if not self._held:
            self._held_since = now
        self._held += text
        if flush or last or self._buffer_s == 0:
            self._release(len(self._held), flushes=flush, ends=last)
        elif whole := _SENTENCE_END.match(self._held):
            self._release(whole.end())
            self._held_since = now
        self._ended = self._ended or last

    def take(self, now: float) -> Piece | None:
        """The next piece, when there is one."""
        if not self._pieces and self._held and now - self._held_since >= self._buffer_s:
            self._release(len(self._held))
        return self._pieces.popleft() if self._pieces else None

    def due(self) -> float | None:
        """When held text is spoken though its sentence is not complete; None: nothing is held."""
        return self._held_since + self._buffer_s if self._held else None

    def drop(self) -> None:
        """Cancelled: nothing of what waits is spoken."""
        self._pieces.clear()
        self._held = ""

    def _release(self, length: int, *, flushes: bool = False, ends: bool = False) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if text.strip() or flushes or ends:
            self._pieces.append(Piece(text, flushes, ends))
