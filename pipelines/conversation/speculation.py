"""The reply that is begun while the caller pauses, in case the turn is over; untold until it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.conversation.items import user_audio
from pipelines.conversation.turn_taking import Floor

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore
    from pipelines.conversation.reply import Reply


class Speculation:
    """Acts on the core it belongs to: at most one reply at a time."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self.reply: Reply | None = None
        self._text = ""

    def begin(self, text: str, now_ms: float) -> None:
        """The caller paused and the words are settled."""
        core = self._core
        detection = core.settings.turn_detection
        if detection is None or not detection.create_response or core.floor(now_ms) is not Floor.FREE:
            return
        if core.operator.has_floor:
            return
        self.drop()
        if core.context.is_too_long:
            return
        reply = self.reply = core.new_reply()
        reply.speculated = True
        self._text = text
        core.preface(reply, text)
        reply.start(core.context.of(reply, [*core.history, user_audio("", text)]), now_ms)

    def take(self, text: str) -> Reply | None:
        """The caller's turn is over and says this: the reply, if it answers just that and nothing is in its way."""
        core, reply = self._core, self.reply
        if reply is None or reply.is_over or text != self._text or core.active is not None or core.operator.has_floor:
            self.drop()
            return None
        self.reply = None
        return reply

    def drop(self) -> None:
        if self.reply is not None:
            self.reply.discard()
            self.reply = None

    def note_end(self, reply: Reply) -> None:
        """A reply ended by itself."""
        if reply is self.reply:
            self.reply = None
