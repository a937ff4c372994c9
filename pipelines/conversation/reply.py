"""One response being made: from the model's first token to the last word sent.

A reply starts uncommitted when it is speculative: model and voice work, nothing is told, sent or remembered, and no
tool runs. ``commit`` releases it; ``discard`` leaves no trace. ``stop`` cuts a committed reply to what was heard.
"""

from collections.abc import Callable

from msgspec import Struct, structs

from pipelines.conversation import actions as act
from pipelines.conversation.history import History
from pipelines.conversation.items import Item
from pipelines.conversation.settings import ConversationSettings, ReplySettings
from pipelines.conversation.spoken import SpokenMessage
from pipelines.llm.port import ChatRequest, FinishReason, Message, ToolSpec, Usage
from pipelines.tts.port import SpokenWord

TOOL_TIMEOUT_OUTPUT = '{"error":{"code":"tool_timeout","message":"The tool did not answer in time."}}'

Tell = Callable[[act.Action], None]


class Stage(Struct):
    """When each stage of a reply was reached, session milliseconds."""

    speech_end_ms: float | None = None
    turn_end_ms: float | None = None
    transcript_ms: float | None = None
    model_start_ms: float | None = None
    first_token_ms: float | None = None
    first_audio_ms: float | None = None
    sent_ms: float | None = None
    audible_from_ms: float | None = None


class ToolCallState(Struct):
    """A tool call as the model is writing it, and what became of it."""

    item: Item
    output_index: int
    is_own: bool
    started_ms: float | None = None
    is_finished: bool = False


