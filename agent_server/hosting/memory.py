"""A conversation's items and figures on their way to storage, and back when it is continued."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from pipelines.conversation.actions import TurnTimings
from pipelines.conversation.items import Item, Part
from pipelines.intent.classifier import Intent
from storage.conversations.conversations import Conversations
from storage.conversations.records import Channel, ItemRecord, TurnRecord
from storage.errors import StorageError
from storage.log.conversation_log import ConversationLog

RECALL_S = 1.0
"""For each of two steps: the client waits, and what it sends meanwhile waits with it."""


class ConversationMemory:
    """Implements the runner's ``Memory`` on the write-behind log."""

    def __init__(
        self,
        log: ConversationLog,
        conversation_id: str,
        channel: Channel,
        utc_now: Callable[[], datetime],
        *,
        conversations: Conversations,
        known: Iterable[ItemRecord] = (),
    ) -> None:
        """``known``: what was remembered before, of a conversation that is continued."""
        self._log = log
        self._conversations = conversations
        self._conversation_id = conversation_id
        self._channel = channel
        self._utc_now = utc_now
        self._created = {record.id: record.created_at for record in known}
        self._last = {record.id: record for record in known}
        self._recalled: list[str] = []

    async def kept(self, timeout_s: float) -> bool:
        return await self._log.written(self._conversation_id, timeout_s)

    def remember(self, item: Item, position: float, *, intent: Intent | None, progress: bool) -> None:
        now = self._utc_now()
        record = self._last[item.id] = self._record(item, position, now, intent)
        self._log.item(self._conversation_id, record, progress=progress)

    def forget(self, item_id: str) -> None:
        """The model no longer sees it and lists leave it out; what was said stays on record."""
        record = self._last.pop(item_id, None)
        self._created.pop(item_id, None)
        if record is not None:
            deleted = msgspec.structs.replace(record, deleted=True, updated_at=self._utc_now())
            self._log.item(self._conversation_id, deleted)

    def let_go(self, item_ids: Iterable[str]) -> None:
        for item_id in item_ids:
            self._last.pop(item_id, None)
            self._created.pop(item_id, None)

    async def recall(self, item_ids: Sequence[str]) -> list[tuple[Item, float]] | None:
        """What of them has just changed is written first."""
        if not await self._log.written(self._conversation_id, RECALL_S):
            return None
        try:
            async with asyncio.timeout(RECALL_S):
                found = await self._conversations.items(self._conversation_id, item_ids)
        except (StorageError, TimeoutError):
            return None
        self.let_go(self._recalled)
        self._recalled = [record.id for record in found]
        self._last |= {record.id: record for record in found}
        self._created |= {record.id: record.created_at for record in found}
        return remembered_items(found)

    def turn(self, timings: TurnTimings) -> None:
        figures: dict[str, Any] = msgspec.to_builtins(timings)
        for key in ("type", "item_id", "response_latency_ms"):
            figures.pop(key, None)
        record = TurnRecord(
            item_id=timings.item_id,
            response_latency_ms=timings.response_latency_ms,
            timings=figures,
            created_at=self._utc_now(),
        )
        self._log.turn(self._conversation_id, record)

    def _record(self, item: Item, position: float, now: datetime, intent: Intent | None) -> ItemRecord:
        is_reply = item.role == "assistant" and not item.parts
        spoken = item.spoken or any(part.kind in ("input_audio", "output_audio") for part in item.parts)
        return ItemRecord(
            id=item.id,
            position=position,
            type=item.type,
            role=item.role,
            status=item.status,
            channel=self._channel,
            modality=("audio" if spoken else "text") if item.type == "message" else None,
            content=[{"type": part.kind, "text": part.text} for part in item.parts],
            generated_text=item.generated,
            synthesised_text=item.synthesised,
            sent_text=item.sent,
            heard_text=item.heard if is_reply else item.words,
            audio_ms=item.audio_ms or None,
            heard_ms=item.heard_ms or None,
            call_id=item.call_id,
            name=item.name,
            arguments=item.arguments or None,
            output=item.output or None,
            word_ends=list(item.word_ends),
            own_tool=item.own_tool,
            said_by=item.said_by,
            intent=intent.label if intent else None,
            intent_confidence=intent.confidence if intent else None,
            created_at=self._created.setdefault(item.id, now),
            updated_at=now,
        )


def remembered_items(records: Iterable[ItemRecord]) -> list[tuple[Item, float]]:
    """The items of an earlier connection, with their positions."""
    return [(_item(record), record.position) for record in records if not record.deleted]


def _item(record: ItemRecord) -> Item:
    """Words that were still being understood never will be: the model is told that there were some."""
    parts = (Part(part["type"], part["text"] or "") for part in cast("list[dict[str, Any]]", record.content))
    return Item(
        id=record.id,
        type=record.type,
        role=record.role,
        status=record.status,
        parts=tuple(parts),
        spoken=record.modality == "audio" and not record.content,
        generated=record.generated_text,
        synthesised=record.synthesised_text,
        sent=record.sent_text,
        heard=record.heard_text if not record.content else "",
        audio_ms=record.audio_ms or 0.0,
        heard_ms=record.heard_ms or 0.0,
        call_id=record.call_id,
        name=record.name,
        arguments=record.arguments or "",
        output=record.output or "",
        word_ends=tuple((end_ms, chars) for end_ms, chars in record.word_ends),
        own_tool=record.own_tool,
        said_by=record.said_by,
    )
