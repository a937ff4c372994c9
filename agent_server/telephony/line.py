"""One telephone call: the caller's voice and keys in, the agent's voice out, until either side hangs up."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence

from msgspec import structs

from agent_server.realtime.audio_format import InputDecoder, OutputEncoder
from agent_server.realtime.line import Ending
from agent_server.realtime.opening import Opening
from agent_server.realtime.protocol_session import REPORTING_PACING
from agent_server.realtime.session import conversation_settings, eagerness_of
from agent_server.telephony.carrier import CallEvent, HungUp, MediaStream, Pressed, Returned, Voice
from agent_server.telephony.colleague import first_facts
from agent_server.telephony.hanging_up import HangingUp, Next
from agent_server.telephony.keypad import Keypad
from agent_server.telephony.playback import CarrierPlayback, Order, Played
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.intent.classifier import RULE_CONFIDENCE, Intent
from pipelines.playbook.opening_words import ON_THE_PHONE

log = logging.getLogger(__name__)

SILENT_S = 10.0
"""Carriers send fifty frames a second, whatever the caller does: a stream that sends nothing is dead."""

NOBODY_SPEAKS_MS = 8000
"""Then the agent asks whether somebody is there, and says good-bye when nobody answers that."""

INSTRUCTIONS = f"{ON_THE_PHONE}: say what is easy to follow by ear. To end the call, say good-bye."


class PhoneLine:
    """The host's ``Line``. ``next`` is what is to become of the call once the line is over; None: the line broke."""

    def __init__(
        self,
        stream: MediaStream,
        opening: Opening,
        base: ConversationSettings,
        *,
        can_transfer: bool,
        wants_no_calls: Callable[[], None],
    ) -> None:
        """``wants_no_calls``: told when whoever is on the line says so plainly."""
        self._stream = stream
        self._opening = opening
        self._base = base
        self._decoder = InputDecoder(stream.caller_format)
        self._encoders: dict[str, OutputEncoder] = {}
        self._playback = CarrierPlayback()
        self._keypad = Keypad()
        self._can_transfer = can_transfer
        self._hanging_up = HangingUp(can_transfer=can_transfer)
        self._wants_no_calls = wants_no_calls
        self._runner: ConversationRunner | None = None
        self._replies: set[str] = set()
        """Being made."""
        self._caller_speaks = False
        self.next: Next | None = None

    @property
    def settings(self) -> ConversationSettings:
        settings = conversation_settings(self._opening.config, self._base)
        reply = settings.reply
        return structs.replace(
            settings,
            reply=structs.replace(reply, modality="audio", instructions=f"{reply.instructions} {INSTRUCTIONS}"),
            turn_detection=SemanticVad(eagerness_of(self._opening.config), idle_timeout_ms=NOBODY_SPEAKS_MS),
            pacing=REPORTING_PACING,  # a carrier drops what it has at once when told to
        )

    @property
    def ended_properly(self) -> bool:
        return self.next is not None

    @property
    def puts_through(self) -> bool:
        return self._can_transfer

    def began(self) -> None:
        """Whoever answers a telephone speaks first."""

    def end(self, why: Ending) -> None:
        """The caller is not told: another process takes the call at once, or the carrier says why not."""
        if why in ("expired", "ended"):
            self.next = "hang_up"

    async def serve(self, runner: ConversationRunner) -> None:
        self._runner = runner
        clock = asyncio.get_running_loop().time
        try:
            for fact in first_facts(self._opening):
                runner.post(fact)
            async with asyncio.timeout(SILENT_S) as deadline:
                while self.next is None and (event := await self._stream.next()) is not None:
                    deadline.reschedule(clock() + SILENT_S)
                    self._take(event, runner)
        except TimeoutError:
            log.warning("the stream of a call fell silent")
        finally:
            self._runner = None  # it holds this line

    # From the carrier

    def _take(self, event: CallEvent, runner: ConversationRunner) -> None:
        match event:
            case Voice(audio):
                runner.receive_audio(self._decoder.feed(audio))
                self._look_at_the_clock(runner)
            case Returned(mark):
                if (played := self._playback.returned(mark, runner.now_ms)) is not None:
                    self._report([played])
            case Pressed(key):
                self._keypad.press(key, runner.now_ms)
            case HungUp():
                self.next = "hang_up"

    def _look_at_the_clock(self, runner: ConversationRunner) -> None:
        """Carriers send audio every 20 ms, silence too: that is clock enough for what waits."""
        now_ms = runner.now_ms
        if (said := self._keypad.said(now_ms)) is not None:
            self._say_for_caller(said, runner)
        if played := self._playback.overdue(now_ms):
            self._report(played)
        quiet = self._playback.is_idle and not self._replies and not self._caller_speaks
        self.next = self._hanging_up.due(now_ms, quiet=quiet)

    def _say_for_caller(self, text: str, runner: ConversationRunner) -> None:
        """Who presses keys while the agent speaks has heard enough of it."""
        self._hanging_up.caller_spoke()
        if self._replies:
            runner.post(facts.ResponseCancel())
        self._cut(runner.now_ms)
        runner.post(facts.ItemCreate(user_text(f"item_{secrets.token_hex(8)}", text)))
        runner.post(facts.ResponseCreate())

    # From the conversation

    def tell(self, action: act.Action, now_ms: float) -> None:
        match action:
            case act.OutputAudioDelta(item_id=item_id, pcm=pcm):
                encoder = self._encoders.get(item_id)
                if encoder is None:
                    encoder = self._encoders[item_id] = OutputEncoder("audio/pcmu")
                if audio := encoder.feed(pcm):
                    self._order(self._playback.play(item_id, audio, now_ms))
            case act.OutputItemDone():
                self._end_item(action, now_ms)
            case act.PausePlayback():
                self._order(self._playback.hold(now_ms))
            case act.ResumePlayback():
                self._order(self._playback.resume(now_ms))
            case act.StopPlayback():
                self._cut(now_ms)
            case act.SpeechStarted():
                self._caller_speaks = True
                self._hanging_up.caller_spoke()
                self._cut(now_ms)
            case act.SpeechStopped():
                self._caller_speaks = False
            case act.ResponseCreated(response=response):
                self._replies.add(response.id)
            case act.ResponseDone(response=response):
                self._replies.discard(response.id)
            case act.OperatorChanged(name=name):
                self._hanging_up.operator_changed(present=name is not None)
            case act.ToolEnded(name="handoff_to_person", failed=False):
                self._hanging_up.handed_over()

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        """A wish for no more calls counts whatever a model makes of it."""
        if intent.label == "opt_out" and intent.confidence >= RULE_CONFIDENCE:
            self._wants_no_calls()

    def _end_item(self, action: act.OutputItemDone, now_ms: float) -> None:
        item = action.item
        encoder = self._encoders.pop(item.id, None)
        if encoder is None:
            return
        if item.status == "completed":
            if rest := encoder.flush():
                self._order(self._playback.play(item.id, rest, now_ms))
            self._order(self._playback.end(item.id, now_ms))
            self._hanging_up.agent_said(item.generated)

    def _cut(self, now_ms: float) -> None:
        """What was played of it becomes a fact of its own: this may be the middle of a step."""
        orders, played = self._playback.cut(now_ms)
        self._order(orders)
        if played:
            asyncio.get_running_loop().call_soon(self._report, played)

    def _report(self, played: Sequence[Played]) -> None:
        for reply in played:
            if self._runner is not None:
                self._runner.post(facts.PlaybackReported(reply.item_id, reply.audio_ms, reply.final))

    def _order(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self._stream.order(order)
