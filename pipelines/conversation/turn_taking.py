"""When the caller's turn begins, is doubtful, resumes and ends: from voice windows and recognised text to signals.

A sound passes through these states (``TurnState``)::

    quiet -> ONSET or SUSPECTED -> SPEAKING -> quiet
                         \\______________________/

``ONSET``: a voice may have begun. ``SUSPECTED``: the same while the agent has the floor; the reply is held until
``interruption.judge`` decides. ``SPEAKING``: the caller has the floor. A pause asks the recogniser to settle its text,
which may start a speculative reply; speech that returns discards it; a pause long enough ends the turn
(``SilenceEnds``). A recogniser that detects turns itself takes the place of pauses and silences (``RecognizerEnds``);
voice activity then only holds the agent back.
"""

from enum import Enum

from pipelines.conversation.caller_turn import CallerTurn, TurnState
from pipelines.conversation.end_of_turn import RecognizerEnds, Silence, SilenceEnds, prefix_ms, threshold
from pipelines.conversation.facts import VoiceWindow
from pipelines.conversation.interruption import Verdict, judge
from pipelines.conversation.settings import SemanticVad, TurnDetection
from pipelines.conversation.turn_signals import (
    Begun,
    Dismissed,
    Ended,
    FalseAlarm,
    Resumed,
    Settle,
    Signal,
    Started,
    Suspected,
)
from pipelines.language.tags import ENGLISH
from pipelines.stt.port import Word

WINDOW_MS = 32.0
ONSET_WINDOWS = 2
"""Voiced windows that make a sound worth attention while the floor is free; one alone is a click."""

SUSPECT_BELOW = 0.38
"""While the agent speaks, a single window this much below the threshold holds the reply: holding is cheap and undone
in a tenth of a second, and every 32 ms of waiting is heard as talking over the caller."""

HYSTERESIS = 0.15
"""Once voiced, a window stays voiced down to this much below the threshold."""

EDGE_MS = 96.0
"""Audible sound this shortly after the last voiced window is still the end of speech (final consonants)."""


class Floor(Enum):
    """What the agent is doing while the caller makes a sound."""

    FREE = "free"
    PREPARING = "preparing"
    AUDIBLE = "audible"


