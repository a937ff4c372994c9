"""The prompt to a caller who says nothing: after ``idle_timeout_ms`` the server acts as if an empty turn had ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.conversation import actions as act
from pipelines.conversation.items import user_audio

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore


class IdlePrompt:
    """Acts on the core it belongs to."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self._since_ms: float | None = None

    def wait(self, now_ms: float) -> None:
        """The agent has been heard to its end: from now on it waits for the caller."""
        self._since_ms = now_ms

    def wait_anew(self, now_ms: float) -> None:
        """They are there, be it that they only coughed."""
        if self._since_ms is not None:
            self._since_ms = now_ms

    def stop(self) -> None:
        """Nobody waits: they spoke, or a reply begins."""
        self._since_ms = None

    @property
    def wake_ms(self) -> float | None:
        """When it is due."""
        timeout_ms = self._timeout_ms
        if self._since_ms is None or timeout_ms is None or self._core.caller.is_busy:
            return None
        return self._since_ms + timeout_ms

    def tick(self, now_ms: float) -> None:
        core, due_ms, timeout_ms = self._core, self.wake_ms, self._timeout_ms
        if due_ms is None or timeout_ms is None or now_ms < due_ms:
            return
        self._since_ms = None
        if core.active is not None or core.operator.has_floor:
            return
        item_id = core.new_id("item")
        audio_ms = core.caller.audio_ms
        core.tell(act.IdleTimeout(item_id, int(max(0.0, audio_ms - timeout_ms)), int(audio_ms)))
        core.tell(act.AudioCommitted(item_id, core.history.last_id()))
        core.add_item(user_audio(item_id, ""))
        core.respond(now_ms)

    @property
    def _timeout_ms(self) -> float | None:
        detection = self._core.settings.turn_detection
        return detection.idle_timeout_ms if detection is not None else None
