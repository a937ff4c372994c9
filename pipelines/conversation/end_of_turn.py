"""How long a silence ends the caller's turn. Pure decisions."""

from pipelines.conversation.settings import Eagerness, ServerVad, TurnDetection
from pipelines.intent.completeness import completeness

SEMANTIC_SILENCE_MS: dict[Eagerness, tuple[float, float]] = {
    "high": (300.0, 2000.0),
    "medium": (500.0, 4000.0),
    "auto": (500.0, 4000.0),
    "low": (800.0, 8000.0),
}
"""Silence after words that sound finished, and the most after words that do not. The maxima are the protocol's."""

NO_TEXT_COMPLETENESS = 0.6
"""The doubt when there is a voice but no text yet: wait a little longer than after a finished sentence."""

MIN_SETTLE_MS = 120.0
"""The recogniser is not asked to settle before this much silence: shorter ones are within words."""

MAX_SETTLE_MS = 200.0
"""It is asked by then even if the words so far sound unfinished: interim text lags behind the voice."""


def end_silence_ms(detection: TurnDetection, text: str) -> float:
    """The silence that ends a turn with this text so far."""
    if isinstance(detection, ServerVad):
        return float(detection.silence_duration_ms)
    finished_ms, longest_ms = SEMANTIC_SILENCE_MS[detection.eagerness]
    doubt = 1.0 - (completeness(text) if text.strip() else NO_TEXT_COMPLETENESS)
    return finished_ms + (longest_ms - finished_ms) * doubt * doubt


def settle_silence_ms(end_ms: float) -> float:
    """The silence at which the recogniser is asked to settle, so that its text is there when the turn ends."""
    return min(max(end_ms / 2, MIN_SETTLE_MS), MAX_SETTLE_MS)


def longest_silence_ms(detection: TurnDetection) -> float:
    """The silence that ends a turn whatever was said: also when a recogniser that decides turns says nothing."""
    if isinstance(detection, ServerVad):
        return float(detection.silence_duration_ms)
    return SEMANTIC_SILENCE_MS[detection.eagerness][1]


def threshold(detection: TurnDetection) -> float:
    """The probability of voice that counts as voice."""
    return detection.threshold if isinstance(detection, ServerVad) else 0.5


def prefix_ms(detection: TurnDetection) -> float:
    """How much audio before the first voiced window belongs to the turn."""
    return float(detection.prefix_padding_ms) if isinstance(detection, ServerVad) else 300.0
