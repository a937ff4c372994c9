"""One call in a room: the caller's voice and keys in, the agent's voice out. Here the server owns what is played."""

import asyncio
import math
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import structs

from agent_server.realtime.line import Ending
from agent_server.realtime.opening import Opening
from agent_server.realtime.protocol_session import REPORTING_PACING
from agent_server.realtime.session import conversation_settings, eagerness_of
from agent_server.telephony.colleague import first_facts
from agent_server.telephony.hanging_up import HangingUp, Next
from agent_server.telephony.keypad import Keypad
from agent_server.telephony.line import INSTRUCTIONS, NOBODY_SPEAKS_MS
from agent_server.webrtc.playout import Played, Playout
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import user_text
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.intent.classifier import RULE_CONFIDENCE, Intent

WAY_MS = 140.0
"""From this process to the caller's ear, until a frame is played: itself, what waits for the wire (20 to 40 ms), the
server between, and what a client keeps against jitter (30 to 75 ms). A telephone's is longer by some 50 ms."""

CALLER_WAY_MS = 100.0
"""From the caller's mouth to this process: what is kept here against jitter, and the server between."""

REPORT_FRAMES = 12
"""As often, every 240 ms, the conversation is told what was heard."""


class Room(Protocol):
    """What the line needs of the room; none of it blocks."""

    def drop_audio(self) -> None:
        """Say nothing of what waits for the wire."""

    def show(self, item_id: str, text: str, *, by_caller: bool) -> None:
        """To whoever follows the call in writing."""


