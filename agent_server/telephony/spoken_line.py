"""A call in which both sides have nothing but their voices, and keys: how the agent behaves in it, whichever way the
sound goes."""

import secrets
from collections.abc import Callable, Iterable

from msgspec import structs

from agent_server.hosting.line import Ending
from agent_server.hosting.opening import Opening
from agent_server.realtime.protocol_session import REPORTING_PACING
from agent_server.realtime.session import conversation_settings, eagerness_of
from agent_server.telephony.hanging_up import HangingUp, Next
from agent_server.telephony.keypad import Keypad
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings, SemanticVad
from pipelines.intent.classifier import RULE_CONFIDENCE, Intent
from pipelines.playbook.opening_words import ON_THE_PHONE
from pipelines.playbook.tools import HANDOFF_TO_PERSON

NOBODY_SPEAKS_MS = 8000
"""Then the agent asks whether somebody is there, and says good-bye when nobody answers that."""

INSTRUCTIONS = f"{ON_THE_PHONE}: say what is easy to follow by ear. To end the call, say good-bye."


class SpokenLine:
    """A line of the host's is made of it by what depends on the way to the caller: ``serve``, and what is played.

    ``next`` is what is to become of the call once the line is over; None: it broke, or goes on elsewhere.
    """

    def __init__(
        self,
        opening: Opening,
        base: ConversationSettings,
        *,
        is_phone: bool = True,
        can_transfer: bool,
        wants_no_calls: Callable[[], None],
    ) -> None:
        """``is_phone``: the agent speaks first, and hangs up at last; not at a page · ``wants_no_calls``: told when
        whoever is on the line says so plainly."""
        self._opening = opening
        self._base = base
        self._is_phone = is_phone
        self._can_transfer = can_transfer
        self._wants_no_calls = wants_no_calls
        self._keypad = Keypad(base.language)
        self._hanging_up = HangingUp(can_transfer=can_transfer)
        self._runner: ConversationRunner | None = None
        self._replies: set[str] = set()
        """Being made."""
        self._caller_speaks = False
        self.next: Next | None = None

    # To the host

    @property
    def settings(self) -> ConversationSettings:
        settings = conversation_settings(self._opening.config, self._base)
        reply = structs.replace(settings.reply, modality="audio")
        settings = structs.replace(settings, reply=reply, pacing=REPORTING_PACING)  # what is sent can be taken back
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
        """Whoever answers a telephone speaks first; a page's visitor may."""

    def end(self, why: Ending) -> None:
        """The caller is not told: another process takes the call at once, or it is hung up, or the carrier says why."""
        if why in ("expired", "ended"):
            self.next = "hang_up"

    # Of the way to the caller

    @property
    def _is_playing(self) -> bool:
        raise NotImplementedError

    def _play(self, item_id: str, pcm: bytes, now_ms: float) -> None:
        """More of a reply."""
        raise NotImplementedError

    def _end(self, item: Item, now_ms: float) -> bool:
        """No more of it comes. False: nothing of it is audible."""
        raise NotImplementedError

    def _hold(self, now_ms: float) -> None:
        raise NotImplementedError

    def _resume(self, now_ms: float) -> None:
        raise NotImplementedError

    def _cut(self, now_ms: float) -> None:
        """Play no more of anything. What was played of it becomes a fact of its own: this may be the middle of a
        step."""
        raise NotImplementedError

    # From the caller

    def _due(self, runner: ConversationRunner) -> Next | None:
        """What waited for time to pass. To be asked all the time."""
        now_ms = runner.now_ms
        if (said := self._keypad.said(now_ms)) is not None:
            self._say_for_caller(said, runner)
        quiet = not self._is_playing and not self._replies and not self._caller_speaks
        return self._hanging_up.due(now_ms, quiet=quiet)

    def _say_for_caller(self, text: str, runner: ConversationRunner) -> None:
        """Who presses keys while the agent speaks has heard enough of it."""
        self._hanging_up.caller_spoke()
        if self._replies:
            runner.post(facts.ResponseCancel())
        self._cut(runner.now_ms)
        runner.post(facts.ItemCreate(user_text(f"item_{secrets.token_hex(8)}", text)))
        runner.post(facts.ResponseCreate())

    def _report(self, played: Iterable[facts.PlaybackReported]) -> None:
        for report in played:
            if self._runner is not None:
                self._runner.post(report)

    # From the conversation

    def tell(self, action: act.Action, now_ms: float) -> None:
        match action:
            case act.OutputAudioDelta(item_id=item_id, pcm=pcm):
                self._play(item_id, pcm, now_ms)
            case act.OutputItemDone(item=item):
                if self._end(item, now_ms) and item.status == "completed" and self._is_phone:
                    self._hanging_up.agent_said(item.generated)
            case act.PausePlayback():
                self._hold(now_ms)
            case act.ResumePlayback():
                self._resume(now_ms)
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
            case act.ToolEnded(name=HANDOFF_TO_PERSON.name, failed=False):
                self._hanging_up.handed_over()

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        """A wish for no more calls counts whatever a model makes of it."""
        if intent.label == "opt_out" and intent.confidence >= RULE_CONFIDENCE:
            self._wants_no_calls()
