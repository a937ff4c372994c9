"""The conversation core: facts and the time in, actions out. No I/O, no clock, no randomness.

Its state is the caller's side (``CallerSide``), the reply being made (``Reply``), what of it was heard
(``HeardTracker``) and the ``History``; ``phase`` names what they add up to. Its rules, whatever the order of facts:

- at most one reply is audible;
- what was discarded is never told, heard or remembered;
- every turn and every response ends;
- the text in the history is the text the caller heard;
- while a person speaks in its place the agent says nothing, and whoever was left without an answer gets one afterwards;
- after ``Close`` there are no actions.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from operator import attrgetter
from typing import ClassVar

from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.caller import CallerSide
from pipelines.conversation.client_requests import ClientRequests
from pipelines.conversation.heard import HeardTracker
from pipelines.conversation.history import History
from pipelines.conversation.items import Item, SaidBy
from pipelines.conversation.ladder import Ladder
from pipelines.conversation.model_context import ModelContext
from pipelines.conversation.next_reply import NextReply
from pipelines.conversation.operator import OperatorSide
from pipelines.conversation.provider_side import ProviderSide
from pipelines.conversation.recognizer_watch import RecognizerWatch
from pipelines.conversation.recording_notice import RecordingNotice
from pipelines.conversation.reply import Reply
from pipelines.conversation.settings import ConversationSettings, Modality, Pacing, RecordingWords
from pipelines.conversation.speculation import Speculation
from pipelines.conversation.tool_runs import ToolRuns
from pipelines.conversation.turn_taking import Floor


class Phase(Enum):
    """What a conversation is doing."""

    LISTENING = "listening"
    CALLER_SPEAKING = "caller_speaking"
    THINKING = "thinking"
    SPEAKING = "speaking"
    HELD = "held"
    TOOL_RUNNING = "tool_running"
    CLOSED = "closed"


class ConversationCore:
    """One conversation. ``step`` takes a fact and the session time and returns what is to be done, in order."""

    def __init__(
        self,
        settings: ConversationSettings,
        *,
        id_prefix: str,
        items: Iterable[tuple[Item, float]] = (),
        older_from: float | None = None,
        recording: RecordingWords | None = None,
    ) -> None:
        """``id_prefix`` makes the ids unique; ``items`` with their positions continue an earlier conversation, whose
        running tools are run again: those actions come with the first step. ``older_from``: the first position of all,
        where there are older items than these. ``recording`` None: its sound is not."""
        self.settings = settings
        self.history = History(items, older_from=older_from)
        self.recording = RecordingNotice(recording, self.history)
        self.heard = HeardTracker(self.history, self._remember_heard, self.tell)
        self.recognizer = RecognizerWatch(self)
        self.caller = CallerSide(self)
        self.requests = ClientRequests(self)
        self.operator = OperatorSide(self)
        self._voice_ladder = Ladder()
        self.tool_runs = ToolRuns(self.history, remember=self.remember, new_id=self.new_id, tell=self.tell)
        self.next_reply = NextReply(self)
        self.providers = ProviderSide(self)
        self.context = ModelContext(self)
        self.active: Reply | None = None
        self.beside: dict[str, Reply] = {}
        self.speculation = Speculation(self)
        self.id_prefix = id_prefix
        self._ids = 0
        self._generation = 0
        self._actions: list[act.Action] = []
        self._closed = False
        self._modality: Modality | None = None
        """Of the latest reply that the client asked for itself."""
        self._margin_ms: float | None = None
        self.tool_runs.resume(settings)

    def step(self, fact: facts.Fact, now_ms: float) -> list[act.Action]:
        """Take a fact; the returned list is the caller's to keep."""
        if self._closed:
            return []
        part, handle = _WHOSE[type(fact)]
        handle(part(self), fact, now_ms)
        if self.next_reply.is_awaited:
            self.next_reply.consider(now_ms)
        if len(self.history) > self.settings.limits.history_items and self.is_quiet:
            self._let_go()
        if not self._actions:
            return []
        done, self._actions = self._actions, []
        return done

    @property
    def phase(self) -> Phase:
        """What the parts add up to."""
        turns = self.caller.turns
        if self._closed:
            return Phase.CLOSED
        if turns.is_suspecting:
            return Phase.HELD
        if turns.caller_has_floor:
            return Phase.CALLER_SPEAKING
        if self.active is None:
            return Phase.THINKING if self.caller.awaited else Phase.LISTENING
        if self.active.runs_tools:
            return Phase.TOOL_RUNNING
        return Phase.SPEAKING if self.active.stage.first_audio_ms is not None else Phase.THINKING

    def wake_ms(self) -> float | None:
        """When the next ``Tick`` is wanted; None when only facts can change anything."""
        times = [self.recognizer.wake_ms(), self.heard.wake_ms, self.tool_runs.wake_ms(), self.next_reply.wake_ms]
        times.append(self.operator.wake_ms)
        times += self.caller.wake_times()
        times += [reply.wake_ms() for reply in self.replies()]
        return min([time for time in times if time is not None], default=None)

    # For the parts: telling, ids, items

    def tell(self, action: act.Action) -> None:
        self._actions.append(action)

    def new_id(self, kind: str) -> str:
        self._ids += 1
        return f"{kind}_{self.id_prefix}{self._ids:04x}"

    def add_item(self, item: Item) -> None:
        """Append a finished item that did not come from a reply."""
        previous = self.history.last_id()
        self.history.append(item)
        self.tell_item(item, previous)

    def tell_item(self, item: Item, previous: str | None) -> None:
        self.tell(act.ItemAdded(item, previous))
        self.tell(act.ItemDone(item, previous))
        self.remember(item)

    def remember(self, item: Item, *, progress: bool = False) -> None:
        self.history.replace(item)
        self.tell(act.Remember(item, self.history.position(item.id), progress))

    def _let_go(self) -> None:
        """Memory is bounded; a conversation is not."""
        gone = self.history.let_go(self.settings.limits.latest_items)
        self.recording.let_go(gone)
        self.tell(act.LetGo(tuple(item.id for item in gone)))

    def _remember_heard(self, item: Item, progress: bool) -> None:
        self.remember(item, progress=progress)

    # For the parts: replies

    def floor(self, now_ms: float) -> Floor:
        """What the agent is doing, as far as an interruption matters."""
        if self.heard.is_audible(now_ms):
            return Floor.AUDIBLE
        return Floor.FREE if self.active is None else Floor.PREPARING

    @property
    def is_quiet(self) -> bool:
        """Neither side says anything, or is about to."""
        return self.active is None and self.heard.is_idle and not self.caller.is_busy

    @property
    def is_answering(self) -> bool:
        """The agent makes a reply of its own, or is to make one."""
        return self.caller.is_owed or (self.active is not None and self.active.said_by is None)

    @property
    def is_audible(self) -> bool:
        """The reply being made has reached the caller, and no other is owed."""
        return not self.caller.is_owed and self.active is not None and self.active.stage.first_audio_ms is not None

    def respond(self, now_ms: float) -> None:
        """Answer what the history holds, as soon as no reply is active."""
        if self.operator.has_floor:
            self.next_reply.leave()
            return
        if self.active is not None:
            self.caller.is_owed = True
            return
        reply = self.new_reply()
        self._attach_turn(reply)
        self.start_reply(reply, now_ms)

    def bring_up(self, now_ms: float) -> None:
        """Begin to speak of one's own accord, or to write, as the client had it last."""
        if self.modality == self.settings.reply.modality:
            self.respond(now_ms)
            return
        self.requests.begin_response(self._as_it_had_it, now_ms)

    @property
    def modality(self) -> Modality:
        """Spoken or written, as the latest reply was that the client asked for."""
        return self._modality or self.settings.reply.modality

    @property
    def _as_it_had_it(self) -> facts.ResponseCreate:
        return facts.ResponseCreate(structs.replace(self.settings.reply, modality=self.modality))

    def new_reply(self, request: facts.ResponseCreate | None = None, *, said_by: SaidBy | None = None) -> Reply:
        if request is not None and request.reply is not None and not request.out_of_band:
            self._modality = request.reply.modality
        reply = Reply(
            reply_id=self.new_id("resp"),
            settings=request.reply if request and request.reply else self.settings.reply,
            session=self.settings,
            new_id=self.new_id,
            next_generation=self._next_generation,
            history=None if request and request.out_of_band else self.history,
            tool_runs=self.tool_runs,
            voice_ladder=self._voice_ladder,
            tell=self.tell,
            heard_until_ms=self.heard.ends_at_ms,
            metadata=request.metadata if request else None,
            said_by=said_by,
        )
        reply.pace(self._pacing)
        return reply

    @property
    def _pacing(self) -> Pacing:
        pacing = self.settings.pacing
        if self._margin_ms is None or not pacing.follows_line:
            return pacing
        return structs.replace(pacing, lead_ms=pacing.chunk_ms + self._margin_ms)

    def start_reply(self, reply: Reply, now_ms: float, items: Iterable[Item] | None = None) -> None:
        """Start a reply that is wanted for sure."""
        self.heard.refresh(now_ms)
        self._take_floor(reply, now_ms)
        if items is None and self.context.is_too_long:
            reply.fail("conversation_too_long", "The conversation is too long for a reply; allow truncation.", now_ms)
            self.after(reply, now_ms)
            return
        self.preface(reply)
        told = self.context.of(reply, self.history) if items is None else self.context.whole(reply, items)
        reply.start(told, now_ms)

    def say(self, text: str, now_ms: float, request: facts.ResponseCreate | None = None) -> Reply:
        """An operator's words in the agent's voice. ``request``: what of the client's they answer."""
        if request is None or request.reply is None:
            request = self._as_it_had_it
        reply = self.new_reply(request, said_by="operator")
        self.heard.refresh(now_ms)
        self._take_floor(reply, now_ms)
        self.preface(reply)
        reply.say(text, now_ms)
        self.after(reply, now_ms)
        return reply

    def preface(self, reply: Reply, latest: str | None = None) -> None:
        """What the caller has to be told comes first. ``latest``: words of theirs that are no item yet."""
        if not reply.is_out_of_band:
            reply.preface = self.recording.due(reply.modality, latest)

    def answer(self, text: str, now_ms: float) -> None:
        """The caller's turn is over and says this: the speculative reply is taken if it answers just that."""
        reply = self.speculation.take(text)
        if reply is None:
            self.respond(now_ms)
            return
        self._attach_turn(reply)
        self._take_floor(reply, now_ms)
        self.after(reply, now_ms)

    def stop_active(self, reason: act.EndReason, now_ms: float) -> None:
        """End the active reply; what was heard of it stays."""
        if self.active is not None:
            self.active.stop(reason, now_ms)
            self.after(self.active, now_ms)

    def interrupt(self, now_ms: float, reason: act.EndReason = "turn_detected") -> None:
        """The caller took the floor."""
        self.caller.is_owed = False
        self.stop_active(reason, now_ms)
        self.heard.cut(now_ms)

    def cut_in(self, now_ms: float) -> None:
        """An operator takes it."""
        self.speculation.drop()
        self.heard.stop(now_ms)
        self.interrupt(now_ms, "client_cancelled")

    def hold(self, now_ms: float) -> None:
        """The caller may be interrupting: the agent waits."""
        if self.active is not None:
            self.active.hold(now_ms)
        self.heard.hold(now_ms)

    def release(self, now_ms: float) -> None:
        """It was nothing: the agent goes on."""
        self.heard.release(now_ms)
        if self.active is not None:
            self.active.release(now_ms)
            self.after(self.active, now_ms)

    def _take_floor(self, reply: Reply, now_ms: float) -> None:
        if reply.is_out_of_band:
            self.beside[reply.id] = reply
            reply.commit(now_ms)
            return
        self.active = reply
        self.caller.idle.stop()
        if reply.said_by is None:
            self.next_reply.left = None
        if reply.said_by is None or self.operator.holder is not None:
            self.caller.is_owed = False
        reply.commit(now_ms, held=self.caller.turns.is_suspecting)

    def _attach_turn(self, reply: Reply) -> None:
        """The reply's latency counts from the end of the caller's speech."""
        if (turn := self.caller.take_answered()) is not None:
            reply.stage.speech_end_ms = turn.speech_end_at_ms
            reply.stage.turn_end_ms = turn.ended_at_ms
            reply.stage.transcript_ms = turn.known_at_ms
            reply.stage.recognizer_rung = self.recognizer.rung

    def after(self, reply: Reply, now_ms: float) -> None:
        """Bookkeeping after a reply moved: follow what it announced, go on after its tools, let go of it at its end."""
        if reply.wants_round:
            self._next_round(reply, now_ms)
        if not reply.is_out_of_band:
            for message in reply.spoken:
                if message.is_announced:
                    self.heard.follow(message, now_ms)
        if not reply.is_over or self.beside.pop(reply.id, None) is not None:
            return
        self.speculation.note_end(reply)
        if reply is self.active:
            self.active = None
            if reply.said_by is None and reply.stage.first_audio_ms is not None:
                self.operator.agent_spoke()
            self.heard.track(now_ms)
            self.note_idle(now_ms)
            if self.caller.is_owed and not self.caller.turns.caller_has_floor:
                self.respond(now_ms)

    def note_idle(self, now_ms: float) -> None:
        if self.active is None and self.heard.is_idle:
            self.caller.idle.wait(now_ms)

    def replies(self) -> list[Reply]:
        """Being made."""
        replies = [] if self.active is None else [self.active]
        if self.speculation.reply is not None:
            replies.append(self.speculation.reply)
        if self.beside:
            replies.extend(self.beside.values())
        return replies

    # Tools, settings, time and the end

    def _on_tool_finished(self, fact: facts.ToolFinished, now_ms: float) -> None:
        self.tool_runs.finished(fact.call_id, fact.output, failed=fact.failed, now_ms=now_ms)
        if self.active is not None:
            self.after(self.active, now_ms)

    def _next_round(self, reply: Reply, now_ms: float) -> None:
        """The model goes on knowing what this very reply has said so far, heard yet or not."""
        own = {message.id: message.item.generated for message in reply.spoken}
        items = [structs.replace(item, heard=own[item.id]) if item.id in own else item for item in self.history]
        reply.next_round(self.context.of(reply, items), now_ms)
        self.tool_runs.used(reply.id)

    def _on_configured(self, fact: facts.Configured, now_ms: float) -> None:
        self.settings = fact.settings
        self._modality = None
        self.speculation.drop()
        self.caller.configure(now_ms)

    def _on_briefed(self, fact: facts.Briefed, _now_ms: float) -> None:
        self.context.briefing = fact.text

    def _on_came_late(self, fact: facts.CameLate, _now_ms: float) -> None:
        self.tool_runs.came_late(fact.name, fact.output)

    def _on_tick(self, _fact: facts.Tick, now_ms: float) -> None:
        self.tool_runs.give_up_late(now_ms)
        for reply in self.replies():
            reply.tick(now_ms)
            self.after(reply, now_ms)
        if self.heard.is_due(now_ms):
            self.heard.track(now_ms)
            self.note_idle(now_ms)
        self.operator.tick(now_ms)
        self.caller.tick(now_ms)
        self.recognizer.tick(now_ms)

    def _on_delayed(self, fact: facts.Delayed, now_ms: float) -> None:
        """Who waits for a provider waits as much longer: its deadlines count time in which it could be heard."""
        for reply in self.replies():
            reply.delayed(fact.by_ms)
        self.tool_runs.delayed(fact.by_ms)
        self.caller.delayed(fact.by_ms, now_ms)
        self.recognizer.delayed(fact.by_ms)
        self.operator.delayed(fact.by_ms)

    def _on_line_measured(self, fact: facts.LineMeasured, _now_ms: float) -> None:
        self._margin_ms = fact.margin_ms
        for reply in self.replies():
            reply.pace(self._pacing)

    def _on_close(self, _fact: facts.Close, now_ms: float) -> None:
        self.caller.is_owed = False
        self.next_reply.asked.clear()
        self.speculation.drop()
        for reply in self.replies():
            reply.stop("client_cancelled", now_ms)
            self.after(reply, now_ms)
        self.heard.cut(now_ms)
        self.caller.keep_unfinished()
        self._closed = True

    def _next_generation(self) -> int:
        self._generation += 1
        return self._generation

    HANDLERS: ClassVar[Mapping[type[facts.Fact], Callable[..., None]]] = {
        facts.Tick: _on_tick,
        facts.ToolFinished: _on_tool_finished,
        facts.Configured: _on_configured,
        facts.Briefed: _on_briefed,
        facts.CameLate: _on_came_late,
        facts.Delayed: _on_delayed,
        facts.LineMeasured: _on_line_measured,
        facts.Close: _on_close,
    }


def _itself(core: ConversationCore) -> ConversationCore:
    return core


_WHOSE: Mapping[type[facts.Fact], tuple[Callable[[ConversationCore], object], Callable[..., None]]] = {
    kind: (part, handle)
    for part, handlers in (
        (attrgetter("caller"), CallerSide.HANDLERS),
        (attrgetter("requests"), ClientRequests.HANDLERS),
        (attrgetter("operator"), OperatorSide.HANDLERS),
        (attrgetter("providers"), ProviderSide.HANDLERS),
        (_itself, ConversationCore.HANDLERS),
    )
    for kind, handle in handlers.items()
}
"""Which part of the core takes a fact, and how."""
