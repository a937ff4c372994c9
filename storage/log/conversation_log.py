"""The write-behind log: makes what happens in conversations durable as it happens, without delaying speech.

Whoever runs a conversation hands over states and goes on at once. One writer task per process writes whatever is
dirty: the first state within 5 ms, and the states that arrive during a write together after it, each thing once, in its
newest state. So a killed process loses what was handed over during the last write, some milliseconds, and of mere
progress that of the last twentieth of a second; ``storage.log.writer`` tells what a row is safe from, and when. A
database that is away loses nothing as long as it comes back before the bound is reached; past the bound, rows that are
not held yet are refused and counted, while newer states of those held still get in.
"""

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec
from msgspec import Raw, Struct

from storage.conversations.records import ConversationRecord, ConversationStatus, ItemRecord, TurnRecord
from storage.log.dirty_rows import DirtyRows, RowKind
from storage.log.figures import CONVERSATIONS
from storage.log.write_behind import WriteBehindLog
from storage.log.writer import LogWriter
from storage.postgres.database import Database
from storage.postgres.json_codec import encode_json
from storage.postgres.named_query import Query, load_queries

PROGRESS_PAUSE_S = 0.05
_QUERIES = load_queries("storage.queries", "conversation_log.sql")
_QUERY_OF: dict[IntEnum, Query] = {
    RowKind.CONVERSATION: _QUERIES["log_conversations"],
    RowKind.CHANGE: _QUERIES["log_changes"],
    RowKind.ITEM: _QUERIES["log_items"],
    RowKind.TURN: _QUERIES["log_turns"],
}


class _Change(Struct):
    """A row of the query ``log_changes``; null leaves the column as it is (``ended_at`` goes with ``status``)."""

    id: str
    updated_at: datetime
    fence: int | None = None
    session: Raw = Raw(b"null")
    status: ConversationStatus | None = None
    ended_at: datetime | None = None


class ConversationLog(WriteBehindLog):
    """One per process. ``conversation``, ``item``, ``turn``, ``session`` and ``status`` neither block nor raise.

    Give it a ``Database`` of its own with two connections: requests for lists never hold its writes up then, and
    writing does not wait for the disk.
    ``max_dirty_rows`` and ``max_dirty_bytes`` bound what an outage may pile up: the defaults hold more than an hour of
    a hundred conversations.
    """

    def __init__(
        self, database: Database, *, max_dirty_rows: int = 100_000, max_dirty_bytes: int = 128 * 1024 * 1024
    ) -> None:
        dirty = DirtyRows(max_rows=max_dirty_rows, max_bytes=max_dirty_bytes)
        super().__init__(LogWriter(database, dirty, _QUERY_OF, CONVERSATIONS, progress_pause_s=PROGRESS_PAUSE_S))

    def conversation(self, record: ConversationRecord) -> None:
        """A conversation begins. Hand it over before its items; one that exists already is left as it is."""
        self._take(RowKind.CONVERSATION, record.id, "", lambda: encode_json(record), progress=False)

    def item(self, conversation_id: str, item: ItemRecord, *, progress: bool = False) -> None:
        """The item's whole state; the one with the newest ``updated_at`` stays.

        ``progress``: another state of this item is sure to follow soon (how much of a reply has been heard so far).
        """
        self._take(RowKind.ITEM, conversation_id, item.id, lambda: _row(conversation_id, item), progress=progress)

    def turn(self, conversation_id: str, turn: TurnRecord) -> None:
        """The figures of a turn; a later call for the same item replaces them."""
        self._take(RowKind.TURN, conversation_id, turn.item_id, lambda: _row(conversation_id, turn), progress=False)

    def session(
        self, conversation_id: str, session: dict[str, Any], *, now: datetime, fence: int | None = None
    ) -> None:
        """The effective session settings from ``now`` on.

        ``fence``: the number it is held with; None: whoever holds it (``claims``).
        """
        self._change(conversation_id, now, fence, lambda: {"session": Raw(encode_json(session))})

    def status(
        self, conversation_id: str, status: ConversationStatus, *, now: datetime, fence: int | None = None
    ) -> None:
        """The conversation is open, closed or dropped from ``now`` on."""
        ended_at = None if status == "open" else now
        self._change(conversation_id, now, fence, lambda: {"status": status, "ended_at": ended_at})

    async def written(self, conversation_id: str, timeout_s: float) -> bool:
        """Wait until all that was handed over for the conversation so far, but mere progress, survives the end of this
        process (or is refused by the database).

        False: it does not within ``timeout_s``, or the database is away; it is kept and still being tried.
        """
        return await self._writer.written(conversation_id, timeout_s)

    async def flush(self, conversation_id: str, timeout_s: float) -> bool:
        """Wait until all that was handed over for the conversation so far is on the disk (or refused by the database).

        False: it was not within ``timeout_s``; it is kept and still being tried.
        """
        return await self._writer.durable(conversation_id, timeout_s)

    def _change(
        self, conversation_id: str, now: datetime, fence: int | None, columns: Callable[[], dict[str, Any]]
    ) -> None:
        def merged() -> bytes:
            held = self._dirty.newest(RowKind.CHANGE, conversation_id, "")
            change = msgspec.json.decode(held.payload, type=_Change) if held else _Change(conversation_id, now)
            return msgspec.json.encode(msgspec.structs.replace(change, updated_at=now, fence=fence, **columns()))

        self._take(RowKind.CHANGE, conversation_id, "", merged, progress=False)


def _row(conversation_id: str, record: ItemRecord | TurnRecord) -> bytes:
    """The record's JSON object with the conversation's id as its first member."""
    return b'{"conversation_id":' + encode_json(conversation_id) + b"," + encode_json(record)[1:]
