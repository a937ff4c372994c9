"""Who speaks next once the floor is free: replies that had to wait begin here. Asked after every fact while one waits.

In this order:

1. A response that the client asked for while the caller's words were on their way: as soon as they are known, and the
   caller does not speak.
2. Words of an operator: when both sides are quiet (``OperatorSide``).
3. The answer that was left while an operator had the floor: when they have it no more and both sides are quiet.
4. Late results of tools, and what else the caller is owed an answer to: when both sides have been quiet for
   ``news_after_ms``, where the server decides when the agent speaks.

An answer that only waits for the agent's present reply begins as that ends (``ConversationCore.after``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.conversation import facts

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore

MAX_ASKED = 16


class NextReply:
    """Acts on the core it belongs to."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self.asked: list[tuple[facts.ResponseCreate, float]] = []
        """By the client, and when."""
        self.left: facts.ResponseCreate | None = None
        """The answer that an operator stands in the way of, in the form that the client asked for it, if it did."""
        self._quiet_since_ms: float | None = None

    @property
    def is_awaited(self) -> bool:
        """Somebody waits, or an operator may have something to say."""
        core = self._core
        is_asked = bool(self.asked) or self.left is not None
        return is_asked or core.operator.is_engaged or core.caller.is_owed or bool(core.tool_runs.news)

    @property
    def wake_ms(self) -> float | None:
        if self._quiet_since_ms is None or not self._has_something_to_bring_up:
            return None
        return self._quiet_since_ms + self._core.settings.limits.news_after_ms

    def ask(self, fact: facts.ResponseCreate, now_ms: float) -> None:
        """The client asks. Who commits what was said asks for the answer in the same breath."""
        if self._core.caller.awaited and len(self.asked) < MAX_ASKED:
            self.asked.append((fact, now_ms))
        else:
            self._core.requests.begin_if_allowed(fact, now_ms, now_ms)

    def leave(self, request: facts.ResponseCreate | None = None) -> None:
        """The caller is to be answered, and an operator has the floor. ``request``: the client asked for it."""
        self._core.caller.is_owed = False
        self._core.caller.take_answered()  # how long a person takes is no figure of the agent's
        self.left = request or facts.ResponseCreate()

    def consider(self, now_ms: float) -> None:
        """Begin what may begin now."""
        core = self._core
        if self.asked and not core.caller.awaited and not core.caller.turns.caller_has_floor:
            asked, self.asked = self.asked, []
            for fact, asked_ms in asked:
                core.requests.begin_if_allowed(fact, asked_ms, now_ms)
        if core.operator.is_engaged:
            core.operator.consider(now_ms)
        if self.left is not None and not core.operator.has_floor and core.is_quiet:
            self._begin_left(self.left, now_ms)
        if self._has_something_to_bring_up:
            self._bring_up(now_ms)

    def _begin_left(self, request: facts.ResponseCreate, now_ms: float) -> None:
        self.left = None
        if request.reply is None:
            self._core.respond(now_ms)
        else:
            self._core.requests.begin_response(request, now_ms)

    @property
    def _has_something_to_bring_up(self) -> bool:
        return bool(self._core.tool_runs.news) or self._core.caller.is_owed

    def _bring_up(self, now_ms: float) -> None:
        core = self._core
        detection = core.settings.turn_detection  # without one, the client decides when the agent speaks
        is_ours = detection is not None and detection.create_response
        if not is_ours or not core.is_quiet or core.operator.has_floor:
            self._quiet_since_ms = None
            return
        if self._quiet_since_ms is None:
            self._quiet_since_ms = now_ms
        if now_ms >= self._quiet_since_ms + core.settings.limits.news_after_ms:
            self._quiet_since_ms = None
            core.bring_up(now_ms)
