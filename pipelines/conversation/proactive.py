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
        if not self._may_begin:
            self._quiet_since_ms = None
            return
        if self._quiet_since_ms is None:
            self._quiet_since_ms = now_ms
        if now_ms >= self._quiet_since_ms + self._core.settings.limits.news_after_ms:
            self._quiet_since_ms = None
            self._core.bring_up(now_ms)

    @property
    def _may_begin(self) -> bool:
        detection = self._core.settings.turn_detection  # without one, the client decides when the agent speaks
        is_ours = detection is not None and detection.create_response
        return is_ours and self._core.is_quiet and not self._core.operator.has_floor
