"""A person beside the agent: what they have it say and know, and when they speak in its place.

While somebody has taken over, and while words of an operator wait or are being said, the agent begins no reply. Who is
left without an answer meanwhile is owed one: it is given as soon as both sides are quiet, unless the person answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from pipelines import supervision
from pipelines.conversation import actions as act
from pipelines.conversation import facts

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore
    from pipelines.conversation.reply import Reply

MOST_WAITING = 8
"""Texts that wait to be said; a further one is refused."""

MOST_WHISPERS = 8
"""Instructions that the model is told, the latest; older ones have had their replies."""

ATTEMPTS = 3
"""How often words are begun of which nothing was audible: each time the caller broke in, or a voice failed."""


class Holder(Struct):
    """Who has taken over, and until when that holds."""

    lease: str
    name: str
    until_ms: float


class Waiting(Struct):
    """Words to be said."""

    text: str
    attempts: int = 0


class OperatorSide:
    """Follows the person, acting on the core it belongs to, which has it consider what is due after every fact."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self.holder: Holder | None = None
        self.is_engaged = False
        """Something of an operator's is under way."""
        self._waiting: deque[Waiting] = deque()
        self._saying: tuple[Waiting, Reply] | None = None
        self._answers: facts.ResponseCreate | None = None
        """What was left for an answer (``NextReply``) when the words being said began, if they answer it."""
        self._whispers: deque[str] = deque(maxlen=MOST_WHISPERS)
        self._stood_in = False
        """A person spoke with the caller, and the agent has not since."""
        self._end_by_ms: float | None = None
        self._hung_up = False

    @property
    def has_floor(self) -> bool:
        """The agent says nothing of its own."""
        return self.is_engaged and (
            self.holder is not None or bool(self._waiting) or self._saying is not None or self._end_by_ms is not None
        )

    @property
    def is_speaking(self) -> bool:
        """A person's words are on their way to the caller."""
        return self._saying is not None

    @property
    def note(self) -> str:
        """What the agent's model is told; empty: nothing."""
        lines = (supervision.written(self._whispers), supervision.STOOD_IN if self._stood_in else "")
        return "\n".join(filter(None, lines))

    @property
    def wake_ms(self) -> float | None:
        if not self.is_engaged:
            return None
        if self._end_by_ms is not None:
            return None if self._hung_up else self._end_by_ms
        return None if self.holder is None else self.holder.until_ms

    def agent_spoke(self) -> None:
        """One was heard: what it was told of a person's turn has been used."""
        self._stood_in = False

    def tick(self, now_ms: float) -> None:
        if self.holder is not None and now_ms >= self.holder.until_ms:
            self._give_back(now_ms, lapsed=True)

    def delayed(self, by_ms: float) -> None:
        """Nobody could have been heard of for so long."""
        if self.holder is not None:
            self.holder.until_ms += by_ms

    def consider(self, now_ms: float) -> None:
        """Do what is due."""
        self._look_at_words()
        while self._waiting and self._core.is_quiet:  # written words are said at once
            self._say_next(now_ms)
        if self._end_by_ms is not None:
            self._hang_up_in_time(now_ms)
        self.is_engaged = self.has_floor

    # What is asked for

    def _take_over(self, fact: facts.OperatorTookOver, now_ms: float) -> None:
        if self.holder is not None and self.holder.lease != fact.lease:
            self._refuse_for_holder(fact.cause)
            return
        is_new = self.holder is None
        self._hold(Holder(fact.lease, fact.name, 0.0), now_ms)
        self._done(fact.cause)
        if is_new:
            if not self.is_speaking:
                if self._core.is_answering:  # the person answers what the agent was about to, or the agent does later
                    self._core.next_reply.leave()
                self._core.cut_in(now_ms)
            self._core.tell(act.OperatorChanged(fact.name))

    def _hold_on(self, fact: facts.OperatorHeld, now_ms: float) -> None:
        if self._may(fact.lease, fact.cause) and self.holder is not None:
            self._hold(self.holder, now_ms)
            self._done(fact.cause)

    def _release(self, fact: facts.OperatorReleased, now_ms: float) -> None:
        if self._may(fact.lease, fact.cause):
            self._done(fact.cause)
            self._give_back(now_ms, lapsed=False)

    def _say(self, fact: facts.OperatorSays, now_ms: float) -> None:
        if not self._is_free_for(fact.lease, fact.cause):
            return
        if self._end_by_ms is not None:
            self._refuse(fact.cause, "conversation_ended", "This conversation is being ended.")
            return
        if len(self._waiting) >= MOST_WAITING:
            self._refuse(fact.cause, "too_many_words", f"{MOST_WAITING} texts wait to be said; wait for one of them.")
            return
        if self.holder is not None:
            self._hold(self.holder, now_ms)
        self._done(fact.cause)
        self._core.speculation.drop()
        self.is_engaged = True
        if fact.interrupt:
            self._speak_at_once(fact.text, now_ms)
        else:
            self._waiting.append(Waiting(fact.text))

    def _whisper(self, fact: facts.OperatorWhispered, _now_ms: float) -> None:
        self._whispers.append(fact.text)
        self._core.speculation.drop()  # it was begun without knowing
        self._done(fact.cause)

    def _end(self, fact: facts.OperatorEnded, now_ms: float) -> None:
        if not self._is_free_for(fact.lease, fact.cause):
            return
        self._done(fact.cause)
        if self._end_by_ms is not None:
            return
        self.is_engaged = True
        self._end_by_ms = now_ms + self._core.settings.limits.farewell_ms
        self._waiting.clear()
        if fact.farewell:
            self._speak_at_once(fact.farewell, now_ms)
        else:
            self._core.cut_in(now_ms)

    # Speaking

    def _speak_at_once(self, text: str, now_ms: float) -> None:
        if self._core.is_answering and not self._core.is_audible:
            self._core.next_reply.leave()
        self._core.cut_in(now_ms)
        self._look_at_words()
        self._waiting.appendleft(Waiting(text))
        self._say_next(now_ms)

    def _say_next(self, now_ms: float) -> None:
        waiting = self._waiting.popleft()
        waiting.attempts += 1
        self._answers = self._core.next_reply.left if self.holder is not None else None
        self._saying = (waiting, self._core.say(waiting.text, now_ms, self._answers))
        self._stood_in = self.holder is not None or self._stood_in
        self._look_at_words()

    def _look_at_words(self) -> None:
        """Whether what was being said is over, and whether anything of it was audible."""
        if self._saying is None or not self._saying[1].is_over:
            return
        (waiting, reply), self._saying = self._saying, None
        if reply.stage.first_audio_ms is None:
            if waiting.attempts < ATTEMPTS:
                self._waiting.appendleft(waiting)
        elif self._answers is not None and self._answers is self._core.next_reply.left:
            self._core.next_reply.left = None
        self._answers = None

    def _hang_up_in_time(self, now_ms: float) -> None:
        assert self._end_by_ms is not None
        is_said = not self.is_speaking and not self._waiting and self._core.active is None and self._core.heard.is_idle
        if not self._hung_up and (is_said or now_ms >= self._end_by_ms):
            self._hung_up = True
            self._core.tell(act.HangUp())

    # Holding

    def _hold(self, holder: Holder, now_ms: float) -> None:
        holder.until_ms = now_ms + self._core.settings.limits.operator_silent_ms
        self.holder = holder
        self.is_engaged = True

    def _give_back(self, now_ms: float, *, lapsed: bool) -> None:
        self.holder = None
        self._core.tell(act.OperatorChanged(None, lapsed))
        self._core.note_idle(now_ms)

    def _may(self, lease: str, cause: str) -> bool:
        """Whether it is who has taken over."""
        if self.holder is None:
            self._refuse(cause, "not_taken_over", "The agent has this conversation; take it over first.")
        elif self.holder.lease != lease:
            self._refuse_for_holder(cause)
        else:
            return True
        return False

    def _is_free_for(self, lease: str | None, cause: str) -> bool:
        """Who has no lease speaks where nobody has taken over, who has one while it holds."""
        if lease is not None:
            return self._may(lease, cause)
        if self.holder is not None:
            self._refuse_for_holder(cause)
        return self.holder is None

    # Answers

    def _done(self, cause: str) -> None:
        self._core.tell(act.OperatorAnswered(cause))

    def _refuse(self, cause: str, code: str, message: str) -> None:
        self._core.tell(act.OperatorAnswered(cause, code, message))

    def _refuse_for_holder(self, cause: str) -> None:
        assert self.holder is not None
        self._refuse(cause, "taken_over", f"{self.holder.name} has taken over this conversation.")

    HANDLERS: ClassVar[Mapping[type[facts.Fact], Callable[..., None]]] = {
        facts.OperatorTookOver: _take_over,
        facts.OperatorHeld: _hold_on,
        facts.OperatorReleased: _release,
        facts.OperatorSays: _say,
        facts.OperatorWhispered: _whisper,
        facts.OperatorEnded: _end,
    }
