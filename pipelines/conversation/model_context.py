"""What a reply's model is told: of the conversation as much as fits, and beside it of the caller, of an operator's
orders, of the language that is talked, of a recording that has ended, and whether there is one where they ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pipelines.call_audio.wish import NOT_RECORDED, RECORDED, TOLD, asks_if_recorded, refuses_recording
from pipelines.conversation.history import context
from pipelines.conversation.truncation import ShownHistory, is_too_long
from pipelines.language.tags import told

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore
    from pipelines.conversation.items import Item
    from pipelines.conversation.reply import Reply
    from pipelines.llm.port import Message


class ModelContext:
    """Reads the core it belongs to. ``briefing``: of the caller, from beside the conversation."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self._shown = ShownHistory()
        self.briefing = ""

    @property
    def is_too_long(self) -> bool:
        """Nothing may be left out, and not all of it fits, or is at hand."""
        history, rules = self._core.history, self._core.settings.truncation
        return is_too_long(history, rules) or (rules.keep is None and history.has_older)

    def of(self, reply: Reply, items: Iterable[Item]) -> tuple[Message, ...]:
        """Of ``items`` the newest that fit."""
        return self.whole(reply, self._shown.shown(items, self._core.settings.truncation))

    def whole(self, reply: Reply, items: Iterable[Item]) -> tuple[Message, ...]:
        core, items = self._core, tuple(items)
        beside = [] if reply.is_out_of_band else [self.briefing, core.operator.note, told(core.settings.language)]
        if core.recording.stops(reply.preface):
            beside.append(TOLD)
        elif not reply.is_out_of_band and _concerns_recording(items):
            beside.append(RECORDED if core.recording.is_on else NOT_RECORDED)
        return context(
            reply.instructions,
            items,
            running=core.tool_runs.running_ids,
            news=core.tool_runs.news,
            retrieving=core.settings.retrieving,
            briefing="\n".join(filter(None, beside)),
        )


def _concerns_recording(items: Sequence[Item]) -> bool:
    """Whether the caller's last words do. A model that is not told whether the call is recorded makes something up."""
    latest = next((item.words for item in reversed(items) if item.role == "user"), "")
    return asks_if_recorded(latest) or refuses_recording(latest)
