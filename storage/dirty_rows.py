"""What is to be written, at most one row for each thing: a newer state takes the older one's place.

Pure bookkeeping, no I/O. Rows keep the order in which they became dirty, within their conversation and between
conversations, so a conversation's own row comes before its items.
"""

from enum import IntEnum
from itertools import chain

from msgspec import Struct


class RowKind(IntEnum):
    """In the order in which one transaction must write them."""

    CONVERSATION = 0
    CHANGE = 1
    ITEM = 2
    TURN = 3


class DirtyRow(Struct, eq=False):
    """One row to write, as JSON. ``since``: number of the oldest submission it makes durable.

    ``progress``: losing it to a power failure would be forgiven. ``taken``: a write of this very state is under way.
    """

    kind: RowKind
    conversation_id: str
    row_id: str
    payload: bytes
    progress: bool
    since: int
    taken: bool = False


class DirtyRows:
    """Bounded by ``max_rows`` rows and ``max_bytes`` of JSON. Past either, rows that are not dirty yet are refused,
    while newer states of dirty ones still get in: the latest word of what is held is never lost.

    A tenth more is kept for the rows of conversations themselves, without which no item of theirs could be written.
    """

    def __init__(self, *, max_rows: int, max_bytes: int) -> None:
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._batch: list[DirtyRow] = []
        self._conversations: dict[str, dict[tuple[RowKind, str], DirtyRow]] = {}
        self.rows = 0
        self.bytes = 0
        self.urgent = 0
        self.submissions = 0

    @property
    def full(self) -> bool:
        """Whether an item that is not dirty yet would be refused."""
        return not self._has_room(RowKind.ITEM)

    def get(self, kind: RowKind, conversation_id: str, row_id: str) -> DirtyRow | None:
        return self._conversations.get(conversation_id, {}).get((kind, row_id))

    def put(self, kind: RowKind, conversation_id: str, row_id: str, payload: bytes, *, progress: bool = False) -> bool:
        """False: refused, there is no room."""
        old = self.get(kind, conversation_id, row_id)
        if old is None and not self._has_room(kind):
            return False
        self.submissions += 1
        new = DirtyRow(kind, conversation_id, row_id, payload, progress, self.submissions)
        if old is not None:
            self._count(old, -1)
            if not old.taken:
                _inherit(new, old)
        self._conversations.setdefault(conversation_id, {})[kind, row_id] = new
        self._count(new, 1)
        return True

    def take(self, max_rows: int, max_bytes: int) -> list[DirtyRow]:
        """The oldest rows, at least one, to be answered by ``written`` or ``kept`` before the next ``take``."""
        batch: list[DirtyRow] = []
        size = 0
        for row in (row for rows in self._conversations.values() for row in rows.values()):
            size += len(row.payload)
            if batch and (len(batch) >= max_rows or size > max_bytes):
                break
            row.taken = True
            batch.append(row)
        self._batch = batch
        return batch

    def written(self) -> None:
        """The rows taken are durable; those that got a newer state meanwhile are dirty with that."""
        for row in self._batch:
            rows = self._conversations[row.conversation_id]
            if rows[row.kind, row.row_id] is row:
                del rows[row.kind, row.row_id]
                self._count(row, -1)
                if not rows:
                    del self._conversations[row.conversation_id]
        self._batch = []

    def kept(self) -> None:
        """The rows taken were not written: a newer state answers for them, or they wait for the next try."""
        for row in self._batch:
            row.taken = False
            current = self._conversations[row.conversation_id][row.kind, row.row_id]
            if current is not row:
                self._count(current, -1)
                _inherit(current, row)
                self._count(current, 1)
        self._batch = []

    def holds(self, conversation_id: str | None, submission: int) -> bool:
        """Whether something submitted up to ``submission`` is not durable yet; None: of any conversation."""
        if conversation_id is None:
            rows = (row for rows in self._conversations.values() for row in rows.values())
        else:
            rows = (row for row in self._conversations.get(conversation_id, {}).values())
        taken = (row for row in self._batch if conversation_id in (None, row.conversation_id))
        return any(row.since <= submission for row in chain(rows, taken))

    def _has_room(self, kind: RowKind) -> bool:
        if kind <= RowKind.CHANGE:
            return self.rows < self._max_rows * 1.1 and self.bytes < self._max_bytes * 1.1
        return self.rows < self._max_rows and self.bytes < self._max_bytes

    def _count(self, row: DirtyRow, sign: int) -> None:
        self.rows += sign
        self.bytes += sign * len(row.payload)
        self.urgent += sign * (not row.progress)


def _inherit(newer: DirtyRow, older: DirtyRow) -> None:
    newer.since = min(newer.since, older.since)
    newer.progress = newer.progress and older.progress