class LiveKitLine:
    """The host's ``Line``. ``receive_voice``, ``press``, ``left`` and ``next_frame`` are called by the room.

    ``next`` is what is to become of the call once the line is over; None: the line broke, or goes on elsewhere.
    """

    def __init__(
        self,
        room: Room,
        opening: Opening,
        base: ConversationSettings,
        *,
        is_phone: bool,
        can_transfer: bool,
        wants_no_calls: Callable[[], None],
    ) -> None:
        """``is_phone``: the agent speaks first, and hangs up at last. ``wants_no_calls``: told when whoever is on the
        line says so plainly."""
        self._room = room
        self._opening = opening
        self._base = base
        self._is_phone = is_phone
        self._playout = Playout(WAY_MS)
        self._frames = 0
        self._keypad = Keypad()
        self._can_transfer = can_transfer
        self._hanging_up = HangingUp(can_transfer=can_transfer)
        self._wants_no_calls = wants_no_calls
        self._runner: ConversationRunner | None = None
        self._replies: set[str] = set()
        """Being made."""
        self._voiced: set[str] = set()
        """Messages of which there is audio, and more may come."""
        self._caller_speaks = False
        self._over = asyncio.Event()
        self.next: Next | None = None
        self.hung_up = False
        """By this side: the caller is still there."""
        self.is_drained = False
        """This process stops, and another may take the call."""

    @property
    def settings(self) -> ConversationSettings:
        settings = conversation_settings(self._opening.config, self._base)
        reply = structs.replace(settings.reply, modality="audio")
        settings = structs.replace(settings, reply=reply, pacing=REPORTING_PACING, transcribe=True)
        if not self._is_phone:
            return settings
        return structs.replace(
            settings,
            reply=structs.replace(reply, instructions=f"{reply.instructions} {INSTRUCTIONS}"),
            turn_detection=SemanticVad(eagerness_of(self._opening.config), idle_timeout_ms=NOBODY_SPEAKS_MS),
        )

    @property
    def ended_properly(self) -> bool:
        return self.next is not None

    @property
    def puts_through(self) -> bool:
        return self._can_transfer

    def began(self) -> None:
        """Who is called up speaks first; a page's visitor may."""

    def end(self, why: Ending) -> None:
        """The caller is not told: another worker takes the room, or the call is hung up."""
        self.is_drained = why == "draining"
        if why in ("expired", "ended"):
            self.next, self.hung_up = "hang_up", True

    async def serve(self, runner: ConversationRunner) -> None:
        """Until either side hangs up or the room is gone; LiveKit notices callers that are gone without a word."""
        self._runner = runner
        try:
            if self._is_phone:
                for fact in first_facts(self._opening):
                    runner.post(fact)
            await self._over.wait()
        finally:
            self._runner = None  # it holds this line

    # From the room

    def receive_voice(self, pcm: bytes) -> None:
        """The caller's, 24 kHz."""
        if self._runner is not None:
            self._runner.receive_audio(pcm, way_ms=CALLER_WAY_MS)

    def press(self, key: str) -> None:
        if self._runner is not None:
            self._keypad.press(key, self._runner.now_ms)

    def left(self, *, properly: bool) -> None:
        """The caller did, or the call is to be left; not ``properly``: something broke."""
        if properly and self.next is None:
            self.next = "hang_up"
        self._over.set()

    def next_frame(self) -> bytes | None:
        """The agent's next 20 ms, for the wire; None: silence. Asked for all the time, so it is the line's clock."""
        runner = self._runner
        if runner is None:
            return None
        now_ms = runner.now_ms
        frame = self._playout.frame(now_ms)
        self._frames += 1
        if self._frames % REPORT_FRAMES == 0 or self._playout.is_ending:
            self._report(self._playout.heard(now_ms))
        self._look_at_the_clock(runner, now_ms)
        return frame

    def _look_at_the_clock(self, runner: ConversationRunner, now_ms: float) -> None:
        if (said := self._keypad.said(now_ms)) is not None:
            self._say_for_caller(said, runner)
        quiet = self._playout.is_idle and not self._replies and not self._caller_speaks
        if self.next is None and (due := self._hanging_up.due(now_ms, quiet=quiet)) is not None:
            self.next, self.hung_up = due, True
            self._over.set()

    def _say_for_caller(self, text: str, runner: ConversationRunner) -> None:
        """Who presses keys while the agent speaks has heard enough of it."""
        self._hanging_up.caller_spoke()
        if self._replies:
            runner.post(facts.ResponseCancel())
        self._cut()
        runner.post(facts.ItemCreate(user_text(f"item_{secrets.token_hex(8)}", text)))
        runner.post(facts.ResponseCreate())

    # From the conversation

    def tell(self, action: act.Action, now_ms: float) -> None:
        match action:
            case act.OutputAudioDelta(item_id=item_id, pcm=pcm):
                self._voiced.add(item_id)
                self._playout.play(item_id, pcm)
            case act.OutputItemDone():
                self._end_item(action)
            case act.PausePlayback():
                self._playout.hold()
            case act.ResumePlayback():
                self._playout.resume()
            case act.StopPlayback():
                self._cut()
            case act.SpeechStarted():
                self._caller_speaks = True
                self._hanging_up.caller_spoke()
                self._cut()
            case act.SpeechStopped():
                self._caller_speaks = False
            case act.ResponseCreated(response=response):
                self._replies.add(response.id)
            case act.ResponseDone(response=response):
                self._replies.discard(response.id)
            case act.TranscriptCompleted(item_id=item_id, transcript=text) if text:
                self._room.show(item_id, text, by_caller=True)
            case act.OperatorChanged(name=name):
                self._hanging_up.operator_changed(present=name is not None)
            case act.ToolEnded(name="handoff_to_person", failed=False):
                self._hanging_up.handed_over()

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        """A wish for no more calls counts whatever a model makes of it."""
        if intent.label == "opt_out" and intent.confidence >= RULE_CONFIDENCE:
            self._wants_no_calls()

    def _end_item(self, action: act.OutputItemDone) -> None:
        item = action.item
        self._playout.end(item.id)
        if item.id not in self._voiced:
            return
        self._voiced.discard(item.id)
        if item.status == "completed":
            if self._is_phone:
                self._hanging_up.agent_said(item.generated)
            self._room.show(item.id, item.generated.strip(), by_caller=False)

    def _cut(self) -> None:
        """What was played of it becomes a fact of its own: this may be the middle of a step."""
        heard, cut = self._playout.heard(math.inf), self._playout.cut()
        self._room.drop_audio()
        finals = [*(reply for reply in heard if reply.final), *cut]
        if finals:
            asyncio.get_running_loop().call_soon(self._report, finals)

    def _report(self, played: Sequence[Played]) -> None:
        for reply in played:
            if self._runner is not None:
                self._runner.post(facts.PlaybackReported(reply.item_id, reply.audio_ms, reply.final))
