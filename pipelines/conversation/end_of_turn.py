"""What a silence of the caller's means: nothing yet, a pause, or the end of the turn. Pure decisions.

Who finds the ends of turns is one of two: ``SilenceEnds``, or ``RecognizerEnds`` where the recogniser tells of them.
Both are asked the same while the caller is silent.
"""

from enum import Enum

from pipelines.conversation.caller_turn import CallerTurn
from pipelines.conversation.settings import Eagerness, ServerVad, TurnDetection
from pipelines.intent.completeness import completeness
from pipelines.language.tags import ENGLISH, is_english
from pipelines.language.words import finished

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

SHORT_SOUND_SETTLE_MS = 128.0
"""A sound that may interrupt is put to the recogniser this soon after its end: the held reply waits for the answer."""

TOLD_BY_SILENCE_MS = 2000.0
"""A sound too short to be called speech waits so long for its words: it was noise, or they are lost."""

NO_WORDS_SILENCE_MS = 700.0
"""A sound of which a recogniser has told nothing by then is ended and asked for: it was noise, or it was not heard."""

HEARD_AGAIN_SILENCE_MS = 600.0
"""The first turn that the next recogniser hears, or hears again, ends after so much silence, however its words sound:
who has waited for a recogniser that failed does not wait for doubts as well."""


class Silence(Enum):
    """``PAUSE``: ask the recogniser for the final text of what came before it."""

    NOTHING = "nothing"
    PAUSE = "pause"
    END = "end"


class SilenceEnds:
    """Silence ends turns, the sooner the more finished the words sound."""

    follows_recognizer = False

    def __init__(self, detection: TurnDetection, language: str = ENGLISH) -> None:
        self._detection = detection
        self._language = language
        self._judged: tuple[str, float] | None = None

    def in_turn(self, turn: CallerTurn, silence_ms: float) -> Silence:
        """So much silence in a turn."""
        end_ms = self._end_ms(turn)
        if silence_ms >= end_ms and _is_over(turn, silence_ms):
            return Silence.END
        if not turn.settling and silence_ms >= settle_silence_ms(end_ms):
            return Silence.PAUSE
        return Silence.NOTHING

    def in_held(self, turn: CallerTurn, silence_ms: float) -> Silence:
        """The same after a sound that holds the reply; whether that is over is for ``interruption`` to say."""
        is_pause = not turn.settling and silence_ms >= SHORT_SOUND_SETTLE_MS
        return Silence.PAUSE if is_pause else Silence.NOTHING

    def _end_ms(self, turn: CallerTurn) -> float:
        """Judged again only when there are new words: this runs every 32 ms of a pause."""
        text = turn.text
        if self._judged is None or self._judged[0] != text:
            self._judged = (text, end_silence_ms(self._detection, text, self._language))
        end_ms = self._judged[1]
        return min(end_ms, HEARD_AGAIN_SILENCE_MS) if turn.heard_again else end_ms


class RecognizerEnds:
    """The recogniser tells of pauses and ends; a silence only ends a turn that it has forgotten."""

    follows_recognizer = True

    def __init__(self, detection: TurnDetection) -> None:
        self._longest_ms = longest_silence_ms(detection)

    def in_turn(self, turn: CallerTurn, silence_ms: float) -> Silence:
        longest_ms = self._longest_ms if turn.text else min(NO_WORDS_SILENCE_MS, self._longest_ms)
        return Silence.END if silence_ms >= longest_ms else Silence.NOTHING

    def in_held(self, _turn: CallerTurn, _silence_ms: float) -> Silence:
        return Silence.NOTHING


def _is_over(turn: CallerTurn, silence_ms: float) -> bool:
    """A sound too short to be called speech waits for its words: they tell a short "yes" from a knock."""
    if turn.announced or turn.is_settled or turn.is_speech:
        return True
    return turn.settling and silence_ms >= TOLD_BY_SILENCE_MS


def end_silence_ms(detection: TurnDetection, text: str, language: str = ENGLISH) -> float:
    """The silence that ends a turn with this text so far."""
    if isinstance(detection, ServerVad):
        return float(detection.silence_duration_ms)
    finished_ms, longest_ms = SEMANTIC_SILENCE_MS[detection.eagerness]
    doubt = 1.0 - (_finished(text, language) if text.strip() else NO_TEXT_COMPLETENESS)
    return finished_ms + (longest_ms - finished_ms) * doubt * doubt


def _finished(text: str, language: str) -> float:
    return completeness(text) if is_english(language) else finished(text, language)


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