class Reply:
    """One response. ``tell`` takes the actions; ``generations`` hands out numbers for work on providers."""

    def __init__(
        self,
        *,
        reply_id: str,
        settings: ReplySettings,
        session: ConversationSettings,
        new_id: Callable[[str], str],
        next_generation: Callable[[], int],
        history: History | None,
        tell: Tell,
        metadata: dict[str, str] | None = None,
    ) -> None:
        """``history`` None: out of band."""
        self.id = reply_id
        self.stage = Stage()
        self.speculated = False
        self.is_committed = False
        self.is_over = False
        self.spoken: list[SpokenMessage] = []
        self.model_generation: int | None = None
        self._settings = settings
        self._session = session
        self._new_id = new_id
        self._next_generation = next_generation
        self._history = history
        self._tell = tell
        self._metadata = metadata
        self._messages: tuple[Message, ...] = ()
        self._calls: dict[int, ToolCallState] = {}
        self._outputs: list[SpokenMessage | ToolCallState] = []
        self._round_start = 0
        self._rounds = 0
        self._model_rung = 0
        self._model_is_done = False
        self._model_deadline_ms: float | None = None
        self._voice_deadline_ms: float | None = None
        self._finish_reason: FinishReason = "stop"
        self._usage = Usage()
        self._held = False

    # Facts about the reply

    @property
    def is_out_of_band(self) -> bool:
        return self._history is None

    @property
    def instructions(self) -> str:
        return self._settings.instructions

    @property
    def current(self) -> SpokenMessage | None:
        """The message that is being sent."""
        return next((message for message in self.spoken if not message.is_closed), None)

    @property
    def running_calls(self) -> list[ToolCallState]:
        return [call for call in self._calls.values() if call.is_own and not call.is_finished]

    def is_audible(self, now_ms: float) -> bool:
        """Whether the caller is hearing some of it now, or would without a hold."""
        return any(
            message.playback is not None
            and message.playback.sent_ms > 0
            and (not message.playback.is_empty or message.playback.is_held or message.playback.ends_at_ms() > now_ms)
            for message in self.spoken
        )

    # Start, commit, discard, stop

    def start(self, messages: tuple[Message, ...], now_ms: float) -> None:
        """Ask the model. Nothing is told until ``commit``."""
        self._messages = messages
        self.stage.model_start_ms = now_ms
        self._start_model(now_ms)

    def commit(self, now_ms: float) -> None:
        """The reply is wanted: tell what there is, and from now on as it comes."""
        self.is_committed = True
        self._tell(act.ResponseCreated(self._view("in_progress")))
        for output in self._outputs:
            self._announce(output)
        if self._model_is_done:
            self._run_calls(now_ms)
        self.pump(now_ms)

    def discard(self) -> None:
        """Speculation was wrong: stop the work; nothing was told and nothing is remembered."""
        self.is_over = True
        self._stop_work()

    def stop(self, reason: act.EndReason, now_ms: float, *, failure: tuple[str, str] | None = None) -> None:
        """End a committed reply early; its messages keep what was heard."""
        self._stop_work()
        for output in self._outputs:
            if isinstance(output, SpokenMessage) and not output.is_closed:
                output.close(completed=False)
                output.hear(now_ms)
                self._close_message(output)
            elif isinstance(output, ToolCallState) and not output.is_finished:
                self._abandon_call(output)
        if self.stage.sent_ms is None and self.stage.first_audio_ms is not None:
            self.stage.sent_ms = now_ms
        self._finish("failed" if failure else "cancelled", reason, failure)

    def hold(self, now_ms: float) -> None:
        """Stop sending until it is clear whether the caller interrupts."""
        self._held = True
        message = self.current
        if message is not None and message.playback is not None:
            message.playback.hold(now_ms)
            if message.playback.sent_ms > 0:
                self._tell(act.PausePlayback(message.id))

    def release(self, now_ms: float) -> None:
        """It was a false alarm: go on where it stopped."""
        self._held = False
        for message in self.spoken:
            if message.playback is not None and message.playback.is_held:
                message.playback.resume(now_ms)
                if message.playback.sent_ms > 0:
                    self._tell(act.ResumePlayback(message.id))
        self.pump(now_ms)

    # What the model says

    def on_text(self, text: str, now_ms: float) -> None:
        self._note_token(now_ms)
        message = self._writing()
        message.generate(text)
        if message.playback is not None:
            generation = message.voice_generation
            if generation is None:
                generation = self._open_voice(message)
            self._tell(act.Speak(generation, text))
            if self._voice_deadline_ms is None:
                self._voice_deadline_ms = now_ms + self._session.limits.first_audio_ms
        elif self.is_committed:
            self.pump(now_ms)

    def on_tool_call(self, index: int, call_id: str, name: str, arguments: str, now_ms: float) -> None:
        self._note_token(now_ms)
        key = self._round_start + index
        call = self._calls.get(key)
        if call is None:
            if len(self._calls) >= self._session.limits.tool_calls:
                return
            call = self._new_call(key, call_id, name)
        call.item = structs.replace(call.item, arguments=call.item.arguments + arguments)
        if arguments and self.is_committed and not call.is_own:
            self._tell(
                act.OutputArgumentsDelta(self.id, call.item.id, call.output_index, call.item.call_id or "", arguments)
            )

    def on_model_finished(self, reason: FinishReason, usage: Usage, now_ms: float) -> None:
        self._model_deadline_ms = None
        self.model_generation = None
        self._model_is_done = True
        self._finish_reason = reason
        self._usage = Usage(
            input_tokens=self._usage.input_tokens + usage.input_tokens,
            output_tokens=self._usage.output_tokens + usage.output_tokens,
            cached_tokens=self._usage.cached_tokens + usage.cached_tokens,
        )
        self._finish_text()
        if self.is_committed:
            self._run_calls(now_ms)
            self.pump(now_ms)

    def on_model_failed(self, code: str, message: str, now_ms: float) -> None:
        """The next model finishes this very reply; without one the reply fails."""
        if self._model_rung + 1 >= self._session.model_rungs:
            self._fail(code, message, now_ms)
            return
        self._model_rung += 1
        said = "".join(spoken.item.generated for spoken in self.spoken if not spoken.text_is_done)
        if said:
            self._messages = (*self._messages, Message(role="assistant", content=said))
            self._finish_text()
        self._start_model(now_ms)

    # What the voice says

    def on_audio(self, generation: int, pcm: bytes, audible_from_ms: float | None, now_ms: float) -> None:
        message = self._voiced(generation)
        if message is None or message.playback is None:
            return
        self._voice_deadline_ms = now_ms + self._session.limits.next_audio_ms
        if audible_from_ms is not None and self.stage.audible_from_ms is None and message is self.spoken[0]:
            self.stage.audible_from_ms = audible_from_ms
        message.playback.add(pcm)
        self.pump(now_ms)

    def on_words(self, generation: int, words: tuple[SpokenWord, ...]) -> None:
        message = self._voiced(generation)
        if message is not None:
            message.add_words(words)

    def on_voice_finished(self, generation: int, now_ms: float) -> None:
        message = self._voiced(generation)
        if message is None:
            return
        self._voice_deadline_ms = None
        message.voice_generation = None
        message.finish_voice()
        self.pump(now_ms)

    def on_voice_failed(self, generation: int, code: str, error: str, now_ms: float) -> None:
        """The next voice speaks the rest; without one the reply fails."""
        message = self._voiced(generation)
        if message is None:
            return
        message.voice_generation = None
        if message.voice_rung + 1 >= self._session.voice_rungs:
            self._fail(code, error, now_ms)
            return
        message.voice_rung += 1
        rest = message.change_voice()
        generation = self._open_voice(message)
        self._tell(act.Speak(generation, rest))
        if message.text_is_done:
            self._tell(act.FinishVoice(generation))
        self._voice_deadline_ms = now_ms + self._session.limits.first_audio_ms

    # Own tools

    def on_tool_finished(self, call_id: str, output: str, *, failed: bool, now_ms: float) -> bool:
        """Note the result; True when the model is to be asked again (``next_round``)."""
        call = next((call for call in self.running_calls if call.item.call_id == call_id), None)
        if call is None or call.started_ms is None:
            return False
        self._settle_call(call, output, failed=failed, now_ms=now_ms)
        return not self.running_calls

    def next_round(self, messages: tuple[Message, ...], now_ms: float) -> None:
        """Ask the model again, with the results of its tools."""
        self._round_start = len(self._calls)
        self._model_is_done = False
        self._messages = messages
        self._start_model(now_ms)

    # Sending and time

    def pump(self, now_ms: float) -> None:
        """Send what is due, close what is finished."""
        if not self.is_committed or self.is_over:
            return
        while (message := self.current) is not None and not self._held:
            if message.playback is None:
                self._send_text(message, now_ms)
            else:
                self._send_audio(message, now_ms)
            if not self._is_sent(message):
                break
            message.close(completed=self._finish_reason in ("stop", "tool_calls"))
            self._close_message(message)
        if self._model_is_done and self.current is None and not self.running_calls:
            self._complete(now_ms)

    def tick(self, now_ms: float) -> bool:
        """Deadlines of the waits on providers, then sending. True when the model is to be asked again."""
        if self._model_deadline_ms is not None and now_ms >= self._model_deadline_ms:
            if self.model_generation is not None:
                self._tell(act.StopModel(self.model_generation))
            self.on_model_failed("model_timeout", "The language model did not answer in time.", now_ms)
        if self._voice_deadline_ms is not None and now_ms >= self._voice_deadline_ms and not self._voice_is_ahead():
            self._time_out_voice(now_ms)
        self.pump(now_ms)
        timed_out = [call for call in self.running_calls if self._tool_deadline_ms(call) <= now_ms]
        for call in timed_out:
            self._tell(act.CancelTool(call.item.call_id or ""))
            self._settle_call(call, TOOL_TIMEOUT_OUTPUT, failed=True, now_ms=now_ms)
        return bool(timed_out) and not self.running_calls and not self.is_over

    def wake_ms(self) -> float | None:
        """When ``tick`` has something to do."""
        times = [self._model_deadline_ms]
        if not self._voice_is_ahead():
            times.append(self._voice_deadline_ms)
        message = self.current
        if self.is_committed and not self._held and message is not None and message.playback is not None:
            times.append(message.playback.wake_ms())
        times += [self._tool_deadline_ms(call) for call in self.running_calls]
        return min((time for time in times if time is not None), default=None)

    # Inside

    def _tool_deadline_ms(self, call: ToolCallState) -> float:
        return float("inf") if call.started_ms is None else call.started_ms + self._session.limits.tool_ms

    def _start_model(self, now_ms: float) -> None:
        self.model_generation = self._next_generation()
        self._model_deadline_ms = now_ms + self._session.limits.first_token_ms
        tools: tuple[ToolSpec, ...] = self._settings.tools
        if not self.is_out_of_band:
            tools += self._session.own_tools
        request = ChatRequest(
            messages=self._messages,
            tools=tools if self._rounds < self._session.limits.tool_rounds else (),
            tool_choice=self._settings.tool_choice if not self._rounds else "auto",
            max_output_tokens=self._settings.max_output_tokens,
        )
        self._rounds += 1
        self._tell(act.StartModel(self.model_generation, self._model_rung, request))

    def _note_token(self, now_ms: float) -> None:
        if self.stage.first_token_ms is None:
            self.stage.first_token_ms = now_ms
        self._model_deadline_ms = now_ms + self._session.limits.next_token_ms

    def _writing(self) -> SpokenMessage:
        """The message the model is writing; a new one after the last was finished."""
        if self.spoken and not self.spoken[-1].text_is_done:
            return self.spoken[-1]
        pacing = None
        if self._settings.modality == "audio":
            pacing = self._session.pacing
        message = SpokenMessage(self._new_id("item"), len(self._outputs), pacing)
        if self._held and message.playback is not None:
            message.playback.hold(0.0)
        self.spoken.append(message)
        self._outputs.append(message)
        if self.is_committed:
            self._announce(message)
        return message

    def _new_call(self, key: int, call_id: str, name: str) -> ToolCallState:
        is_own = any(tool.name == name for tool in self._session.own_tools) and not self.is_out_of_band
        item = Item(
            id=self._new_id("item"),
            type="function_call",
            status="in_progress",
            call_id=call_id or self._new_id("call"),
            name=name,
            own_tool=is_own,
        )
        call = self._calls[key] = ToolCallState(item=item, output_index=len(self._outputs), is_own=is_own)
        if not is_own:
            self._outputs.append(call)
            if self.is_committed:
                self._announce(call)
        return call

    def _announce(self, output: SpokenMessage | ToolCallState) -> None:
        if isinstance(output, SpokenMessage):
            output.is_announced = True
        previous = self._join(output.item)
        item = output.item
        if isinstance(output, ToolCallState):
            item = structs.replace(item, arguments="")
        self._tell(act.OutputItemAdded(self.id, output.output_index, item, previous, self.is_out_of_band))
        if isinstance(output, ToolCallState) and output.item.arguments:
            self._tell(
                act.OutputArgumentsDelta(
                    self.id, item.id, output.output_index, item.call_id or "", output.item.arguments
                )
            )

    def _join(self, item: Item) -> str | None:
        """Put an item at the end of the conversation; returns its predecessor."""
        if self._history is None:
            return None
        previous = self._history.last_id()
        self._history.append(item)
        self._remember(item)
        return previous

    def _previous(self, item_id: str) -> str | None:
        """The predecessor; None out of band, and for an item the client deleted meanwhile."""
        if self._history is None or item_id not in self._history:
            return None
        return self._history.previous_id(item_id)

    def _remember(self, item: Item, *, progress: bool = False) -> None:
        if self._history is not None and item.id in self._history:
            self._history.replace(item)
            self._tell(act.Remember(item, self._history.position(item.id), progress))

    def _open_voice(self, message: SpokenMessage) -> int:
        generation = message.voice_generation = self._next_generation()
        self._tell(act.OpenVoice(generation, message.voice_rung, self._settings.voice, self._settings.speed))
        return generation

    def _finish_text(self) -> None:
        """The model writes no more of its present message."""
        if not self.spoken or self.spoken[-1].text_is_done:
            return
        message = self.spoken[-1]
        message.text_is_done = True
        if message.voice_generation is not None:
            self._tell(act.FinishVoice(message.voice_generation))

    def _voiced(self, generation: int) -> SpokenMessage | None:
        return next((message for message in self.spoken if message.voice_generation == generation), None)

    def _voice_is_ahead(self) -> bool:
        """Audio waits to be sent: a voice that pauses now keeps nobody waiting."""
        message = self.current
        return message is not None and message.playback is not None and not message.playback.is_empty

    def _time_out_voice(self, now_ms: float) -> None:
        self._voice_deadline_ms = None
        message = next((message for message in self.spoken if message.voice_generation is not None), None)
        if message is None or message.voice_generation is None:
            return
        if not message.text_is_done and message.alignment.placed == message.item.generated:
            return  # the voice waits for the model, whose own deadline runs
        generation = message.voice_generation
        self._tell(act.StopVoice(generation))
        self.on_voice_failed(generation, "voice_timeout", "The voice did not answer in time.", now_ms)

    def _send_text(self, message: SpokenMessage, now_ms: float) -> None:
        delta = message.take_unsent_text()
        if delta:
            if self.stage.first_audio_ms is None:
                self.stage.first_audio_ms = now_ms
            self._tell(act.OutputTextDelta(self.id, message.id, message.output_index, delta))
            self._remember(message.item, progress=True)

    def _send_audio(self, message: SpokenMessage, now_ms: float) -> None:
        assert message.playback is not None
        pcm = message.playback.due(now_ms)
        if pcm:
            if self.stage.first_audio_ms is None:
                self.stage.first_audio_ms = now_ms
            self._tell(act.OutputAudioDelta(self.id, message.id, message.output_index, pcm))
        delta = message.note_sent()
        if delta:
            self._tell(act.OutputTranscriptDelta(self.id, message.id, message.output_index, delta))

    @staticmethod
    def _is_sent(message: SpokenMessage) -> bool:
        if not message.text_is_done:
            return False
        return message.playback is None or (message.voice_is_done and message.playback.is_empty)

    def _close_message(self, message: SpokenMessage) -> None:
        if not message.is_announced:
            return
        self._remember(message.item)
        previous = self._previous(message.id)
        self._tell(act.OutputItemDone(self.id, message.output_index, message.item, previous, self.is_out_of_band))

    def _run_calls(self, now_ms: float) -> None:
        """The model's calls are complete and the turn is sure: hand them to the client, run our own."""
        for call in self._calls.values():
            if call.is_finished or call.started_ms is not None:
                continue
            if call.is_own:
                self._run_own_call(call, now_ms)
            else:
                self._hand_over_call(call)

    def _hand_over_call(self, call: ToolCallState) -> None:
        call.is_finished = True
        call.item = structs.replace(call.item, status="completed")
        self._remember(call.item)
        previous = self._previous(call.item.id)
        self._tell(act.OutputItemDone(self.id, call.output_index, call.item, previous, self.is_out_of_band))

    def _run_own_call(self, call: ToolCallState, now_ms: float) -> None:
        call.started_ms = now_ms
        call.item = structs.replace(call.item, status="completed")
        self._join(call.item)
        call_id, name = call.item.call_id or "", call.item.name or ""
        self._tell(act.ToolStarted(call_id, name))
        self._tell(act.RunTool(call_id, name, call.item.arguments, idempotency_key=call.item.id))

    def _settle_call(self, call: ToolCallState, output: str, *, failed: bool, now_ms: float) -> None:
        call.is_finished = True
        assert call.started_ms is not None
        result = Item(
            id=self._new_id("item"),
            type="function_call_output",
            call_id=call.item.call_id,
            output=output,
            own_tool=True,
        )
        self._join(result)
        self._tell(
            act.ToolEnded(call.item.call_id or "", call.item.name or "", failed, latency_ms=now_ms - call.started_ms)
        )

    def _abandon_call(self, call: ToolCallState) -> None:
        """A call the model did not finish writing: told as incomplete, never run."""
        call.is_finished = True
        call.item = structs.replace(call.item, status="incomplete")
        self._remember(call.item)
        previous = self._previous(call.item.id)
        self._tell(act.OutputItemDone(self.id, call.output_index, call.item, previous, self.is_out_of_band))

    def _complete(self, now_ms: float) -> None:
        if self.stage.sent_ms is None:
            self.stage.sent_ms = now_ms
        if self._finish_reason == "length":
            self._finish("incomplete", "max_output_tokens", None)
        elif self._finish_reason == "content_filter":
            self._finish("incomplete", "content_filter", None)
        else:
            self._finish("completed", None, None)

    def _fail(self, code: str, message: str, now_ms: float) -> None:
        if self.is_committed:
            self.stop("error", now_ms, failure=(code, message))
        else:
            self.discard()

    def _finish(
        self, status: act.ResponseStatus, reason: act.EndReason | None, failure: tuple[str, str] | None
    ) -> None:
        self.is_over = True
        self._tell(act.ResponseDone(self._view(status, reason, failure)))
        if self.spoken:
            self._tell(self._timings(interrupted=status == "cancelled"))

    def _stop_work(self) -> None:
        if self.model_generation is not None:
            self._tell(act.StopModel(self.model_generation))
            self.model_generation = None
        self._model_deadline_ms = self._voice_deadline_ms = None
        for message in self.spoken:
            if message.voice_generation is not None:
                self._tell(act.StopVoice(message.voice_generation))
                message.voice_generation = None

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
            output=tuple(output.item for output in self._outputs) if done else (),
            reason=reason,
            error_code=failure[0] if failure else None,
            error_message=failure[1] if failure else None,
            usage=self._usage if done else None,
            audio_ms_out=sum(message.playback.sent_ms for message in self.spoken if message.playback),
            metadata=self._metadata,
            max_output_tokens=self._settings.max_output_tokens,
            voice=self._settings.voice,
            out_of_band=self.is_out_of_band,
        )

    def _timings(self, *, interrupted: bool) -> act.TurnTimings:
        stage = self.stage
        latency_ms = None
        if stage.first_audio_ms is not None and stage.speech_end_ms is not None:
            latency_ms = stage.first_audio_ms + (stage.audible_from_ms or 0.0) - stage.speech_end_ms
        return act.TurnTimings(
            item_id=self.spoken[0].id,
            speech_end_ms=stage.speech_end_ms,
            turn_end_ms=stage.turn_end_ms,
            transcript_ms=stage.transcript_ms,
            model_start_ms=stage.model_start_ms,
            first_token_ms=stage.first_token_ms,
            first_audio_ms=stage.first_audio_ms,
            sent_ms=stage.sent_ms,
            response_latency_ms=latency_ms,
            speculated=self.speculated,
            interrupted=interrupted,
            model_rung=self._model_rung,
            voice_rung=self.spoken[0].voice_rung,
        )
