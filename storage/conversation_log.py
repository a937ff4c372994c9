"""The write-behind log: makes what happens in conversations durable as it happens, without delaying speech.

Whoever runs a conversation hands over states and goes on at once. One writer task per process writes whatever is
dirty: the first state at once, and the states that arrive during a write together after it, each thing once, in its
newest state. So a killed process loses what was handed over during the last write, a few milliseconds;
``storage.log_writer`` tells what a row is safe from, and when. A database that is away loses nothing as long as it
comes back before the bound is reached; past the bound, rows that are not held yet are refused and counted, while
newer states of those held still get in.

Everything here must be called on the event loop's own thread.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Raw, Struct

from storage.database import Database
from storage.dirty_rows import DirtyRows, RowKind
from storage.json_codec import encode_json
from storage.log_figures import CONVERSATIONS
from storage.log_writer import LogWriter
from storage.named_query import Query, load_queries
from storage.records import ConversationRecord, ConversationStatus, ItemRecord, TurnRecord

_QUERIES = load_queries("storage.queries", "conversation_log.sql")
_QUERY_OF: dict[IntEnum, Query] = {
    RowKind.CONVERSATION: _QUERIES["log_conversations"],
    RowKind.CHANGE: _QUERIES["log_changes"],
    RowKind.ITEM: _QUERIES["log_items"],
    RowKind.TURN: _QUERIES["log_turns"],
}

logger = logging.getLogger(__name__)


class _Change(Struct):
    """A row of the query ``log_changes``; null leaves the column as it is (``ended_at`` goes with ``status``)."""

    id: str
    updated_at: datetime
    session: Raw = Raw(b"null")
    status: ConversationStatus | None = None
    ended_at: datetime | None = None


class ConversationLog:
    """One per process. ``conversation``, ``item``, ``turn``, ``session`` and ``status`` neither block nor raise.

    Give it a ``Database`` of its own with two connections: requests for lists never hold its writes up then, and
    writing does not wait for the disk.
    ``max_dirty_rows`` and ``max_dirty_bytes`` bound what an outage may pile up: the defaults hold more than an hour of
    a hundred conversations.
    """

    def __init__(
        self, database: Database, *, max_dirty_rows: int = 100_000, max_dirty_bytes: int = 128 * 1024 * 1024
    ) -> None:
        self._dirty = DirtyRows(max_rows=max_dirty_rows, max_bytes=max_dirty_bytes)
        self._writer = LogWriter(database, self._dirty, _QUERY_OF, CONVERSATIONS)
        self._losing = False
        self._closed = False

    def start(self) -> None:
        """Start writing, on the running loop. What was handed over before is written first."""
        self._writer.start()

    def conversation(self, record: ConversationRecord) -> None:
        """A conversation begins. Hand it over before its items; one that exists already is left as it is."""
        self._submit(RowKind.CONVERSATION, record.id, "", lambda: encode_json(record))

    def item(self, conversation_id: str, item: ItemRecord, *, progress: bool = False) -> None:
        """The item's whole state; the one with the newest ``updated_at`` stays.

        ``progress``: another state of this item is sure to follow soon (how much of a reply has been heard so far).
        """
        self._submit(RowKind.ITEM, conversation_id, item.id, lambda: _row(conversation_id, item), progress=progress)

    def turn(self, conversation_id: str, turn: TurnRecord) -> None:
        """The figures of a turn; a later call for the same item replaces them."""
        self._submit(RowKind.TURN, conversation_id, turn.item_id, lambda: _row(conversation_id, turn))

    def session(self, conversation_id: str, session: dict[str, Any], *, now: datetime) -> None:
        """The effective session settings from ``now`` on."""
        self._change(conversation_id, now, lambda: {"session": Raw(encode_json(session))})

    def status(self, conversation_id: str, status: ConversationStatus, *, now: datetime) -> None:
        """The conversation is open, closed or dropped from ``now`` on."""
        ended_at = None if status == "open" else now
        self._change(conversation_id, now, lambda: {"status": status, "ended_at": ended_at})

    async def flush(self, conversation_id: str, timeout_s: float) -> bool:
        """Wait until all that was handed over for the conversation so far is on the disk (or refused by the database).

        False: it was not within ``timeout_s``; it is kept and still being tried.
        """
        return await self._writer.durable(conversation_id, timeout_s)

    @property
    def healthy(self) -> bool:
        """False while writing fails or hangs, or there is no room. No new conversation should start then."""
        return self._writer.healthy and not self._dirty.full

    @property
    def dirty_rows(self) -> int:
        """How many rows are not on the disk yet."""
        return self._dirty.held

    async def aclose(self, timeout_s: float = 5.0) -> bool:
        """Write what is left, then stop; nothing is taken any more. False: rows were left unwritten."""
        self._closed = True
        try:
            return await self._writer.durable(None, timeout_s)
        finally:
            await self._writer.stop()
            if self._dirty.held:
                logger.error("%d rows of conversations were not written before the end", self._dirty.held)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()

    def _change(self, conversation_id: str, now: datetime, columns: Callable[[], dict[str, Any]]) -> None:
        def merged() -> bytes:
            held = self._dirty.get(RowKind.CHANGE, conversation_id, "")
            change = msgspec.json.decode(held.payload, type=_Change) if held else _Change(conversation_id, now)
            return msgspec.json.encode(msgspec.structs.replace(change, updated_at=now, **columns()))

        self._submit(RowKind.CHANGE, conversation_id, "", merged)

    def _submit(
        self,
        kind: RowKind,
        conversation_id: str,
        row_id: str,
        payload: Callable[[], bytes],
        *,
        progress: bool = False,
    ) -> None:
        """Encodes now: what is written is the state of this moment, whatever becomes of the objects in it."""
        if self._closed:
            CONVERSATIONS.refused.labels("closed").inc()
            return
        try:
            encoded = payload()
        except Exception as error:  # a state without a JSON form must not end the call it belongs to
            CONVERSATIONS.refused.labels("unencodable").inc()
            logger.error("lost a row of a conversation (%s): %s", kind.name.lower(), type(error).__name__)
            return
        was_idle = not self._dirty.dirty
        accepted = self._dirty.put(kind, conversation_id, row_id, encoded, progress=progress)
        if not accepted:
            CONVERSATIONS.refused.labels("full").inc()
            if not self._losing:
                logger.error("rows of conversations are being lost: %d are held already", self._dirty.held)
        self._losing = not accepted or (self._losing and self._dirty.full)
        if was_idle or not progress:
            self._writer.wake()


def _row(conversation_id: str, record: ItemRecord | TurnRecord) -> bytes:
    """The record's JSON object with the conversation's id as its first member."""
    return b'{"conversation_id":' + encode_json(conversation_id) + b"," + encode_json(record)[1:]
