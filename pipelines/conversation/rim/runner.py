"""Carries out what the core decides: the rim of a conversation, with its engines, tasks and timers.

Everything that happens becomes a fact, goes through the core, and the actions that come back are done in order. Each
stream from a provider is read by a task that this runner owns and awaits.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.rim.ears import BYTES_PER_MS, Ears
from pipelines.conversation.rim.input_buffer import InputBuffer
from pipelines.conversation.rim.lateness import BEAT_MS, Lateness
from pipelines.conversation.rim.lead import Lead
from pipelines.conversation.rim.listening import Listening
from pipelines.conversation.rim.models import ModelWork
from pipelines.conversation.rim.ports import Client, Engines, Memory, Observer
from pipelines.conversation.rim.recorded_audio import transcribed
from pipelines.conversation.rim.recording import Recording
from pipelines.conversation.rim.remembering import Remembering
from pipelines.conversation.rim.tools import ToolWork
from pipelines.conversation.rim.voices import VoiceWork
from pipelines.vad.port import Window

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 2.0
CLOSE_TOOLS_S = 5.0
"""How long tools that run on are waited for when the line is gone; one cut short is run again when it is continued."""
MIN_TIMER_S = 0.001
"""The grain of the event loop's timers: a shorter wait would come back too early and be asked for again."""

COMMONPLACE = frozenset({facts.VoiceWindow, facts.VoiceWords})
"""Facts of no interest to anybody when nothing follows from them: nothing is due sooner, nothing is to be seen."""


