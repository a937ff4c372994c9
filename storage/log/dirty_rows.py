"""What is to be written, at most one dirty row for each thing: a newer state takes the older one's place.

Pure bookkeeping, no I/O. A row is in one place at a time, and kept until the disk has it::

    put → dirty → take → writing → written → committed → force → forcing → forced: forgotten

``failed`` makes all of it dirty again. Rows keep the order in which they became dirty, within their conversation and
between conversations, so a conversation's own row comes before its items.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from enum import IntEnum
from itertools import chain
from typing import TypeAlias

from msgspec import Struct


class RowKind(IntEnum):
    """The kinds of the log of conversations, in the order in which one transaction must write them."""

    CONVERSATION = 0
    CHANGE = 1
    ITEM = 2
    TURN = 3


Key: TypeAlias = tuple[str, IntEnum, str]
"""What a row is a state of: conversation, kind, and its own id."""


class DirtyRow(Struct, eq=False):
    """One row to write, as JSON. ``kind``: RowKind, or another log's own. ``since``: number of the oldest submission it
    makes durable. ``progress``: a newer state is sure to follow soon.
    """

    kind: IntEnum
    conversation_id: str
    row_id: str
    payload: bytes
    progress: bool
    since: int

    @property
    def key(self) -> Key:
        return self.conversation_id, self.kind, self.row_id


class DirtyRows:
    """Bounded by ``max_rows`` rows and ``max_bytes`` of JSON. Past either, rows are refused, except newer states of
    what is dirty or being written: the latest word of what waits for the database is never lost.

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
        self._dirty: OrderedDict[str, OrderedDict[Key, DirtyRow]] = OrderedDict()  # by conversation, none empty
        self._urgent: set[Key] = set()  # of what is dirty and not progress: to look through 100,000 rows takes too long
        self._writing: dict[Key, DirtyRow] = {}
        self._committed: list[DirtyRow] = []
        self._forcing: list[DirtyRow] = []
        self.held = 0
        self.held_bytes = 0
        self.submissions = 0

    @property
    def full(self) -> bool:
        """Whether a row of what is not held yet, and not essential, would be refused."""
        return not self._has_room(None)

    @property
    def dirty(self) -> bool:
        """Whether there is something to take."""
        return bool(self._dirty)

    @property
    def urgent(self) -> bool:
        """Whether something other than progress is dirty."""
        return bool(self._urgent)

    @property
    def committed(self) -> bool:
        """Whether there is something to force."""
        return bool(self._committed)

    @property
    def committed_urgent(self) -> bool:
        """Whether something other than progress is committed and not being forced yet."""
        return any(not row.progress for row in self._committed)

    def newest(self, kind: IntEnum, conversation_id: str, row_id: str) -> DirtyRow | None:
        """The newest state that is not on the disk yet, if any."""
        key = (conversation_id, kind, row_id)
        return next((row for row in reversed([*self._every_held(conversation_id)]) if row.key == key), None)

    def put(self, kind: IntEnum, conversation_id: str, row_id: str, payload: bytes, *, progress: bool = False) -> bool:
        """False: refused, there is no room."""
        new = DirtyRow(kind, conversation_id, row_id, payload, progress, self.submissions + 1)
        rows = self._dirty.get(conversation_id)
        older = rows.get(new.key) if rows is not None else None
        if older is None and new.key not in self._writing and not self._has_room(kind):
            return False
        self.submissions += 1
        if older is not None:
            self._answer_for(older, new)
        self._dirty.setdefault(conversation_id, OrderedDict())[new.key] = new
        if not new.progress:
            self._urgent.add(new.key)
        self.held += 1
        self.held_bytes += len(payload)
        return True

    def take(self, max_rows: int, max_bytes: int) -> list[DirtyRow]:
        """The oldest dirty rows, at least one, to be answered by ``written`` or ``failed`` before the next ``take``."""
        batch: list[DirtyRow] = []
        size = 0
        for row in self._every_dirty():
            size += len(row.payload)
            if batch and (len(batch) >= max_rows or size > max_bytes):
                break
            batch.append(row)
        for row in batch:
            rows = self._dirty[row.conversation_id]
            del rows[row.key]
            self._urgent.discard(row.key)
            if not rows:
                del self._dirty[row.conversation_id]
        self._writing = {row.key: row for row in batch}
        return batch

    def written(self) -> None:
        """The rows taken are committed."""
        self._committed += self._writing.values()
        self._writing = {}

    def force(self) -> None:
        """What is committed now is being forced to the disk, to be answered by ``forced`` or ``failed``."""
        self._forcing, self._committed = self._committed, []

    def forced(self) -> None:
        """What was being forced is safe, whatever happens."""
        for row in self._forcing:
            self._forget(row)
        self._forcing = []

    def failed(self) -> None:
        """A write or forcing failed: what is not on the disk may be lost, so all of it is dirty again, before what
        became dirty after it. Where there is a newer state, that one answers for the older ones.
        """
        for row in reversed([*self._forcing, *self._committed, *self._writing.values()]):
            rows = self._dirty.setdefault(row.conversation_id, OrderedDict())
            newest = rows.setdefault(row.key, row)
            if newest is not row:
                self._answer_for(row, newest)
            if not newest.progress:
                self._urgent.add(row.key)
            rows.move_to_end(row.key, last=False)
            self._dirty.move_to_end(row.conversation_id, last=False)
        self._forcing, self._committed, self._writing = [], [], {}

    def holds(self, conversation_id: str | None, submission: int) -> bool:
        """Whether something submitted up to ``submission`` is not on the disk yet; None: of any conversation."""
        return any(row.since <= submission for row in self._every_held(conversation_id))

    def unwritten(self, conversation_id: str, submission: int) -> bool:
        """Whether something of the conversation submitted up to ``submission`` is not committed, progress aside."""
        waiting = [*self._writing.values(), *self._dirty.get(conversation_id, {}).values()]
        return any(
            row.conversation_id == conversation_id and row.since <= submission and not row.progress for row in waiting
        )

    def _every_held(self, conversation_id: str | None) -> Iterator[DirtyRow]:
        """Oldest first; None: of any conversation."""
        for row in chain(self._forcing, self._committed, self._writing.values()):
            if conversation_id in (None, row.conversation_id):
                yield row
        yield from self._every_dirty() if conversation_id is None else self._dirty.get(conversation_id, {}).values()

    def _every_dirty(self) -> Iterable[DirtyRow]:
        return chain.from_iterable(rows.values() for rows in self._dirty.values())

    def _has_room(self, kind: IntEnum | None) -> bool:
        room = 1.1 if kind in self._essential else 1.0
        return self.held < self._max_rows * room and self.held_bytes < self._max_bytes * room

    def _answer_for(self, older: DirtyRow, newer: DirtyRow) -> None:
        """``newer`` is written instead of ``older``, and as soon as that would be."""
        newer.since = older.since
        newer.progress = newer.progress and older.progress
        self._forget(older)

    def _forget(self, row: DirtyRow) -> None:
        self.held -= 1
        self.held_bytes -= len(row.payload)
