"""Whether a recogniser still hears the caller's turn, from what it has told of it. Pure decisions.

Who waits for a recogniser that has stalled is answered late, so it is given no longer than it takes to be sure; who
drops one that is merely slow once loses the better recogniser for a while. Milliseconds of the caller's audio
throughout: a line that pauses makes nobody late.
"""

from enum import Enum

from msgspec import Struct

DEAF_VOICED_MS = 1_000.0
"""So much voice, then silence, without a single word: no cough is that long, so it was not heard."""

OVER_MS = 500.0
"""Before so much silence a recogniser is not judged: one that finds the ends of turns has mostly told it by then."""

UNTOLD_MS = 800.0
"""A recogniser that finds the ends of turns itself tells what it hears several times a second, in pauses too, and is
given 250 ms for that and as much again for the way there and back."""

SLOW_MS = 1_000.0
"""So much voice between two of its messages: what it tells afterwards is late, and its end of the turn will be."""


class Health(Enum):
    """What to do about it."""

    HEARS = "hears"
    LOST = "lost"
    """Let the next recogniser hear the turn."""
    STALLED_AT_END = "stalled_at_end"
    """It told all that was said, and that it seemed over, and then nothing: take the turn as over."""


class Told(Struct):
    """What a recogniser has told of one turn so far."""

    untold_ms: float = 0.0
    """Audio since its last message, or since the turn began."""
    unheard_ms: float = 0.0
    """Voice in that."""
    slowest_ms: float = 0.0
    """The most voice between two messages so far."""
    seemed_over: bool = False
    """Its last message was that the turn may be over."""


def judge(
    told: Told, *, voiced_ms: float, silence_ms: float, has_text: bool, finds_turns: bool, recognition_ms: float
) -> Health:
    """``voiced_ms`` and ``silence_ms`` of the turn, which voice activity is sure of; ``recognition_ms``: the most voice
    without a message."""
    if told.unheard_ms >= recognition_ms:
        return Health.LOST
    if silence_ms < OVER_MS:
        return Health.HEARS
    if not has_text:
        return Health.LOST if voiced_ms >= DEAF_VOICED_MS else Health.HEARS
    if not finds_turns:
        return Health.HEARS
    if told.untold_ms >= UNTOLD_MS:
        return Health.STALLED_AT_END if told.seemed_over else Health.LOST
    return Health.LOST if told.slowest_ms >= SLOW_MS else Health.HEARS
