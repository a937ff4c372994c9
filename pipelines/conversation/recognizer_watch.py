"""Which recogniser of the ladder listens. One that is lost, or silent while the caller speaks, gives way to the next;
after a while of quiet the first is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.caller_turn import CallerTurn
from pipelines.conversation.recognizer_health import DEAF_VOICED_MS, OVER_MS, Health, Told, judge

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore

FIRST_RETURN_MS = 60_000.0
"""How long the next recogniser serves before the first is tried again; doubles each time it is lost again."""

LONGEST_RETURN_MS = 960_000.0
REOPEN_MS = 5_000.0
"""When none is left, the first is opened again after this long."""

NEXT_TRY_MS = 2_000.0
"""Audio that a recogniser is given before it may be found deaf for the same turn."""


class RecognizerWatch:
    """Acts on the core it belongs to. ``rung``: the recogniser in use."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self.rung = 0
        self.detects_turns = True
        """Whether it finds the ends of turns itself, as far as the session's settings want that."""
        self._return_after_ms = FIRST_RETURN_MS
        self._return_at_ms: float | None = None
        self._turn: CallerTurn | None = None
        self._told_at_ms = 0.0
        self._told_voice_ms = 0.0
        self._slowest_ms = 0.0
        self._seemed_over = False
        self._was_lost = False
        """The next turn is the first that the next recogniser hears."""
        self._tried_at_ms = 0.0
        self._late_ms = 0.0
        """Time since the last word, or the beginning of the turn, in which no word could be noticed."""

    def wake_ms(self) -> float | None:
        """Only while the caller is quiet: nothing of a turn is put at risk by a change for the better."""
        return None if self._core.caller.is_busy else self._return_at_ms

    def note_words(self, *, seems_over: bool = False) -> None:
        """The recogniser said something, be it the same again. ``seems_over``: that the turn may be over."""
        if self._turn is None:
            return
        self._slowest_ms = max(self._slowest_ms, self._turn.voiced_ms - self._told_voice_ms - self._late_ms)
        self._seemed_over = seems_over
        self._count_from(self._core.caller.audio_ms)

    def delayed(self, by_ms: float) -> None:
        """This process was late: its own silence is not the recogniser's."""
        self._late_ms += by_ms

    def watch(self, turn: CallerTurn, audio_ms: float, now_ms: float) -> None:
        """The caller's turn goes on: replace a recogniser that does not hear it, or has stopped to."""
        if turn is not self._turn:
            self._turn, self._slowest_ms, self._seemed_over = turn, 0.0, False
            self._told_at_ms, self._told_voice_ms, self._late_ms = turn.start_ms, 0.0, 0.0
            self._tried_at_ms = turn.start_ms - NEXT_TRY_MS
            turn.heard_again, self._was_lost = turn.heard_again or self._was_lost, False
        silence_ms = audio_ms - turn.last_voice_ms - self._late_ms
        unheard_ms = turn.voiced_ms - self._told_voice_ms - self._late_ms
        if silence_ms < OVER_MS and unheard_ms < self._core.settings.limits.recognition_ms:
            return
        self._act_on(self._health(turn, audio_ms, silence_ms, unheard_ms), turn, audio_ms, now_ms)

    def _health(self, turn: CallerTurn, audio_ms: float, silence_ms: float, unheard_ms: float) -> Health:
        told = Told(
            untold_ms=audio_ms - self._told_at_ms - self._late_ms,
            unheard_ms=unheard_ms,
            slowest_ms=self._slowest_ms,
            seemed_over=self._seemed_over,
        )
        return judge(
            told,
            voiced_ms=turn.voiced_ms if turn.announced else 0.0,
            silence_ms=silence_ms if turn.announced else 0.0,
            has_text=bool(turn.text),
            finds_turns=self._core.caller.turns.follows_recognizer,
            recognition_ms=self._core.settings.limits.recognition_ms,
        )

    def _act_on(self, health: Health, turn: CallerTurn, audio_ms: float, now_ms: float) -> None:
        if health is Health.HEARS:
            return
        if health is Health.STALLED_AT_END:
            self._core.caller.end_as_it_seemed(now_ms)
            return
        if audio_ms - self._tried_at_ms - self._late_ms < NEXT_TRY_MS:
            return
        self._tried_at_ms = audio_ms
        self._count_from(audio_ms)
        if self.replace("stt_silent", now_ms, again=turn.utterance):
            turn.settled.discard(turn.utterance)
            turn.heard_again = audio_ms - turn.last_voice_ms >= OVER_MS

    def _count_from(self, audio_ms: float) -> None:
        assert self._turn is not None
        self._told_at_ms, self._told_voice_ms, self._late_ms = audio_ms, self._turn.voiced_ms, 0.0

    @staticmethod
    def is_deaf_for(turn: CallerTurn) -> bool:
        """Voice activity is sure of the speech, and there are no words for it."""
        return turn.announced and not turn.text and turn.voiced_ms >= DEAF_VOICED_MS

    def lost(self, fact: facts.RecognizerLost, now_ms: float) -> None:
        if fact.rung != self.rung:
            return  # it was replaced already
        if (turn := self._core.caller.turns.turn) is not None:
            turn.heard_again = True
        else:
            self._was_lost = True
        if not self.replace(fact.code, now_ms):
            self._core.tell(act.Refused(fact.code, "Speech recognition is not available just now; typing works."))
            self._core.caller.fail_utterances(fact.code, "The recogniser was lost.", now_ms)
            self._return_at_ms = now_ms + REOPEN_MS

    def changed(self, fact: facts.RecognizerChanged, now_ms: float) -> None:
        """A recogniser is open."""
        if fact.rung == self.rung:
            self._core.caller.turns.guesses = fact.guesses
        if fact.rung == self.rung and fact.detects_turns != self.detects_turns:
            self.detects_turns = fact.detects_turns
            self._core.caller.configure(now_ms)

    def replace(self, code: str, now_ms: float, *, again: int | None = None) -> bool:
        """Go on with the next recogniser, which hears the utterance ``again`` too. False: there is none."""
        if self.rung + 1 >= self._core.settings.recognizer_rungs:
            return False
        self.rung += 1
        self._return_at_ms = now_ms + self._return_after_ms
        self._return_after_ms = min(2 * self._return_after_ms, LONGEST_RETURN_MS)
        self._core.tell(act.ChangeRecognizer(self.rung, code, again))
        return True

    def tick(self, now_ms: float) -> None:
        wake_ms = self.wake_ms()
        if wake_ms is not None and now_ms >= wake_ms:
            self._return_at_ms = None
            self.rung = 0
            self._core.tell(act.ChangeRecognizer(0, "stt_return"))