class ConversationRunner:
    """One conversation at work. Use as an async context manager; after it nothing of it runs any more."""

    def __init__(
        self,
        conversation_id: str,
        core: ConversationCore,
        engines: Engines,
        *,
        client: Client,
        memory: Memory,
        recording: Recording | None = None,
        observers: tuple[Observer, ...] = (),
        ear: Callable[[bytes, float], None] | None = None,
        execution_id: str | None = None,
        lead_id: UUID | None = None,
    ) -> None:
        """``ear``: is given the caller's audio as it comes, and when it was sent · ``execution_id``: the agent's run
        that this is, whose the models' cost is then · ``lead_id``: whose the line is, where somebody who is trusted
        said so."""
        self._id = conversation_id
        self._core = core
        self._engines = engines
        self._client = client
        self._memory = memory
        self._recording = recording
        self._observers = observers
        self._ear = ear
        self._loop = asyncio.get_running_loop()
        self._started_at = time.perf_counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ms = 0.0
        """When the timer fires."""
        self._wake_ms: float | None = None
        """When something is due."""
        self._heart: asyncio.TimerHandle | None = None
        self._remembering = Remembering(client, memory, lambda: core.settings.language)
        self._ears = Ears(engines.recognisers, engines.hearing, post=self.post, own=self._own)
        self._models = ModelWork(
            engines.models,
            kept=memory.kept,
            conversation_id=conversation_id,
            execution_id=execution_id,
            post=self.post,
            own=self._own,
        )
        self._voices = VoiceWork(engines.voices, engines.speaking, post=self.post, own=self._own)
        self._tools = ToolWork(
            engines.tools, conversation_id=conversation_id, lead_id=lead_id, post=self.post, own=self._own
        )
        self._lead = Lead()
        self._listening: Listening | None = None
        self._buffer = InputBuffer()
        self._recorded_pcm = b""
        self.broke = asyncio.Event()
        """A mistake of ours: nothing that happens is taken any more."""
        self.tap: Callable[[bytes], None] | None = None
        """Is given the caller's audio while somebody listens."""

    @property
    def now_ms(self) -> float:
        """The session's clock: milliseconds since the conversation was opened here."""
        return (time.perf_counter() - self._started_at) * 1000

    @property
    def conversation_id(self) -> str:
        return self._id

    @property
    def core(self) -> ConversationCore:
        return self._core

    @property
    def received_ms(self) -> float:
        return self._open_line.received_ms

    async def __aenter__(self) -> "ConversationRunner":
        """Begin to listen; the recogniser is opened beside."""
        self._engines.gateway.warm("conversation")
        if self._engines.voices:
            self._engines.voices[0].prepare()
        self._vad = self._engines.vad.open(self._on_window)
        self._listening = Listening(self._vad, self._ears, self._lead)
        self._listening.uses_vad = self._core.settings.turn_detection is not None
        self._ears.configure(self._core.settings.hearing)
        self._ears.open(0)
        self._lateness = Lateness(self.now_ms)
        self._beat()
        self.post(facts.Tick())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.post(facts.Close("closed"))
        for timer in (self._timer, self._heart):
            if timer is not None:
                timer.cancel()
        self._vad.close()
        self._voices.stop_all()
        tools = self._tools.running
        for task in self._tasks - tools:
            task.cancel()
        if tools:  # what they were begun for is not undone by a caller who hangs up
            await asyncio.wait(tools, timeout=CLOSE_TOOLS_S)
        for task in tools:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_TIMEOUT_S)
        self._remembering.close()
        for work in (self._ears, self._models, self._voices, self._tools):
            work.close()
        if self._recording is not None:
            self._recording.close()

    # Facts in

    def receive_audio(self, pcm: bytes, *, way_ms: float = 0.0) -> None:
        """The caller's audio: 24 kHz s16 mono, whole samples. ``way_ms``: how long it was on its way."""
        line = self._open_line
        if self._ear is not None:
            self._ear(pcm, self.now_ms - way_ms)
        if self.tap is not None:
            self.tap(pcm)
        if not line.uses_vad and self._buffer.begin(line.received_ms):
            self.post(facts.AudioBegan(line.received_ms))
        line.feed(pcm, self.now_ms)

    def commit_audio(self, cause: str | None) -> None:
        """The client commits its buffer."""
        total_ms = self.received_ms
        self.post(facts.AudioCommit(total_ms=total_ms, buffered_ms=self._buffer.length_ms(total_ms), cause=cause))

    def _committed(self, action: act.AudioCommitted) -> None:
        """The buffer is empty now, whoever had it committed."""
        self._buffer.empty(self.received_ms)
        self._client.tell(action, self.now_ms)

    def clear_audio(self, cause: str | None) -> None:
        """The client clears its buffer."""
        self._buffer.empty(self.received_ms)
        self.post(facts.AudioClear(cause=cause))

    def configure(self, fact: facts.Configured) -> None:
        """The session's settings changed."""
        self._open_line.uses_vad = fact.settings.turn_detection is not None
        self._ears.configure(fact.settings.hearing)
        self.post(fact)

    async def recall(self, item_ids: Sequence[str]) -> bool:
        """Have at hand what the client's next request names of items that are on record alone. False: the record cannot
        be read now."""
        history = self._core.history
        older = [item_id for item_id in item_ids if item_id not in history] if history.has_older else []
        if not older:
            return True
        found = await self._memory.recall(older)
        if found:
            self.post(facts.ItemsRecalled(tuple(found)))
        return found is not None

    def create_recorded_item(self, fact: facts.ItemCreate, pcm: bytes) -> None:
        """An item of recorded audio: its words come from a recogniser stream of its own."""
        self._recorded_pcm = pcm
        self.post(msgspec.structs.replace(fact, recorded_ms=len(pcm) / BYTES_PER_MS))
        self._recorded_pcm = b""

    def post(self, fact: facts.Fact) -> None:
        """Something happened: decide, then do. That this process is late counts before what it was late for."""
        now_ms = self.now_ms
        if late_ms := self._lateness.take(now_ms):
            self._step(facts.Delayed(late_ms), now_ms)
        self._step(fact, now_ms)

    def _step(self, fact: facts.Fact, now_ms: float) -> None:
        if self.broke.is_set():
            return
        try:
            self._take(fact, now_ms)
        except Exception:  # whoever posts goes on: the player of a line, a provider's task
            log.exception("conversation %s broke", self._id)
            self.broke.set()

    def _take(self, fact: facts.Fact, now_ms: float) -> None:
        actions = self._core.step(fact, now_ms)
        if self._recording is not None:
            self._recording.write(fact, now_ms, actions)
        if not actions and type(fact) in COMMONPLACE:
            return
        for action in actions:
            do = self._DOING.get(type(action))
            if do is not None:
                do(self, action)
            else:
                self._client.tell(action, now_ms)
        for observer in self._observers:
            try:
                observer.saw(fact, actions, now_ms)
            except Exception:  # who only watches ends no conversation
                log.exception("%s of conversation %s broke", type(observer).__name__, self._id)
                self._observers = tuple(other for other in self._observers if other is not observer)
        self._set_timer()

    @property
    def _open_line(self) -> Listening:
        assert self._listening is not None, "the runner is not open"
        return self._listening

    def _on_window(self, window: Window) -> None:
        self._ears.window(window.probability, window.end_ms)
        sound_end_ms = window.audible_end_ms
        came_ms = self._open_line.came_ms(sound_end_ms)
        self.post(facts.VoiceWindow(window.probability, window.end_ms, sound_end_ms, came_ms))

    def _beat(self) -> None:
        now_ms = self.now_ms
        self._lead.late(self._lateness.past_due_ms(now_ms))
        if late_ms := self._lateness.take(now_ms):
            self._step(facts.Delayed(late_ms), now_ms)
        self._lateness.beat(now_ms)
        if self._lead.moved(now_ms):
            self._step(facts.LineMeasured(self._lead.margin_ms), now_ms)
        self._heart = self._loop.call_later(BEAT_MS / 1000, self._beat)

    def _set_timer(self) -> None:
        """Deadlines mostly move away: a timer that is set stays, and looks again when it fires."""
        wake_ms = self._wake_ms = self._core.wake_ms()
        if wake_ms is None or (self._timer is not None and self._timer_ms <= wake_ms):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._arm(wake_ms)

    def _arm(self, wake_ms: float) -> None:
        self._timer_ms = wake_ms
        self._timer = self._loop.call_later(max(MIN_TIMER_S, (wake_ms - self.now_ms) / 1000), self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._wake_ms is None:
            return
        if self._wake_ms > self.now_ms + MIN_TIMER_S * 1000:
            self._arm(self._wake_ms)
            return
        self.post(facts.Tick())

    # The recogniser

    def _change_recogniser(self, action: act.ChangeRecognizer) -> None:
        recogniser = self._engines.recognisers[action.rung]
        log.warning("%s listens from now on: %s", recogniser.name, action.code)
        self._ears.replace(action.rung, action.code, again=action.again)

    def _start_transcription(self, action: act.TranscribeRecording) -> None:
        self._own(self._transcribe_recording(action.utterance, self._recorded_pcm), "recorded item")

    async def _transcribe_recording(self, utterance: int, pcm: bytes) -> None:
        settings = self._core.settings
        within_s = (len(pcm) / BYTES_PER_MS + settings.limits.transcript_ms) / 1000
        fact = await transcribed(self._engines.recognisers, settings.hearing, utterance, pcm, within_s=within_s)
        self.post(fact)

    # Memory

    def _record_turn(self, action: act.TurnTimings) -> None:
        engines = self._engines
        action = msgspec.structs.replace(
            action,
            voice=engines.voices[action.voice_rung].name,
            recognizer=engines.recognisers[action.recognizer_rung].name,
        )
        self._memory.turn(action)
        self._client.tell(action, self.now_ms)

    # Tasks

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = self._loop.create_task(work, name=f"{self._id} {name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    _DOING: ClassVar[Mapping[type[act.Action], Callable[["ConversationRunner", Any], None]]] = {
        act.BeginUtterance: lambda self, a: self._ears.begin(a.utterance, a.from_ms),
        act.FinishUtterance: lambda self, a: self._ears.finish(a.utterance),
        act.AbandonUtterance: lambda self, a: self._ears.abandon(a.utterance),
        act.ReleaseAudio: lambda self, _: self._ears.release(),
        act.AudioCommitted: _committed,
        act.ChangeRecognizer: _change_recogniser,
        act.TranscribeRecording: _start_transcription,
        act.StartModel: lambda self, a: self._models.start(a),
        act.StopModel: lambda self, a: self._models.stop(a),
        act.OpenVoice: lambda self, a: self._voices.open(a),
        act.Speak: lambda self, a: self._voices.speak(a),
        act.FinishVoice: lambda self, a: self._voices.finish(a),
        act.StopVoice: lambda self, a: self._voices.stop(a),
        act.RunTool: lambda self, a: self._tools.run(a),
        act.CancelTool: lambda self, a: self._tools.cancel(a),
        act.Remember: lambda self, a: self._remembering.remember(a),
        act.Forget: lambda self, a: self._remembering.forget(a.item_id),
        act.LetGo: lambda self, a: self._remembering.let_go(a.item_ids),
        act.TurnTimings: _record_turn,
    }
