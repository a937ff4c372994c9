"""What is to be written, at most one row for each thing: a newer state takes the older one's place.

Pure bookkeeping, no I/O. A row is dirty, then committed, then forced to the disk and forgotten; until then it is kept
and becomes dirty again when the database fails. Rows keep the order in which they became dirty, within their
conversation and between conversations, so a conversation's own row comes before its items.
"""

from collections.abc import Collection, Iterator
from enum import IntEnum
from itertools import chain

from msgspec import Struct


class RowKind(IntEnum):
    """The kinds of the log of conversations, in the order in which one transaction must write them."""

    CONVERSATION = 0
    CHANGE = 1
    ITEM = 2
    TURN = 3


class DirtyRow(Struct, eq=False):
    """One row to write, as JSON. ``kind``: RowKind, or another log's own. ``since``: number of the oldest submission it
    makes durable.

    ``progress``: a newer state is sure to follow soon. ``taken``: a write of this very state is under way.
    """

    kind: IntEnum
    conversation_id: str
    row_id: str
    payload: bytes
    progress: bool
    since: int
    taken: bool = False


class DirtyRows:
    """Bounded by ``max_rows`` rows and ``max_bytes`` of JSON. Past either, rows that are not dirty yet are refused,
    while newer states of dirty ones still get in: the latest word of what is held is never lost.

    A tenth more is kept for ``essential`` kinds: the rows of conversations themselves, without which no item of theirs
    could be written.
    """

    def __init__(
        self,
        *,
        max_rows: int,
        max_bytes: int,
        essential: Collection[IntEnum] = (RowKind.CONVERSATION, RowKind.CHANGE),
    ) -> None:
        self._essential = essential
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._conversations: dict[str, dict[tuple[IntEnum, str], DirtyRow]] = {}
        self._batch: list[DirtyRow] = []
        self._committed: list[DirtyRow] = []
        self._forcing: list[DirtyRow] = []
        self.dirty = 0
        self.urgent = 0
        self.held = 0
        self.held_bytes = 0
        self.submissions = 0

    @property
    def full(self) -> bool:
        """Whether a row that is not dirty yet, and not essential, would be refused."""
        return not self._has_room(None)

    @property
    def committed_urgent(self) -> bool:
        """Whether something other than progress is committed and not being forced yet."""
        return any(not row.progress for row in self._committed)

    def get(self, kind: IntEnum, conversation_id: str, row_id: str) -> DirtyRow | None:
        """The state that is dirty, if any."""
        return self._conversations.get(conversation_id, {}).get((kind, row_id))

    def put(self, kind: IntEnum, conversation_id: str, row_id: str, payload: bytes, *, progress: bool = False) -> bool:
        """False: refused, there is no room."""
        old = self.get(kind, conversation_id, row_id)
        if old is None and not self._has_room(kind):
            return False
        self.submissions += 1
        new = DirtyRow(kind, conversation_id, row_id, payload, progress, self.submissions)
        if old is not None:
            self._clean(old)
            if not old.taken:
                self._forget(old)
                _inherit(new, old)
        self._conversations.setdefault(conversation_id, {})[kind, row_id] = new
        self._soil(new)
        self._hold(new)
        return True

    def take(self, max_rows: int, max_bytes: int) -> list[DirtyRow]:
        """The oldest dirty rows, at least one, to be answered by ``written`` or ``failed`` before the next ``take``."""
        batch: list[DirtyRow] = []
        size = 0
        for row in self._every_dirty():
            size += len(row.payload)
            if batch and (len(batch) >= max_rows or size > max_bytes):
                break
            row.taken = True
            batch.append(row)
        self._batch = batch
        return batch

    def written(self) -> None:
        """The rows taken are committed; those that got a newer state meanwhile are dirty with that."""
        for row in self._batch:
            rows = self._conversations.get(row.conversation_id, {})
            if rows.get((row.kind, row.row_id)) is row:
                del rows[row.kind, row.row_id]
                self._clean(row)
                if not rows:
                    del self._conversations[row.conversation_id]
        self._committed += self._batch
        self._batch = []

    def force(self) -> None:
        """What is committed now is being forced to the disk, to be answered by ``forced`` or ``failed``."""
        self._forcing, self._committed = self._committed, []

    def forced(self) -> None:
        """What was being forced is safe, whatever happens."""
        for row in self._forcing:
            self._forget(row)
        self._forcing = []

    def failed(self) -> None:
        """A write or forcing failed: what is not on the disk may be lost, so all of it is dirty again.

        Where there is a newer state, that one answers for the older ones.
        """
        unsafe = [*self._forcing, *self._committed]
        if unsafe:
            unsafe += self._batch
            self._rebuild(unsafe)
        else:
            self._return_batch()
        self._forcing, self._committed, self._batch = [], [], []

    def holds(self, conversation_id: str | None, submission: int) -> bool:
        """Whether something submitted up to ``submission`` is not on the disk yet; None: of any conversation."""
        unsafe = (
            row
            for row in chain(self._batch, self._committed, self._forcing)
            if conversation_id in (None, row.conversation_id)
        )
        return any(row.since <= submission for row in chain(unsafe, self._every_dirty(conversation_id)))

    def _every_dirty(self, conversation_id: str | None = None) -> Iterator[DirtyRow]:
        if conversation_id is not None:
            return iter(self._conversations.get(conversation_id, {}).values())
        return (row for rows in self._conversations.values() for row in rows.values())

    def _return_batch(self) -> None:
        """During an outage every try ends here: only the rows tried are touched, and they keep their places."""
        for row in self._batch:
            row.taken = False
            current = self._conversations[row.conversation_id][row.kind, row.row_id]
            if current is not row:
                self._forget(row)
                self._clean(current)
                _inherit(current, row)
                self._soil(current)

    def _rebuild(self, unsafe: list[DirtyRow]) -> None:
        """``unsafe`` rows, oldest first, come before what became dirty after them."""
        conversations: dict[str, dict[tuple[IntEnum, str], DirtyRow]] = {}
        for row in chain(unsafe, self._every_dirty()):
            row.taken = False
            rows = conversations.setdefault(row.conversation_id, {})
            older = rows.get((row.kind, row.row_id))
            if older is not None and older is not row:
                _inherit(row, older)
            rows[row.kind, row.row_id] = row
        self._conversations = conversations
        self.dirty = self.urgent = self.held = self.held_bytes = 0
        for row in self._every_dirty():
            self._soil(row)
            self._hold(row)

    def _has_room(self, kind: IntEnum | None) -> bool:
        room = 1.1 if kind in self._essential else 1.0
        return self.held < self._max_rows * room and self.held_bytes < self._max_bytes * room

    def _soil(self, row: DirtyRow) -> None:
        self.dirty += 1
        self.urgent += not row.progress

    def _clean(self, row: DirtyRow) -> None:
        self.dirty -= 1
        self.urgent -= not row.progress

    def _hold(self, row: DirtyRow) -> None:
        self.held += 1
        self.held_bytes += len(row.payload)

    def _forget(self, row: DirtyRow) -> None:
        self.held -= 1
        self.held_bytes -= len(row.payload)


def _inherit(newer: DirtyRow, older: DirtyRow) -> None:
    newer.since = min(newer.since, older.since)
    newer.progress = newer.progress and older.progress
