"""One response being made: from the model's first token to the last word sent.

What it does with what comes depends on its ``state`` (see ``reply_state``): until ``commit`` nothing is told, sent or
remembered, and no tool runs; ``discard`` leaves no trace. ``stop`` cuts a reply that is wanted to what was heard.

Its parts: the model (``ReplyModel``) and the voice (``ReplyVoice``) with their ladders and deadlines, the tool calls
(``ReplyCalls``), the output items (``ReplyOutputs``).
"""

from collections.abc import Callable

from pipelines.conversation import actions as act
from pipelines.conversation.history import History
from pipelines.conversation.items import SaidBy
from pipelines.conversation.ladder import Ladder
from pipelines.conversation.playback import Playback
from pipelines.conversation.reply_calls import ReplyCalls
from pipelines.conversation.reply_model import ReplyModel
from pipelines.conversation.reply_outputs import ReplyOutputs, ToolCallState
from pipelines.conversation.reply_state import BECOMES, WANTED, ReplyState
from pipelines.conversation.reply_voice import ReplyVoice
from pipelines.conversation.settings import ConversationSettings, Modality, Pacing, ReplySettings
from pipelines.conversation.spoken import SpokenMessage
from pipelines.conversation.stage import Stage
from pipelines.conversation.tool_runs import ToolRuns
from pipelines.language.words import said
from pipelines.llm.port import FinishReason, Message, Usage
from pipelines.tts.port import SpokenWord


