"""One live conversation as a person beside it has it: what they ask becomes facts, what follows is told."""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from agent_server.supervising import commands as cmd
from agent_server.supervising.feed import Feed
from agent_server.supervising.tap import Tap
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore
from pipelines.conversation.rim.runner import ConversationRunner
from storage.conversations.records import ConversationStatus

_OURS = frozenset({act.OperatorAnswered, act.OperatorChanged, act.HangUp})


class Desk:
    """An ``Observer`` of the conversation. ``hung_up`` is set once it is to end."""

    def __init__(
        self, channel: str, core: ConversationCore, feed: Feed, tap: Tap, lapsed: Callable[[str], None]
    ) -> None:
        """``lapsed`` is told the name of a person who had taken over and was not heard of any more."""
        self._channel = channel
        self._core = core
        self._feed = feed
        self._tap = tap
        self._lapsed = lapsed
        self._runner: ConversationRunner | None = None
        self._answer: act.OperatorAnswered | None = None
        self._holder = ""
        self._taken: set[str] = set()
        """Words that were taken, by their act."""
        self.hung_up = asyncio.Event()
        self.status: ConversationStatus | None = "dropped"
        """Of the conversation once it is over here; None: it goes on over another connection."""

    def open(self, runner: ConversationRunner) -> None:
        """The conversation takes facts from now on."""
        self._runner = runner

    def close(self) -> None:
        """It is over here."""
        self._runner = None
        self._tap.end("over")
        if self.status is None:
            self._feed.end("moved", {})
        else:
            self._feed.end("ended", {"status": self.status})

    @property
    def holder(self) -> tuple[str, str, float] | None:
        """Lease and name of who has taken over, and for how many seconds that holds."""
        holder, runner = self._core.operator.holder, self._runner
        if holder is None or runner is None:
            return None
        return holder.lease, holder.name, (holder.until_ms - runner.now_ms) / 1000

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], now_ms: float) -> None:
        for action in actions:
            if type(action) in _OURS:
                self._note(action)
        if self._feed.is_written:
            self._feed.saw(fact, actions, now_ms)
        if self._tap.is_on:
            self._tap.saw(actions)

    def recording(self, state: str) -> None:
        """What becomes of the recording of the call's sound."""
        self._feed.recording(state)

    def do(self, command: cmd.AnyCommand) -> cmd.Outcome | None:
        """None: it was just over."""
        runner = self._runner
        if runner is None:
            return None
        if isinstance(command, cmd.Listen):
            return self._listen(runner, begin=command.begin)
        answer: act.OperatorAnswered | None
        if isinstance(command, cmd.Follow):
            self._feed.hold()
            answer = act.OperatorAnswered("")
        elif isinstance(command, cmd.Say) and command.act_id in self._taken:
            answer = act.OperatorAnswered("")
        else:
            self._answer = None
            runner.post(_fact_of(command, secrets.token_hex(8)))
            answer = self._answer
        if answer is None:
            return None
        if isinstance(command, cmd.Say) and command.act_id and answer.code is None:
            self._taken.add(command.act_id)
        return cmd.Outcome(
            standing=self._standing(runner.now_ms),
            code=answer.code,
            message=answer.message,
            stream=self._feed.stream,
            number=self._feed.number,
        )

    def _listen(self, runner: ConversationRunner, *, begin: bool) -> cmd.Outcome:
        standing = self._standing(runner.now_ms)
        if (refusal := self._tap.refusal) is not None:
            return cmd.Outcome(standing=standing, code=refusal[0], message=refusal[1])
        if begin:
            self._tap.listen(runner)
        return cmd.Outcome(standing=standing, stream=self._tap.stream, number=self._tap.number)

    def _note(self, action: act.Action) -> None:
        match action:
            case act.OperatorAnswered():
                self._answer = action
            case act.OperatorChanged(name=None, lapsed=True):
                self._lapsed(self._holder)
            case act.OperatorChanged(name=str(name)):
                self._holder = name
            case act.HangUp():
                self.hung_up.set()

    def _standing(self, now_ms: float) -> cmd.Standing:
        holder = self._core.operator.holder
        return cmd.Standing(
            channel=self._channel,
            speaking=self._feed.speaking(now_ms),
            operator=holder.name if holder is not None else None,
            whispers_go_to="model" if self._core.settings.model_rungs > 1 else "playbook",
        )


def _fact_of(command: cmd.AnyCommand, cause: str) -> facts.Fact:
    match command:
        case cmd.TakeOver(lease, name):
            return facts.OperatorTookOver(lease, name, cause)
        case cmd.Hold(lease):
            return facts.OperatorHeld(lease, cause)
        case cmd.Release(lease):
            return facts.OperatorReleased(lease, cause)
        case cmd.Say(text, interrupt, lease):
            return facts.OperatorSays(text, interrupt, cause, lease)
        case cmd.Whisper(text):
            return facts.OperatorWhispered(text, cause)
        case cmd.End(farewell, lease):
            return facts.OperatorEnded(farewell, cause, lease)
        case cmd.Follow() | cmd.Listen():
            raise AssertionError("nothing happens in the conversation for it")
