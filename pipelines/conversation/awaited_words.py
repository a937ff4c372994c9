"""The words of turns that ended before all of them were known: they come, they fail, or they are waited for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.caller_turn import CallerTurn

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore


class AwaitedWords:
    """Acts on the core it belongs to. True while there are some."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self._turns: list[CallerTurn] = []

    def __bool__(self) -> bool:
        return bool(self._turns)

    @property
    def wake_ms(self) -> float | None:
        """When the first of them are late."""
        return min(map(self._due_ms, self._turns), default=None)

    @property
    def hold_answer(self) -> bool:
        """One of the turns is to be answered, and what was said before it with it."""
        return any(turn.respond for turn in self._turns)

    @property
    def utterances(self) -> list[int]:
        """Those of the line."""
        return [utterance for turn in self._turns if not turn.recorded_ms for utterance in turn.unsettled]

    def turn_of(self, utterance: int) -> CallerTurn | None:
        """Whose words are awaited as this utterance."""
        return next((turn for turn in self._turns if utterance in turn.unsettled), None)

    def expect(self, turn: CallerTurn, now_ms: float) -> None:
        """It ended, and is not settled. To understand a recording may take as long as that lasts, and then a turn's
        time."""
        turn.awaited_from_ms = now_ms + turn.recorded_ms
        self._turns.append(turn)

    def delayed(self, by_ms: float, now_ms: float) -> None:
        """They could not be noticed for so long."""
        for turn in self._turns:
            turn.awaited_from_ms = max(turn.awaited_from_ms, min(turn.awaited_from_ms + by_ms, now_ms))

    def came(self, turn: CallerTurn, fact: facts.Transcribed, now_ms: float) -> None:
        """A recogniser's last word on one of the turn's utterances; the next is asked where it heard nothing."""
        turn.texts[fact.utterance] = fact.text
        recognizer = self._core.recognizer
        if recognizer.is_deaf_for(turn) and recognizer.replace("stt_silent", now_ms, again=fact.utterance):
            turn.awaited_from_ms = now_ms
        else:
            self._settle(turn, fact, now_ms)

    def failed(self, turn: CallerTurn, fact: facts.TranscriptFailed, now_ms: float) -> None:
        """The next recogniser is asked; where there is none, what was understood so far has to do."""
        if not turn.recorded_ms and self._core.recognizer.replace(fact.code, now_ms, again=fact.utterance):
            turn.awaited_from_ms = now_ms
        else:
            self._make_do(turn, fact, now_ms)

    def tick(self, now_ms: float) -> None:
        """The next recogniser is asked for what is late and was not heard at all, and has as long."""
        late = [turn for turn in self._turns if now_ms >= self._due_ms(turn)]
        is_replaced = not all(turn.recorded_ms for turn in late) and self._core.recognizer.replace(
            "transcript_timeout", now_ms
        )
        for turn in late:
            if is_replaced and not turn.is_noise and not all(turn.texts[utterance] for utterance in turn.unsettled):
                continue
            for utterance in turn.unsettled:
                self._core.tell(act.AbandonUtterance(utterance))
                message = "The recogniser did not answer in time."
                self._make_do(turn, facts.TranscriptFailed(utterance, "transcript_timeout", message), now_ms)
        if is_replaced:
            for turn in self._turns:
                turn.awaited_from_ms = max(turn.awaited_from_ms, now_ms)

    def give_up(self) -> list[CallerTurn]:
        """Nobody waits any more: the turns, with what was understood of them."""
        for utterance in self.utterances:
            self._core.tell(act.AbandonUtterance(utterance))
        turns, self._turns = self._turns, []
        return turns

    def _due_ms(self, turn: CallerTurn) -> float:
        return turn.awaited_from_ms + self._core.settings.limits.transcript_ms

    def _make_do(self, turn: CallerTurn, fact: facts.TranscriptFailed, now_ms: float) -> None:
        if self._core.settings.transcribe:
            self._core.tell(act.TranscriptionFailed(turn.item_id, fact.code, fact.message))
        self._settle(turn, facts.Transcribed(fact.utterance, turn.texts[fact.utterance]), now_ms)

    def _settle(self, turn: CallerTurn, fact: facts.Transcribed, now_ms: float) -> None:
        turn.settle(fact.utterance, fact.text, fact.words)
        if turn.is_settled:
            self._turns.remove(turn)
            self._core.caller.words_known(turn, now_ms)