class Reply:
    """One response. ``tell`` takes the actions; ``next_generation`` hands out numbers for work on providers."""

    def __init__(
        self,
        *,
        reply_id: str,
        settings: ReplySettings,
        session: ConversationSettings,
        new_id: Callable[[str], str],
        next_generation: Callable[[], int],
        history: History | None,
        tool_runs: ToolRuns,
        voice_ladder: Ladder,
        tell: Callable[[act.Action], None],
        heard_until_ms: Callable[[], float],
        metadata: dict[str, str] | None = None,
        said_by: SaidBy | None = None,
    ) -> None:
        """``history`` None: out of band. ``heard_until_ms``: when the client will have played all it got.
        ``said_by``: whose words it is made of (``say``), where no model writes it."""
        self.id = reply_id
        self.stage = Stage()
        self.speculated = False
        self.state = ReplyState.GUESSED
        self.spoken: list[SpokenMessage] = []
        self._settings = settings
        self._session = session
        self._new_id = new_id
        self._tell = tell
        self._heard_until_ms = heard_until_ms
        self._metadata = metadata
        self.said_by = said_by
        self._outputs = ReplyOutputs(reply_id, history, tell)
        self._tool_runs = tool_runs
        own_tools = session.own_tools if history is not None else ()
        self._model = ReplyModel(settings, session, own_tools=own_tools, next_generation=next_generation, tell=tell)
        self._voice = ReplyVoice(settings, session, ladder=voice_ladder, next_generation=next_generation, tell=tell)
        self._calls = ReplyCalls(settings, session, self._outputs, tool_runs, reply_id=reply_id, new_id=new_id)
        self._pacing = session.pacing
        self._is_greeting = False
        self.preface = ""
        """What it begins with, whatever the model says; taken as it is said."""
        self.knows: frozenset[str] = frozenset()
        """Late results of tools that the model was given."""

    # Facts about the reply

    @property
    def is_over(self) -> bool:
        return self.state is ReplyState.OVER

    @property
    def is_out_of_band(self) -> bool:
        return self._outputs.is_out_of_band

    @property
    def modality(self) -> Modality:
        return self._settings.modality

    @property
    def instructions(self) -> str:
        return self._settings.instructions

    @property
    def model_generation(self) -> int | None:
        return self._model.generation

    @property
    def current(self) -> SpokenMessage | None:
        """The message that is being sent."""
        for message in self.spoken:
            if not message.is_closed:
                return message
        return None

    @property
    def runs_tools(self) -> bool:
        return self._calls.are_running

    @property
    def wants_round(self) -> bool:
        """The model is to be asked again, with the results of its tools (``next_round``)."""
        return self.state in WANTED and self._calls.wants_round and self._model.may_ask_again

    def voiced(self, generation: int) -> SpokenMessage | None:
        """The message that this work of a voice speaks."""
        return next((message for message in self.spoken if message.voice_generation == generation), None)

    # Start, commit, discard, stop

    def start(self, messages: tuple[Message, ...], now_ms: float) -> None:
        """Ask the model. Nothing is told until ``commit``."""
        self.knows = frozenset(self._tool_runs.news)
        self._is_greeting = all(message.role == "system" for message in messages)
        self.stage.model_start_ms = now_ms
        self._model.ask(messages, now_ms)

    def commit(self, now_ms: float, *, held: bool = False) -> None:
        """The reply is wanted: tell what there is, and from now on as it comes."""
        self._become(ReplyState.HELD if held else ReplyState.SENDING)
        self._tell(act.ResponseCreated(self._view("in_progress")))
        self._outputs.release()
        if self._model.is_done:
            self._calls.run(now_ms)
        self.pump(now_ms)

    def say(self, text: str, now_ms: float) -> None:
        """A person's words instead of a model's."""
        self.on_text(text, now_ms)
        self.on_model_finished("stop", Usage(), now_ms)

    def discard(self) -> None:
        """Speculation was wrong: stop the work; nothing was told and nothing is remembered."""
        self._become(ReplyState.OVER)
        self._stop_work()

    def stop(self, reason: act.EndReason, now_ms: float, *, failure: tuple[str, str] | None = None) -> None:
        """End a reply that is wanted early; its messages keep what was heard."""
        self._stop_work()
        for output in self._outputs:
            if isinstance(output, SpokenMessage) and not output.is_closed:
                output.close(completed=False)
                output.hear(now_ms)
                self._outputs.close(output)
            elif isinstance(output, ToolCallState) and not output.is_finished:
                self._calls.abandon(output)
        self._tool_runs.leave(self.id, now_ms)
        if self.stage.sent_ms is None and self.stage.first_audio_ms is not None:
            self.stage.sent_ms = now_ms
        self._finish("failed" if failure else "cancelled", reason, failure)

    def fail(self, code: str, message: str, now_ms: float) -> None:
        """It cannot be made: end it, or discard what nobody knows of."""
        if self.state in WANTED:
            self.stop("error", now_ms, failure=(code, message))
        else:
            self.discard()

    def hold(self, now_ms: float) -> None:
        """Stop sending until it is clear whether the caller interrupts."""
        if self.state is not ReplyState.SENDING:
            return
        self._become(ReplyState.HELD)
        message = self.current
        if message is not None and message.playback is not None:
            message.playback.hold(now_ms)
            if message.playback.sent_ms > 0:
                self._tell(act.PausePlayback(message.id))

    def release(self, now_ms: float) -> None:
        """It was a false alarm: go on where it stopped."""
        if self.state is ReplyState.HELD:
            self._become(ReplyState.SENDING)
        for message in self.spoken:
            if message.playback is not None and message.playback.is_held:
                message.playback.resume(now_ms)
                if message.playback.sent_ms > 0:
                    self._tell(act.ResumePlayback(message.id))
        self.pump(now_ms)

    def pace(self, pacing: Pacing) -> None:
        """Audio goes out so far ahead from now on."""
        self._pacing = pacing
        for message in self.spoken:
            if message.playback is not None:
                message.playback.pace(pacing)

    # What the model says

    def on_text(self, text: str, now_ms: float) -> None:
        self._note_token(now_ms)
        message = self._writing()
        if self.preface:
            text, self.preface = f"{self.preface} {text.lstrip()}", ""
            message.tells_of_recording = True
        message.generate(text)
        if message.playback is not None:
            self._voice.speak(message, text, now_ms)
        else:
            self.pump(now_ms)

    def on_tool_call(self, index: int, call_id: str, name: str, arguments: str, now_ms: float) -> None:
        self._note_token(now_ms)
        self._calls.write(index, call_id, name, arguments, may_act=not self._model.reads_retrieved)

    def on_model_finished(self, reason: FinishReason, usage: Usage, now_ms: float) -> None:
        """One that ends with nothing said or called leaves a caller in silence: the next one answers."""
        self._model.finished(reason, usage)
        is_answer = self._outputs or self._calls.has_round or self.is_out_of_band
        if not is_answer and self._model.fall_back("", now_ms):
            return
        self._finish_text(now_ms)
        if self.state in WANTED:
            self._calls.run(now_ms)
            self.pump(now_ms)

    def on_model_failed(self, code: str, message: str, now_ms: float) -> None:
        """The next model finishes this very reply; without one the reply fails."""
        said = "".join(spoken.item.generated for spoken in self.spoken if not spoken.text_is_done)
        self._calls.drop_round()
        if not self._model.fall_back(said, now_ms):
            self.fail(code, message, now_ms)
        elif said:
            self._finish_text(now_ms)

    # What the voice says

    def on_audio(self, generation: int, pcm: bytes, audible_from_ms: float | None, now_ms: float) -> None:
        message = self.voiced(generation)
        if message is None or message.playback is None:
            return
        self._voice.note_audio(message, now_ms)
        if audible_from_ms is not None and self.stage.audible_from_ms is None and message is self.spoken[0]:
            self.stage.audible_from_ms = audible_from_ms
        message.playback.add(pcm)
        self.pump(now_ms)

    def on_words(self, generation: int, words: tuple[SpokenWord, ...]) -> None:
        message = self.voiced(generation)
        if message is not None:
            message.add_words(words)

    def on_voice_finished(self, generation: int, now_ms: float) -> None:
        message = self.voiced(generation)
        if message is not None:
            self._voice.finished(message)
            self.pump(now_ms)

    def on_voice_failed(self, generation: int, code: str, error: str, now_ms: float) -> None:
        """The next voice speaks the rest; without one the reply fails."""
        message = self.voiced(generation)
        if message is None or self._voice.fall_back(message, now_ms):
            return
        if message.is_filler:  # nobody misses it
            message.voice_is_done = True
            self.pump(now_ms)
        else:
            self.fail(code, error, now_ms)

    # Own tools

    def next_round(self, messages: tuple[Message, ...], now_ms: float) -> None:
        """Ask the model again, with the results of its tools."""
        self._calls.next_round()
        self._model.ask(messages, now_ms)

    # Sending and time

    def pump(self, now_ms: float) -> None:
        """Send what is due, close what is finished."""
        if self.state not in WANTED:
            return
        while (message := self.current) is not None and self.state is ReplyState.SENDING:
            if message.playback is None:
                self._send_text(message, now_ms)
            else:
                self._send_audio(message, now_ms)
            if not message.is_sent:
                break
            message.close(completed=self._model.finish_reason in ("stop", "tool_calls"))
            self._outputs.close(message)
        if self._model.is_done and self.current is None and not self.runs_tools and not self.wants_round:
            self._complete(now_ms)

    def tick(self, now_ms: float) -> None:
        """Deadlines of the waits on providers, then sending."""
        late_ms = self._model.due_ms(awaited=self._ahead is None)
        if late_ms is not None and now_ms >= late_ms:
            self._model.stop()
            self.on_model_failed("model_timeout", "The language model did not answer in time.", now_ms)
        if self._ahead is None and (late := self._voice.late(self.spoken, now_ms)) is not None:
            generation = late.voice_generation or 0
            self.on_voice_failed(generation, "voice_timeout", "The voice did not answer in time.", now_ms)
        if (due_ms := self._filler_due_ms()) is not None and now_ms >= due_ms:
            self._say_filler(now_ms)
        self.pump(now_ms)

    def delayed(self, by_ms: float) -> None:
        """Nobody could have heard the providers for so long."""
        self._model.delayed(by_ms)
        self._voice.delayed(self.spoken, by_ms)

    def wake_ms(self) -> float | None:
        """When ``tick`` has something to do. Asked after every fact."""
        if (playback := self._ahead) is None:
            times = [self._model.due_ms(awaited=True), self._filler_due_ms(), self._voice.wake_ms(self.spoken)]
        else:
            sends = self.state is ReplyState.SENDING
            times = [self._model.due_ms(awaited=False), playback.wake_ms() if sends else None]
        return min([time for time in times if time is not None], default=None)

    # Inside

    def _become(self, state: ReplyState) -> None:
        assert state in BECOMES[self.state], f"a reply that is {self.state.value} cannot be {state.value}"
        self.state = state

    def _note_token(self, now_ms: float) -> None:
        if self.stage.first_token_ms is None:
            self.stage.first_token_ms = now_ms
        self._model.note_token(now_ms)

    def _writing(self) -> SpokenMessage:
        """The message the model is writing; a new one after the last was finished."""
        if self.spoken and not self.spoken[-1].text_is_done:
            return self.spoken[-1]
        return self._new_message()

    def _new_message(self) -> SpokenMessage:
        pacing = self._pacing if self._settings.modality == "audio" else None
        message = SpokenMessage(self._new_id("item"), len(self._outputs), pacing, said_by=self.said_by)
        message.is_greeting = self._is_greeting
        self.spoken.append(message)
        self._outputs.add(message)
        return message

    def _finish_text(self, now_ms: float) -> None:
        """The model writes no more of its present message."""
        if not self.spoken or self.spoken[-1].text_is_done:
            return
        message = self.spoken[-1]
        message.text_is_done = True
        self._voice.text_is_done(message, now_ms)

    def _filler_due_ms(self) -> float | None:
        """Only in speech, and only once all that was to be said has been heard."""
        if not self.runs_tools or self.state is ReplyState.HELD or self.current is not None or self.modality != "audio":
            return None
        ends = (message.playback.ends_at_ms() for message in self.spoken if message.playback is not None)
        return self._calls.filler_due_ms(max(ends, default=0.0))

    def _say_filler(self, now_ms: float) -> None:
        message = self._new_message()
        message.is_filler = message.text_is_done = True
        phrase = said(self._calls.take_filler(), self._session.language)
        message.generate(phrase)
        self._voice.speak(message, phrase, now_ms)
        self._voice.text_is_done(message, now_ms)

    @property
    def _ahead(self) -> Playback | None:
        """Audio that waits to be sent: a voice that pauses now keeps nobody waiting."""
        message = self.current
        if message is None or message.playback is None or message.playback.is_empty:
            return None
        return message.playback

    def _send_text(self, message: SpokenMessage, now_ms: float) -> None:
        delta = message.take_unsent_text()
        if delta:
            if self.stage.first_audio_ms is None:
                self.stage.first_audio_ms = now_ms
            self._tell(act.OutputTextDelta(self.id, message.id, message.output_index, delta))
            self._outputs.remember(message.item, progress=True)

    def _send_audio(self, message: SpokenMessage, now_ms: float) -> None:
        assert message.playback is not None
        if not message.playback.sent_ms and not self.is_out_of_band:
            message.playback.follow(self._heard_until_ms())
        pcm = message.playback.due(now_ms)
        if pcm:
            if self.stage.first_audio_ms is None:
                self.stage.first_audio_ms = now_ms
            if message.tells_of_recording:
                message.tells_of_recording = False
                self._tell(act.ToldOfRecording(message.id))
            self._tell(act.OutputAudioDelta(self.id, message.id, message.output_index, pcm))
        delta = message.note_sent()
        if delta:
            self._tell(act.OutputTranscriptDelta(self.id, message.id, message.output_index, delta))

    def _complete(self, now_ms: float) -> None:
        if self.stage.sent_ms is None:
            self.stage.sent_ms = now_ms
        if self._model.finish_reason == "length":
            self._finish("incomplete", "max_output_tokens", None)
        elif self._model.finish_reason == "content_filter":
            self._finish("incomplete", "content_filter", None)
        else:
            self._finish("completed", None, None)

    def _finish(
        self, status: act.ResponseStatus, reason: act.EndReason | None, failure: tuple[str, str] | None
    ) -> None:
        self._become(ReplyState.OVER)
        self._tool_runs.told(self.knows, whole=status in ("completed", "incomplete"))
        self._tell(act.ResponseDone(self._view(status, reason, failure)))
        if self.spoken and not self.is_out_of_band and self.said_by is None:  # others are no turns of the agent's
            first = self.spoken[0]
            timings = self.stage.timings(
                first.id,
                speculated=self.speculated,
                interrupted=status == "cancelled",
                model_rung=self._model.rung,
                voice_rung=first.voice_rung,
            )
            self._tell(timings)

    def _stop_work(self) -> None:
        self._model.stop()
        self._voice.stop(self.spoken)

    def _view(
        self,
        status: act.ResponseStatus,
        reason: act.EndReason | None = None,
        failure: tuple[str, str] | None = None,
    ) -> act.Response:
        done = status != "in_progress"
        return act.Response(
            id=self.id,
            status=status,
            modality=self._settings.modality,
            output=self._outputs.items if done else (),
            reason=reason,
            error_code=failure[0] if failure else None,
            error_message=failure[1] if failure else None,
            usage=self._model.usage if done else None,
            metadata=self._metadata,
            max_output_tokens=self._settings.max_output_tokens,
            voice=self._settings.voice,
            audio_format=self._settings.audio_format,
            out_of_band=self.is_out_of_band,
        )
