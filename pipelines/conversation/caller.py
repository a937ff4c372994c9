"""The caller's side of a conversation: voice and words become turns, turns become items that may be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
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


class PendingTurn(Struct):
    """A turn of the caller's that ended while its text was still on the way."""

    item_id: str
    turn: CallerTurn
    ended_at_ms: float
    respond: bool


class TurnMoments(Struct, frozen=True):
    """When the caller stopped, when that was sure, when the words were known; session milliseconds."""

    speech_end_ms: float
    turn_end_ms: float
    transcript_ms: float | None = None


class CallerSide:
    """Follows the caller, acting on the core it belongs to."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self.turns = TurnTaking(core.settings.turn_detection, recognizer_turns=core.settings.recognizer_turns)
        self.pending: dict[int, PendingTurn] = {}
        self._item_id = ""
        self._told_text = ""
        self._last_window_at_ms = 0.0
        self.audio_ms = 0.0
        """All audio that voice activity has judged."""
        self._seemed_text = ""
        self._moments: TurnMoments | None = None
        self.idle = IdlePrompt(core)
        self.unanswered = False
        """What they said was to be answered, and gave way to another sound of theirs before anything was heard, or the
        line broke."""

    def wake_times(self) -> list[float]:
        """When something here is due."""
        limits = self._core.settings.limits
        times = [turn.ended_at_ms + limits.transcript_ms for turn in self.pending.values()]
        if self.turns.turn is not None:
            times.append(self._last_window_at_ms + limits.line_silent_ms)
        if (idle_ms := self.idle.wake_ms) is not None:
            times.append(idle_ms)
        return times

    def tick(self, now_ms: float) -> None:
        self._time_out_line(now_ms)
        self._time_out_transcripts(now_ms)
        self.idle.tick(now_ms)

    def delayed(self, by_ms: float, now_ms: float) -> None:
        """Texts on the way, and audio on the line, could not be noticed for so long."""
        for pending in {id(turn): turn for turn in self.pending.values()}.values():
            pending.ended_at_ms = min(pending.ended_at_ms + by_ms, now_ms)
        self._last_window_at_ms = min(self._last_window_at_ms + by_ms, now_ms)

    def take_moments(self) -> TurnMoments | None:
        """The moments of the turn that is being answered, once."""
        moments, self._moments = self._moments, None
        return moments

    def agent_answers(self) -> None:
        """A reply begins."""
        self.idle.stop()
        self.unanswered = False

    def end_turn(self, turn: CallerTurn, now_ms: float, *, respond: bool, item_id: str) -> None:
        """The caller's turn becomes an item; its text follows when it is not there yet."""
        core = self._core
        core.requests.empty_buffer()
        core.tell(act.AudioCommitted(item_id, core.history.last_id()))
        core.add_item(user_audio(item_id, None, audio_ms=turn.speech_end_ms - turn.start_ms))
        self._moments = TurnMoments(turn.speech_end_at_ms, now_ms)
        pending = PendingTurn(item_id=item_id, turn=turn, ended_at_ms=now_ms, respond=respond)
        if turn.is_settled:
            self._text_known(pending, now_ms)
        else:
            self._await_text(pending)

    def expect_transcript(self, item_id: str, turn: CallerTurn, now_ms: float) -> None:
        """The client's own recorded item is being transcribed; nobody answers it unasked."""
        self._await_text(PendingTurn(item_id=item_id, turn=turn, ended_at_ms=now_ms, respond=False))

    def configure(self, now_ms: float) -> None:
        """The session's turn detection may have changed; without one a running turn is dropped."""
        detection = self._core.settings.turn_detection
        recognizer_turns = self._core.settings.recognizer_turns and self._core.recognizer.detects_turns
        self.turns.configure(detection, recognizer_turns=recognizer_turns)
        if detection is None:
            self.drop_turn(now_ms)

    def drop_turn(self, now_ms: float) -> CallerTurn | None:
        """Forget the turn that is running."""
        turn = self.turns.take_over()
        if turn is not None:
            self._core.tell(act.AbandonUtterance(turn.utterance))
            self._core.speculation.drop()
            self._core.release(now_ms)
        return turn

    @property
    def speaking(self) -> tuple[str, str] | None:
        """The item that the caller's present turn will be, and its words so far; None: they are not known to speak."""
        turn = self.turns.turn
        return (self._item_id, turn.text) if turn is not None and turn.announced else None

    @property
    def is_busy(self) -> bool:
        """The caller speaks, or words of theirs are on the way."""
        return self.turns.turn is not None or bool(self.pending)

    def fail_utterances(self, code: str, message: str, now_ms: float) -> None:
        """No recogniser is left to give these their text."""
        running = self.turns.turn
        open_numbers = [] if running is None else [n for n in running.texts if n not in running.settled]
        for utterance in [*self.pending, *open_numbers]:
            self._on_transcript_failed(facts.TranscriptFailed(utterance, code, message), now_ms)

    def keep_unfinished(self) -> None:
        """The line broke: what the caller had said is remembered as far as it was understood."""
        core = self._core
        turn = self.turns.take_over()
        if turn is not None:
            core.tell(act.AbandonUtterance(turn.utterance))
            if turn.text and turn.announced:
                core.add_item(structs.replace(user_audio(self._item_id, turn.text), status="incomplete"))
        for utterance, pending in self.pending.items():
            core.tell(act.AbandonUtterance(utterance))
            if pending.item_id in core.history:
                item = core.history.get(pending.item_id)
                core.remember(structs.replace(item, parts=user_audio(item.id, pending.turn.text).parts))
        self.pending.clear()

    def _on_left_unanswered(self, _fact: facts.LeftUnanswered, _now_ms: float) -> None:
        """What is being done about it since is told when it is done."""
        self.unanswered = not self._core.tool_runs.running_ids

    # Voice

    def _on_window(self, fact: facts.VoiceWindow, now_ms: float) -> None:
        self._last_window_at_ms = now_ms
        self.audio_ms = fact.end_ms
        if self.turns.turn is None and fact.probability < SILENT_PROBABILITY:
            return
        signal = self.turns.window(fact, now_ms, self._core.floor(now_ms))
        if signal is not None:
            self._on_signal(signal, now_ms)
        if (turn := self.turns.turn) is not None:
            self._core.recognizer.watch(turn, fact.end_ms, now_ms)

    def _on_signal(self, signal: Signal, now_ms: float) -> None:
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
            case Started(audio_start_ms):
                self._on_started(audio_start_ms, now_ms)
            case FalseAlarm(utterance):
                core.tell(act.AbandonUtterance(utterance))
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
        self._item_id = self._core.new_id("item")
        self._told_text = ""

    def _on_started(self, audio_start_ms: float, now_ms: float) -> None:
        """The caller has the floor: whatever the agent was saying or preparing ends, if the session wants that."""
        self.idle.wait_anew(now_ms)
        self._core.tell(act.SpeechStarted(self._item_id, int(audio_start_ms)))
        detection = self._core.settings.turn_detection
        if detection is not None and detection.interrupt_response:
            self.unanswered |= self._core.is_answering and not self._core.is_audible
            self._core.interrupt(now_ms)
        else:
            self._core.release(now_ms)  # it was held before the session wanted it so

    def _on_ended(self, turn: CallerTurn, open_utterance: int | None, now_ms: float) -> None:
        core = self._core
        if not turn.announced:  # too short to be told before its words were known
            self._on_started(turn.start_ms, now_ms)
        core.tell(act.SpeechStopped(self._item_id, int(turn.speech_end_ms)))
        if open_utterance is not None:
            core.tell(act.FinishUtterance(open_utterance))
        detection = core.settings.turn_detection
        respond = detection is not None and detection.create_response
        self.end_turn(turn, now_ms, respond=respond, item_id=self._item_id)

    # A recogniser that detects turns

    def _on_recognizer_began(self, _fact: facts.RecognizerTurnStarted, now_ms: float) -> None:
        self._core.recognizer.note_words()
        if not self.turns.follows_recognizer:
            return
        signal = self.turns.recognizer_began(self.audio_ms, now_ms, self._core.floor(now_ms))
        if signal is not None:
            self._on_signal(signal, now_ms)

    def _on_recognizer_eager_end(self, fact: facts.RecognizerEagerEnd, now_ms: float) -> None:
        self._core.recognizer.note_words(seems_over=bool(fact.text))
        self._seemed_text = fact.text
        if self.turns.follows_recognizer and self.turns.turn is not None and not self.turns.is_suspecting and fact.text:
            self._core.speculation.begin(fact.text, now_ms)

    def _on_recognizer_resumed(self, _fact: facts.RecognizerResumed, _now_ms: float) -> None:
        self._core.recognizer.note_words()
        if self.turns.follows_recognizer:
            self._core.speculation.drop()

    def _on_recognizer_ended(self, fact: facts.RecognizerTurnEnded, now_ms: float) -> None:
        if not self.turns.follows_recognizer:
            # Silence decides: what the recogniser takes for a turn is then just settled text.
            self._on_transcribed(facts.Transcribed(fact.utterance, fact.text, fact.words), now_ms)
            return
        signal = self.turns.recognizer_ended(fact.text, now_ms, fact.words)
        if signal is not None:
            self._on_signal(signal, now_ms)

    def end_as_it_seemed(self, now_ms: float) -> None:
        """The recogniser took the turn for over, has been silent since, and so was the caller."""
        if (signal := self.turns.recognizer_ended(self._seemed_text, now_ms)) is not None:
            self._on_signal(signal, now_ms)

    # Words

    def _on_heard(self, fact: facts.Heard, now_ms: float) -> None:
        self._core.recognizer.note_words()
        signal = self.turns.text(fact.utterance, fact.text)
        if signal is not None:
            self._on_signal(signal, now_ms)
        turn = self.turns.turn
        if turn is not None and turn.announced and fact.utterance in turn.texts:
            self._tell_interim(turn.text)

    def _on_transcribed(self, fact: facts.Transcribed, now_ms: float) -> None:
        pending = self.pending.pop(fact.utterance, None)
        if pending is not None:
            pending.turn.texts[fact.utterance] = fact.text
            recognizer = self._core.recognizer
            if recognizer.is_deaf_for(pending.turn) and recognizer.replace("stt_silent", now_ms, again=fact.utterance):
                pending.ended_at_ms = now_ms
                self.pending[fact.utterance] = pending
                return
            pending.turn.settle(fact.utterance, fact.text, fact.words)
            if pending.turn.is_settled:
                self._text_known(pending, now_ms)
            return
        signal = self.turns.settled(fact.utterance, fact.text, fact.words)
        turn = self.turns.turn
        if signal is not None:
            self._on_signal(signal, now_ms)
        elif turn is not None and fact.utterance in turn.texts and turn.is_settled and turn.text:
            self._core.speculation.begin(turn.text, now_ms)

    def _on_transcript_failed(self, fact: facts.TranscriptFailed, now_ms: float) -> None:
        pending = self.pending.get(fact.utterance)
        turn = self.turns.turn
        is_wanted = pending is not None or (turn is not None and turn.announced and fact.utterance in turn.texts)
        if is_wanted and self._core.recognizer.replace(fact.code, now_ms, again=fact.utterance):
            if pending is not None:
                pending.ended_at_ms = now_ms
            return
        if pending is not None and self._core.settings.transcribe:
            self._core.tell(act.TranscriptionFailed(pending.item_id, fact.code, fact.message))
        self._on_transcribed(facts.Transcribed(fact.utterance, self._interim_of(fact.utterance)), now_ms)

    def _interim_of(self, utterance: int) -> str:
        """The best text there is of an utterance that will get no final one."""
        pending = self.pending.get(utterance)
        turn = pending.turn if pending is not None else self.turns.turn
        return turn.texts.get(utterance, "") if turn is not None else ""

    def _tell_interim(self, text: str) -> None:
        """Interims are told while they only grow; the completed transcript settles the rest."""
        told = self._told_text
        if self._core.settings.transcribe and text.startswith(told) and len(text) > len(told):
            self._core.tell(act.TranscriptDelta(self._item_id, text[len(told) :]))
            self._told_text = text

    def _await_text(self, pending: PendingTurn) -> None:
        for utterance in pending.turn.texts:
            if utterance not in pending.turn.settled:
                self.pending[utterance] = pending

    def _text_known(self, pending: PendingTurn, now_ms: float) -> None:
        core, turn = self._core, pending.turn
        core.tell(act.ReleaseAudio())
        if pending.item_id not in core.history:
            core.speculation.drop()
            return  # the client deleted it meanwhile
        item = core.history.get(pending.item_id)
        item = structs.replace(item, parts=user_audio(item.id, turn.text).parts)
        core.remember(item)
        if core.settings.transcribe:
            core.tell(act.TranscriptCompleted(item.id, turn.text, item.audio_ms, turn.settled_words))
        if self._moments is not None:
            self._moments = structs.replace(self._moments, transcript_ms=now_ms)
        if not turn.is_noise:
            self.idle.stop()
        if not pending.respond or turn.is_noise:
            core.speculation.drop()
        if pending.respond:
            self._answer(turn, now_ms)

    def _answer(self, turn: CallerTurn, now_ms: float) -> None:
        """A noise is answered only where it cost the caller the answer to what they had said before it."""
        if self.turns.caller_has_floor:
            self.unanswered |= not turn.is_noise
        elif not turn.is_noise:
            self._core.answer(turn.text, now_ms)
        elif self.unanswered:
            self._core.respond(now_ms)

    # Time

    def _time_out_line(self, now_ms: float) -> None:
        if self.turns.turn is None:
            return
        if now_ms < self._last_window_at_ms + self._core.settings.limits.line_silent_ms:
            return
        self._last_window_at_ms = now_ms
        if (signal := self.turns.silence(now_ms)) is not None:
            self._on_signal(signal, now_ms)

    def _time_out_transcripts(self, now_ms: float) -> None:
        limit_ms = self._core.settings.limits.transcript_ms
        late = [number for number, turn in self.pending.items() if now_ms >= turn.ended_at_ms + limit_ms]
        for utterance in late:
            turn = self.pending[utterance].turn
            nothing_heard = not turn.texts[utterance] and not turn.is_noise
            if nothing_heard and self._core.recognizer.replace("transcript_timeout", now_ms):
                for pending in self.pending.values():  # the next recogniser has as long
                    pending.ended_at_ms = now_ms
                return
            self._core.tell(act.AbandonUtterance(utterance))
            self._on_transcript_failed(
                facts.TranscriptFailed(utterance, "transcript_timeout", "The recogniser did not answer in time."),
                now_ms,
            )

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
