"""Somebody on the telephone: hears the agent out before each line, or breaks in. Pure, time passed in."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from agent_server.cli.showing.cast import Line
from agent_server.cli.showing.voices import Voiced
from simulators.telephone.handset import FRAME_BYTES, Handset
from simulators.telephone.script import audible_ms, is_audible

QUIET_MS: Final = 1_400.0
"""Of the agent, before the person goes on: longer than what it takes to book."""

BREAKS_IN_MS: Final = 1_500.0
"""Of the agent's words, before somebody who breaks in does."""

LISTENS_MS: Final = 12_000.0
"""For the agent's next word. Then the person goes on without."""

LINGERS_MS: Final = 2_500.0


class ToSay(Struct, frozen=True):
    line: Line
    voiced: Voiced


class PhonePerson:
    """``look`` once a frame, until it says that the person hangs up. ``begins`` hears of every line."""

    def __init__(self, lines: Sequence[ToSay], begins: Callable[[Voiced], object] = lambda _: None) -> None:
        self._begins = begins
        self._lines = deque(lines)
        self._stays_ms = 0.0
        self._since_ms: float | None = None
        """When the person began to listen: at the end of their line."""
        self._agent_began_ms: float | None = None
        self._agent_at_ms: float | None = None

    def look(self, handset: Handset, now_ms: float) -> bool:
        if self._since_ms is None:
            self._since_ms = now_ms
        if is_audible(bytes(handset.heard[-FRAME_BYTES:])) and now_ms >= self._since_ms:
            self._agent_at_ms = now_ms
            self._agent_began_ms = self._agent_began_ms or now_ms
        if not self._is_due(now_ms, self._since_ms):
            return False
        if not self._lines:
            return True
        self._say(self._lines.popleft(), handset, now_ms)
        return False

    def _is_due(self, now_ms: float, since_ms: float) -> bool:
        if now_ms - since_ms < self._stays_ms:
            return False
        if self._agent_began_ms is None or self._agent_at_ms is None:
            return now_ms - since_ms >= LISTENS_MS
        if self._lines and self._lines[0].line.breaks_in:
            return now_ms - self._agent_began_ms >= BREAKS_IN_MS
        return now_ms - self._agent_at_ms >= (QUIET_MS if self._lines else LINGERS_MS)

    def _say(self, spoken: ToSay, handset: Handset, now_ms: float) -> None:
        handset.say(spoken.voiced.audio)
        self._begins(spoken.voiced)
        self._since_ms = now_ms + audible_ms(spoken.voiced.audio)
        self._stays_ms = spoken.line.stays_s * 1000
        self._agent_began_ms = self._agent_at_ms = None
