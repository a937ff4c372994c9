"""The caller's side of a conversation: voice and words become turns, turns become items that may be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.awaited_words import AwaitedWords
from pipelines.conversation.caller_turn import CallerTurn
from pipelines.conversation.idle_prompt import IdlePrompt
from pipelines.conversation.items import user_audio
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
from pipelines.conversation.turn_taking import TurnTaking

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore

SILENT_PROBABILITY = 0.1
"""Below it a window cannot begin a turn at any threshold worth setting: the quiet line costs next to nothing."""


class CallerSide:
    """Follows the caller, acting on the core it belongs to."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        settings = core.settings
        self.turns = TurnTaking(
            settings.turn_detection, recognizer_turns=settings.recognizer_turns, language=settings.language
        )
        self.awaited = AwaitedWords(core)
        self._last_window_at_ms = 0.0
        self.audio_ms = 0.0
        """All audio that voice activity has judged."""
        self.idle = IdlePrompt(core)
        self.is_owed = False
        """What they said is to be answered, and no reply to it has begun: another is in the way, they make another
        sound, broke in before they heard anything, or the line broke."""
        self._answered: CallerTurn | None = None

    def wake_times(self) -> list[float | None]:
        """When something here is due."""
        return [self.awaited.wake_ms, self.idle.wake_ms, None if self.turns.turn is None else self._line_due_ms]

    @property
    def _line_due_ms(self) -> float:
        return self._last_window_at_ms + self._core.settings.limits.line_silent_ms

    def tick(self, now_ms: float) -> None:
        if self.turns.turn is not None and now_ms >= self._line_due_ms:
            self._last_window_at_ms = now_ms
            self._on_signal(self.turns.silence(now_ms), now_ms)
        self.awaited.tick(now_ms)
        self.idle.tick(now_ms)

    def delayed(self, by_ms: float, now_ms: float) -> None:
        """Texts on the way, and audio on the line, could not be noticed for so long."""
        self.awaited.delayed(by_ms, now_ms)
        self._last_window_at_ms = min(self._last_window_at_ms + by_ms, now_ms)

    def take_answered(self) -> CallerTurn | None:
        """The turn that the next reply is to, once: how long the caller waits counts from its end."""
        turn, self._answered = self._answered, None
        return turn

    def end_turn(self, turn: CallerTurn, now_ms: float, *, respond: bool) -> None:
        """The caller's turn becomes an item; its text follows when it is not there yet."""
        core = self._core
        core.requests.empty_buffer()
        core.tell(act.AudioCommitted(turn.item_id, core.history.last_id()))
        core.add_item(user_audio(turn.item_id, None, audio_ms=turn.speech_end_ms - turn.start_ms))
        turn.ended_at_ms, turn.respond = now_ms, respond
        if turn.is_settled:
            self.words_known(turn, now_ms)
        else:
            self.awaited.expect(turn, now_ms)

    def configure(self, now_ms: float) -> None:
        """The session's turn detection may have changed; without one a running turn is dropped."""
        detection = self._core.settings.turn_detection
        recognizer_turns = self._core.settings.recognizer_turns and self._core.recognizer.detects_turns
        language = self._core.settings.language
        self.turns.configure(detection, recognizer_turns=recognizer_turns, language=language)
        if detection is None:
            self.drop_turn(now_ms)

    def drop_turn(self, now_ms: float) -> None:
        """Forget the turn that is running."""
        turn = self.turns.take_over()
        if turn is not None:
            self._core.tell(act.AbandonUtterance(turn.utterance))
            self._core.speculation.drop()
            self._core.release(now_ms)

    @property
    def speaking(self) -> tuple[str, str] | None:
        """The item that the caller's present turn will be, and its words so far; None: they are not known to speak."""
        turn = self.turns.turn
        return (turn.item_id, turn.text) if turn is not None and turn.announced else None

    @property
    def is_busy(self) -> bool:
        """The caller speaks, or words of theirs are on the way."""
        return self.turns.turn is not None or bool(self.awaited)

    def fail_utterances(self, code: str, message: str, now_ms: float) -> None:
        """No recogniser is left to give these their text."""
        running = self.turns.turn
        for utterance in [*self.awaited.utterances, *(running.unsettled if running is not None else ())]:
            self._on_transcript_failed(facts.TranscriptFailed(utterance, code, message), now_ms)

    def keep_unfinished(self) -> None:
        """The line broke: what the caller had said is remembered as far as it was understood."""
        core = self._core
        turn = self.turns.take_over()
        if turn is not None:
            core.tell(act.AbandonUtterance(turn.utterance))
            if turn.text and turn.announced:
                core.add_item(structs.replace(user_audio(turn.item_id, turn.text), status="incomplete"))
        for ended in self.awaited.give_up():
            if ended.item_id in core.history:
                item = core.history.get(ended.item_id)
                core.remember(structs.replace(item, parts=user_audio(item.id, ended.text).parts))

    def _on_left_unanswered(self, _fact: facts.LeftUnanswered, _now_ms: float) -> None:
        """What is being done about it since is told when it is done."""
        self.is_owed = not self._core.tool_runs.running_ids

    # Voice

    def _on_window(self, fact: facts.VoiceWindow, now_ms: float) -> None:
        self._last_window_at_ms = now_ms
        self.audio_ms = fact.end_ms
        if self.turns.turn is None and fact.probability < SILENT_PROBABILITY:
            return
        if (signal := self.turns.window(fact, now_ms, self._core.floor(now_ms))) is not None:
            self._on_signal(signal, now_ms)
        if (turn := self.turns.turn) is not None:
            self._core.recognizer.watch(turn, fact.end_ms, now_ms)

    def _on_signal(self, signal: Signal | None, now_ms: float) -> None:
        core = self._core
        match signal:
            case Begun(utterance, from_ms):
                self._new_turn()
                core.tell(act.BeginUtterance(utterance, from_ms))
            case Suspected(utterance, from_ms):
                self._new_turn()
                core.hold(now_ms)
                self.turns.answering = core.heard.ends_with_question(now_ms)
                core.tell(act.BeginUtterance(utterance, from_ms))
            case Started(turn, audio_start_ms):
                self._on_started(turn, audio_start_ms, now_ms)
            case FalseAlarm(utterance):
                core.tell(act.AbandonUtterance(utterance))
                core.speculation.drop()
                core.release(now_ms)
            case Dismissed(utterance):
                core.tell(act.AbandonUtterance(utterance))
                core.speculation.drop()
            case Settle(utterance):
                core.tell(act.FinishUtterance(utterance))
            case Resumed(utterance, from_ms):
                core.speculation.drop()
                core.tell(act.BeginUtterance(utterance, from_ms))
            case Ended(turn, open_utterance):
                self._on_ended(turn, open_utterance, now_ms)

    def _new_turn(self) -> None:
        assert self.turns.turn is not None
        self.turns.turn.item_id = self._core.new_id("item")

    def _on_started(self, turn: CallerTurn, audio_start_ms: float, now_ms: float) -> None:
        """The caller has the floor: whatever the agent was saying or preparing ends, if the session wants that."""
        self.idle.wait_anew(now_ms)
        self._core.tell(act.SpeechStarted(turn.item_id, int(audio_start_ms)))
        detection = self._core.settings.turn_detection
        if detection is not None and detection.interrupt_response:
            is_owed = self._core.is_answering and not self._core.is_audible
            self._core.interrupt(now_ms)
            self.is_owed = is_owed
        else:
            self._core.release(now_ms)  # it was held before the session wanted it so

    def _on_ended(self, turn: CallerTurn, open_utterance: int | None, now_ms: float) -> None:
        core = self._core
        if not turn.announced:  # too short to be told before its words were known
            self._on_started(turn, turn.start_ms, now_ms)
        core.tell(act.SpeechStopped(turn.item_id, int(turn.speech_end_ms)))
        if open_utterance is not None:
            core.tell(act.FinishUtterance(open_utterance))
        detection = core.settings.turn_detection
        self.end_turn(turn, now_ms, respond=detection is not None and detection.create_response)

    # A recogniser that detects turns

    def _on_recognizer_began(self, _fact: facts.RecognizerTurnStarted, now_ms: float) -> None:
        self._core.recognizer.note_words()
        if self.turns.follows_recognizer:
            self._on_signal(self.turns.recognizer_began(self.audio_ms, now_ms, self._core.floor(now_ms)), now_ms)

    def _on_recognizer_eager_end(self, fact: facts.RecognizerEagerEnd, now_ms: float) -> None:
        self._core.recognizer.note_words(seems_over=bool(fact.text))
        if (turn := self.turns.turn) is None:
            return
        turn.seemed_text = fact.text
        if self.turns.follows_recognizer and not self.turns.is_suspecting and fact.text:
            self._core.speculation.begin(fact.text, now_ms)

    def _on_recognizer_resumed(self, _fact: facts.RecognizerResumed, _now_ms: float) -> None:
        self._core.recognizer.note_words()
        if self.turns.follows_recognizer:
            self._core.speculation.drop()

    def _on_recognizer_ended(self, fact: facts.RecognizerTurnEnded, now_ms: float) -> None:
        if not self.turns.follows_recognizer or self.awaited.turn_of(fact.utterance) is not None:
            # Silence decides, or has decided: what the recogniser takes for a turn is then just settled text.
            self._on_transcribed(facts.Transcribed(fact.utterance, fact.text, fact.words), now_ms)
            return
        self._on_signal(self.turns.recognizer_ended(fact.text, now_ms, fact.words), now_ms)

    def end_as_it_seemed(self, now_ms: float) -> None:
        """The recogniser took the turn for over, has been silent since, and so was the caller."""
        assert self.turns.turn is not None
        self._on_signal(self.turns.recognizer_ended(self.turns.turn.seemed_text, now_ms), now_ms)

    # Words

    def _on_heard(self, fact: facts.Heard, now_ms: float) -> None:
        self._core.recognizer.note_words()
        silent = self.awaited.turn_of(fact.utterance) or self._core.requests.buffered(fact.utterance)
        if silent is not None:
            silent.texts[fact.utterance] = fact.text  # it has to do if no final text comes
            return
        self._on_signal(self.turns.text(fact.utterance, fact.text), now_ms)
        turn = self.turns.turn
        if turn is not None and turn.announced and fact.utterance in turn.texts:
            self._tell_interim(turn)

    def _on_transcribed(self, fact: facts.Transcribed, now_ms: float) -> None:
        if (ended := self.awaited.turn_of(fact.utterance)) is not None:
            self.awaited.came(ended, fact, now_ms)
            return
        signal = self.turns.settled(fact.utterance, fact.text, fact.words)
        turn = self.turns.turn
        if signal is not None:
            self._on_signal(signal, now_ms)
        elif turn is not None and fact.utterance in turn.texts and turn.is_settled and turn.text:
            self._core.speculation.begin(turn.text, now_ms)

    def _on_transcript_failed(self, fact: facts.TranscriptFailed, now_ms: float) -> None:
        if (ended := self.awaited.turn_of(fact.utterance)) is not None:
            self.awaited.failed(ended, fact, now_ms)
            return
        turn = self.turns.turn
        if turn is None or fact.utterance not in turn.texts:
            return
        if not turn.announced or not self._core.recognizer.replace(fact.code, now_ms, again=fact.utterance):
            self._on_transcribed(facts.Transcribed(fact.utterance, turn.texts[fact.utterance]), now_ms)

    def _tell_interim(self, turn: CallerTurn) -> None:
        """Interims are told while they only grow; the completed transcript settles the rest."""
        told, text = turn.told_text, turn.text
        if self._core.settings.transcribe and text.startswith(told) and len(text) > len(told):
            self._core.tell(act.TranscriptDelta(turn.item_id, text[len(told) :]))
            turn.told_text = text

    def words_known(self, turn: CallerTurn, now_ms: float) -> None:
        """The turn ended, and all of its words are there."""
        core = self._core
        core.tell(act.ReleaseAudio())
        if turn.item_id not in core.history:
            core.speculation.drop()
            return  # the client deleted it meanwhile
        item = core.history.get(turn.item_id)
        item = structs.replace(item, parts=user_audio(item.id, turn.text).parts)
        core.remember(item)
        if core.settings.transcribe:
            audio_ms = turn.recorded_ms or item.audio_ms
            core.tell(act.TranscriptCompleted(item.id, turn.text, audio_ms, turn.settled_words))
        turn.known_at_ms = now_ms
        if not turn.is_noise:
            self.idle.stop()
        if not turn.respond or turn.is_noise:
            core.speculation.drop()
        if turn.respond:
            self._answer(turn, now_ms)

    def _answer(self, turn: CallerTurn, now_ms: float) -> None:
        """A noise is answered only where it cost the caller the answer to what they had said before it."""
        if turn.is_noise and not self.is_owed:
            return
        self._answered, self.is_owed = turn, True
        if not self.turns.caller_has_floor and not self.awaited.hold_answer:
            self._core.answer(turn.text, now_ms)

    HANDLERS: ClassVar[Mapping[type[facts.Fact], Callable[..., None]]] = {
        facts.VoiceWindow: _on_window,
        facts.Heard: _on_heard,
        facts.Transcribed: _on_transcribed,
        facts.TranscriptFailed: _on_transcript_failed,
        facts.RecognizerTurnStarted: _on_recognizer_began,
        facts.RecognizerEagerEnd: _on_recognizer_eager_end,
        facts.RecognizerResumed: _on_recognizer_resumed,
        facts.RecognizerTurnEnded: _on_recognizer_ended,
        facts.RecognizerLost: lambda self, fact, now_ms: self._core.recognizer.lost(fact, now_ms),
        facts.RecognizerChanged: lambda self, fact, now_ms: self._core.recognizer.changed(fact, now_ms),
        facts.LeftUnanswered: _on_left_unanswered,
    }
    """Functions, not methods bound to each conversation's own object: they would hold it, and it them."""