class TurnTaking:
    """Follows one caller. ``window`` is the hot path: at most one signal each, most often none."""

    def __init__(
        self, detection: TurnDetection | None, *, recognizer_turns: bool = False, language: str = ENGLISH
    ) -> None:
        self._next_utterance = 1
        self.answering = False
        """Whether the agent had put a question when the sound began."""
        self.guesses = False
        """Whether the recogniser hears words in sounds that are none."""
        self._turn: CallerTurn | None = None
        self._streak = 0
        self._floor = Floor.FREE
        self._now_ms = 0.0
        self.configure(detection, recognizer_turns=recognizer_turns, language=language)

    def configure(
        self, detection: TurnDetection | None, *, recognizer_turns: bool = False, language: str = ENGLISH
    ) -> None:
        """New settings hold from the next window on; a turn that is running goes on. ``language``: what is talked."""
        self._detection = detection
        self._language = language
        self._ends: SilenceEnds | RecognizerEnds | None = None
        if detection is not None:
            by_recognizer = recognizer_turns and isinstance(detection, SemanticVad)
            self._ends = RecognizerEnds(detection) if by_recognizer else SilenceEnds(detection, language)
            self._threshold = threshold(detection)
            self._prefix_ms = prefix_ms(detection)

    @property
    def caller_has_floor(self) -> bool:
        return self._turn is not None and self._turn.state is TurnState.SPEAKING

    @property
    def is_suspecting(self) -> bool:
        return self._turn is not None and self._turn.state is TurnState.SUSPECTED

    @property
    def turn(self) -> CallerTurn | None:
        return self._turn

    def new_utterance(self) -> int:
        """Number for an utterance made outside of turn detection (manual commit, recorded items)."""
        number = self._next_utterance
        self._next_utterance += 1
        return number

    def window(self, fact: VoiceWindow, now_ms: float, floor: Floor) -> Signal | None:
        """Judge one more window of audio."""
        if self._detection is None:
            return None
        self._now_ms = now_ms
        self._floor = floor
        if fact.probability >= self._level():
            return self._voiced(fact)
        self._streak = 0
        turn = self._turn
        if turn is None:
            return None
        if fact.audible_end_ms > turn.speech_end_ms and fact.audible_end_ms <= turn.last_voice_ms + EDGE_MS:
            turn.speech_end_ms = fact.audible_end_ms
            turn.speech_end_at_ms = fact.audible_end_at_ms
        return self._silent(turn, fact.end_ms - turn.speech_end_ms)

    def text(self, utterance: int, text: str) -> Signal | None:
        """The recogniser has words for an utterance of the running turn, for now."""
        turn = self._turn
        if turn is None or utterance not in turn.texts:
            return None
        turn.texts[utterance] = text
        return self._judge(turn, 0.0) if turn.state is TurnState.SUSPECTED else None

    def settled(self, utterance: int, text: str, words: tuple[Word, ...] = ()) -> Signal | None:
        """The recogniser has the final words of an utterance of the running turn."""
        turn = self._turn
        if turn is None or utterance not in turn.texts:
            return None
        turn.settle(utterance, text, words)
        return self._judge(turn, 0.0) if turn.state is TurnState.SUSPECTED else None

    @property
    def follows_recognizer(self) -> bool:
        """Whether the recogniser's own turns count."""
        return self._ends is not None and self._ends.follows_recognizer

    def recognizer_began(self, audio_ms: float, now_ms: float, floor: Floor) -> Signal | None:
        """The recogniser heard words begin; voice activity mostly did before it."""
        self._now_ms, self._floor = now_ms, floor
        if self._turn is not None:
            return self._start(self._turn) if self._turn.state is TurnState.ONSET else None
        self._turn = CallerTurn(audio_ms)
        self._turn.speech_end_at_ms = now_ms
        return self._open_turn(self._turn, max(0.0, audio_ms - self._prefix_ms))

    def recognizer_ended(self, text: str, now_ms: float, words: tuple[Word, ...] = ()) -> Signal | None:
        """The recogniser is sure that the turn is over, and what was said."""
        self._now_ms = now_ms
        turn = self._turn
        if turn is None:
            return None
        utterance = turn.utterance
        turn.texts, turn.settled = {}, set()
        turn.settle(utterance, text, words)
        if turn.state is not TurnState.SUSPECTED:
            return self._end(turn)
        if self._verdict(turn, float("inf")) is not Verdict.INTERRUPTION:
            return self._false_alarm(turn)
        self._reset()
        return Ended(turn, None)

    def silence(self, now_ms: float) -> Signal | None:
        """No audio came for long although the caller seems to speak: take the turn as over."""
        self._now_ms = now_ms
        turn = self._turn
        if turn is None:
            return None
        return self._silent(turn, float("inf"))

    def take_over(self) -> CallerTurn | None:
        """The client clears or commits its audio itself: forget the running turn and hand it over."""
        turn = self._turn
        self._reset()
        return turn

    def _level(self) -> float:
        """The probability that counts as voice just now."""
        if self._turn is not None:
            return self._threshold - HYSTERESIS
        return self._threshold - SUSPECT_BELOW if self._may_suspect else self._threshold

    @property
    def _may_suspect(self) -> bool:
        assert self._detection is not None
        return self._floor is not Floor.FREE and self._detection.interrupt_response

    def _voiced(self, fact: VoiceWindow) -> Signal | None:
        self._streak += 1
        turn = self._turn
        if turn is None:
            if self._streak < ONSET_WINDOWS and not self._may_suspect:
                return None
            return self._onset(fact)
        if turn.settling and self._streak < ONSET_WINDOWS:
            return None
        turn.voiced_ms += WINDOW_MS
        self._mark_voice(turn, fact)
        if turn.settling:
            turn.settling = False
            number = self.new_utterance()
            turn.texts[number] = ""
            return Resumed(number, fact.end_ms - self._streak * WINDOW_MS - WINDOW_MS)
        if turn.state is TurnState.SUSPECTED:
            return self._judge(turn, 0.0)
        if turn.state is TurnState.ONSET and turn.is_speech:
            return self._start(turn)
        return None

    def _onset(self, fact: VoiceWindow) -> Signal:
        start_ms = fact.end_ms - self._streak * WINDOW_MS
        turn = self._turn = CallerTurn(max(0.0, start_ms))
        turn.voiced_ms = self._streak * WINDOW_MS
        self._mark_voice(turn, fact)
        return self._open_turn(turn, max(0.0, start_ms - self._prefix_ms))

    def _open_turn(self, turn: CallerTurn, from_ms: float) -> Signal:
        number = self.new_utterance()
        turn.texts[number] = ""
        if self._may_suspect:
            turn.state = TurnState.SUSPECTED
            return Suspected(number, from_ms)
        return Begun(number, from_ms)

    def _mark_voice(self, turn: CallerTurn, fact: VoiceWindow) -> None:
        turn.last_voice_ms = fact.end_ms
        if fact.end_ms - WINDOW_MS <= fact.audible_end_ms <= fact.end_ms:
            turn.speech_end_ms = fact.audible_end_ms
            turn.speech_end_at_ms = fact.audible_end_at_ms
        else:
            turn.speech_end_ms = fact.end_ms
            turn.speech_end_at_ms = self._now_ms

    def _silent(self, turn: CallerTurn, silence_ms: float) -> Signal | None:
        if turn.state is TurnState.SUSPECTED:
            return self._judge(turn, silence_ms)
        assert self._ends is not None
        match self._ends.in_turn(turn, silence_ms):
            case Silence.END:
                return self._end(turn)
            case Silence.PAUSE:
                return self._settle(turn)
        return None

    def _settle(self, turn: CallerTurn) -> Settle:
        turn.settling = True
        return Settle(turn.utterance)

    def _judge(self, turn: CallerTurn, silence_ms: float) -> Signal | None:
        match self._verdict(turn, silence_ms):
            case Verdict.INTERRUPTION:
                return self._start(turn)
            case Verdict.FALSE_ALARM:
                return self._false_alarm(turn)
        assert self._ends is not None
        return self._settle(turn) if self._ends.in_held(turn, silence_ms) is Silence.PAUSE else None

    def _verdict(self, turn: CallerTurn, silence_ms: float) -> Verdict:
        return judge(
            voiced_ms=turn.voiced_ms,
            silence_ms=silence_ms,
            text=turn.text,
            is_final=turn.is_settled,
            waited_ms=turn.voiced_ms + silence_ms,
            agent_audible=self._floor is Floor.AUDIBLE,
            answering=self.answering,
            guessed=self.guesses,
            language=self._language,
        )

    def _false_alarm(self, turn: CallerTurn) -> FalseAlarm:
        self._reset()
        return FalseAlarm(turn.utterance)

    def _start(self, turn: CallerTurn) -> Started:
        turn.state = TurnState.SPEAKING
        return Started(turn, max(0.0, turn.start_ms - self._prefix_ms))

    def _end(self, turn: CallerTurn) -> Signal:
        open_utterance = None if turn.is_settled else turn.utterance
        if not turn.announced and turn.is_noise:
            self._reset()
            return Dismissed(turn.utterance)
        self._reset()
        return Ended(turn, open_utterance)

    def _reset(self) -> None:
        self._turn = None
        self._streak = 0
