"""Replies that nobody asks for at that moment: late results of tools, and what the caller is owed an answer to, are
brought up when both sides are quiet, after the present turn, the caller being silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore


class Proactive:
    """Acts on the core it belongs to, which asks it after every fact while there is something."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self._quiet_since_ms: float | None = None

    @property
    def has_something(self) -> bool:
        return bool(self._core.tool_runs.news) or self._core.caller.is_owed

    @property
    def wake_ms(self) -> float | None:
        if self._quiet_since_ms is None or not self.has_something:
            return None
        return self._quiet_since_ms + self._core.settings.limits.news_after_ms

    def consider(self, now_ms: float) -> None:
        """Start a reply, once it has been quiet for long enough."""
        if not self._is_quiet:
            self._quiet_since_ms = None
            return
        if self._quiet_since_ms is None:
            self._quiet_since_ms = now_ms
        if now_ms >= self._quiet_since_ms + self._core.settings.limits.news_after_ms:
            self._quiet_since_ms = None
            self._core.bring_up(now_ms)

    @property
    def _is_quiet(self) -> bool:
        core = self._core
        detection = core.settings.turn_detection
        if core.operator.has_floor:
            return False
        if detection is None or not detection.create_response:
            return False  # the client decides when the agent speaks
        return not core.caller.is_busy and core.active is None and core.heard.is_idle
