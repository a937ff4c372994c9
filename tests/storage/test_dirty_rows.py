from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storage.dirty_rows import DirtyRows, RowKind

ITEM = RowKind.ITEM


def rows(max_rows: int = 100, max_bytes: int = 10_000) -> DirtyRows:
    return DirtyRows(max_rows=max_rows, max_bytes=max_bytes)


def payloads(dirty: DirtyRows) -> list[bytes]:
    return [row.payload for row in dirty.take(100, 10_000)]


def test_the_newest_state_takes_the_place_of_the_older():
    dirty = rows()
    for payload in (b"a1", b"a2"):
        dirty.put(ITEM, "c", "a", payload)
    dirty.put(ITEM, "c", "b", b"b1")
    dirty.put(ITEM, "c", "a", b"a3")
    assert (dirty.rows, dirty.bytes) == (2, 4)
    assert payloads(dirty) == [b"a3", b"b1"]


def test_rows_keep_the_order_of_conversations_and_within_them():
    dirty = rows()
    for conversation, row in (("c2", "x"), ("c1", "x"), ("c2", "y"), ("c1", "y")):
        dirty.put(ITEM, conversation, row, f"{conversation}{row}".encode())
    assert payloads(dirty) == [b"c2x", b"c2y", b"c1x", b"c1y"]


def test_a_batch_is_bounded_in_rows_and_bytes_but_never_empty():
    dirty = rows()
    for number in range(5):
        dirty.put(ITEM, "c", str(number), b"x" * 10)
    assert len(dirty.take(2, 1000)) == 2
    assert len(dirty.take(100, 35)) == 3
    assert len(dirty.take(100, 1)) == 1


def test_a_state_that_arrives_during_a_write_stays_dirty():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    before = dirty.submissions
    dirty.take(10, 100)
    dirty.put(ITEM, "c", "a", b"2")
    dirty.written()
    assert not dirty.holds("c", before)
    assert dirty.holds("c", dirty.submissions)
    assert payloads(dirty) == [b"2"]


def test_after_a_failed_write_the_newer_state_answers_for_the_older():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"finished")
    before = dirty.submissions
    dirty.take(10, 100)
    dirty.put(ITEM, "c", "a", b"progress", progress=True)
    assert dirty.urgent == 0
    dirty.kept()
    assert dirty.urgent == 1  # the finished state was promised to the disk
    assert dirty.holds("c", before)
    assert payloads(dirty) == [b"progress"]


def test_progress_on_top_of_a_finished_state_is_as_urgent():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1", progress=True)
    assert dirty.urgent == 0
    dirty.put(ITEM, "c", "a", b"2")
    dirty.put(ITEM, "c", "a", b"3", progress=True)
    assert dirty.urgent == 1


def test_past_the_bound_known_rows_still_get_newer_states():
    dirty = rows(max_rows=2)
    assert dirty.put(ITEM, "c", "a", b"1")
    assert dirty.put(ITEM, "c", "b", b"1")
    assert not dirty.put(ITEM, "c", "c", b"1")
    assert dirty.put(ITEM, "c", "a", b"2")
    assert payloads(dirty) == [b"2", b"1"]


def test_the_bound_in_bytes():
    dirty = rows(max_bytes=10)
    assert dirty.put(ITEM, "c", "a", b"x" * 10)
    assert not dirty.put(ITEM, "c", "b", b"x")


def test_conversations_have_room_kept_for_them():
    dirty = rows(max_rows=10)
    for number in range(20):
        dirty.put(ITEM, "c", str(number), b"x")
    assert dirty.rows == 10
    assert dirty.put(RowKind.CONVERSATION, "d", "", b"x")
    assert not dirty.put(RowKind.CONVERSATION, "e", "", b"x")


def test_nothing_is_left_of_a_conversation_that_is_written():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    dirty.take(10, 100)
    dirty.written()
    assert (dirty.rows, dirty.bytes, dirty.urgent, dirty._conversations) == (0, 0, 0, {})


class Model(RuleBasedStateMachine):
    """Against the plainest model: what the database holds, and the last state submitted of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.dirty = rows()
        self.submitted: dict[tuple[str, str], int] = {}
        self.stored: dict[tuple[str, str], int] = {}
        self.history: list[tuple[tuple[str, str], int]] = []
        self.batch: list = []

    @rule(conversation=st.sampled_from("cd"), row=st.sampled_from("xyz"), progress=st.booleans())
    def submit(self, conversation: str, row: str, progress: bool) -> None:
        number = self.dirty.submissions + 1
        assert self.dirty.put(ITEM, conversation, row, str(number).encode(), progress=progress)
        self.submitted[conversation, row] = number
        self.history.append(((conversation, row), number))

    @rule(rows=st.integers(1, 4))
    def take(self, rows: int) -> None:
        if not self.batch:
            self.batch = self.dirty.take(rows, 1000)

    @rule()
    def succeed(self) -> None:
        for row in self.batch:
            self.stored[row.conversation_id, row.row_id] = int(row.payload)
        self.dirty.written()
        self.batch = []

    @rule()
    def fail(self) -> None:
        self.dirty.kept()
        self.batch = []

    @invariant()
    def everything_submitted_is_stored_or_dirty(self) -> None:
        behind = {key for key, number in self.submitted.items() if self.stored.get(key) != number}
        held = {
            (row.conversation_id, row.row_id): int(row.payload)
            for each in self.dirty._conversations.values()
            for row in each.values()
        }
        assert behind <= held.keys()
        assert all(held[key] == self.submitted[key] for key in held)
        assert self.dirty.rows == len(held)

    @invariant()
    def nothing_undurable_is_called_durable(self) -> None:
        for (conversation, row), number in self.history:
            if self.stored.get((conversation, row), 0) < number:
                assert self.dirty.holds(conversation, number)

    @invariant()
    def counts_are_right(self) -> None:
        held = [row for each in self.dirty._conversations.values() for row in each.values()]
        assert self.dirty.urgent == sum(not row.progress for row in held)
        assert self.dirty.bytes == sum(len(row.payload) for row in held)


TestModel = Model.TestCase


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=20))
def test_everything_is_written_in_the_end(submissions):
    dirty = rows()
    for number, (conversation, row) in enumerate(submissions):
        dirty.put(ITEM, conversation, row, str(number).encode())
    writes = 0
    while dirty.rows:
        dirty.take(2, 1000)
        dirty.written()
        writes += 1
    assert writes == (len(set(submissions)) + 1) // 2
    assert not dirty.holds(None, dirty.submissions)
