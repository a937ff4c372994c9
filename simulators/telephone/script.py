"""A caller who goes through lines in turn, each once the agent has been quiet for a moment. Time passed in."""

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from simulators.telephone.handset import FRAME_BYTES, FRAME_MS, Handset

QUIET_MS = 900.0
"""Of the agent, before the caller goes on."""

LINGERS_MS = 3_000.0
"""At the end, before the caller hangs up: the agent may have something to do first."""

LISTENS_MS = 12_000.0
"""For an answer, and for the agent's first word. Then the caller goes on without."""

_AUDIBLE = 0x28
"""Of mu-law's seven bits of magnitude; some -35 dBFS."""


class Line(Struct, frozen=True):
    """A recording that is said (mu-law), or keys that are pressed."""

    name: str
    audio: bytes = b""
    keys: str = ""


class Answered(Struct, frozen=True):
    """``latency_ms``: from a line's last audible sound to the agent's first one, at the caller's ear; None: no answer
    came."""

    name: str
    latency_ms: float | None


class ScriptedCaller:
    """``look`` once a frame, until it says that all is said and answered."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = deque(lines)
        self._waits_for: str | None = "the agent's first words"
        self._since_ms: float | None = None
        """When the caller began to wait: at the end of the line, as it was heard."""
        self._agent_at_ms: float | None = None
        """When the agent was last heard."""
        self.answers: list[Answered] = []

    def look(self, handset: Handset, now_ms: float) -> bool:
        if self._since_ms is None:
            self._since_ms = now_ms
        if is_audible(bytes(handset.heard[-FRAME_BYTES:])):
            self._agent_at_ms = now_ms
            if self._waits_for is not None and handset.has_said_all:
                self._answered(max(0.0, now_ms - FRAME_MS - self._since_ms))
        if self._waits_for is not None:
            if now_ms - self._since_ms < LISTENS_MS:
                return False
            self._answered(None)
        quiet_ms = QUIET_MS if self._lines else LINGERS_MS
        if self._agent_at_ms is not None and now_ms - self._agent_at_ms < quiet_ms:
            return False
        if not self._lines:
            return True
        self._go_on(self._lines.popleft(), handset, now_ms)
        return False

    def _answered(self, latency_ms: float | None) -> None:
        assert self._waits_for is not None
        self.answers.append(Answered(self._waits_for, latency_ms))
        self._waits_for = None

    def _go_on(self, line: Line, handset: Handset, now_ms: float) -> None:
        handset.say(line.audio)
        for key in line.keys:
            handset.press(key)
        self._waits_for, self._since_ms = line.name, now_ms + audible_ms(line.audio)


def is_audible(audio: bytes) -> bool:
    return any(~sample & 0x7F > _AUDIBLE for sample in audio)


def audible_ms(audio: bytes) -> float:
    """Up to the end of the last audible frame."""
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    return max((FRAME_MS * number for number, frame in enumerate(frames, 1) if is_audible(frame)), default=0.0)
