from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storage.log.dirty_rows import DirtyRows, RowKind

ITEM = RowKind.ITEM


def rows(max_rows: int = 100, max_bytes: int = 10_000) -> DirtyRows:
    return DirtyRows(max_rows=max_rows, max_bytes=max_bytes)


def payloads(dirty: DirtyRows) -> list[bytes]:
    return [row.payload for row in dirty.take(100, 10_000)]


def write(dirty: DirtyRows, max_rows: int = 100) -> None:
    dirty.take(max_rows, 10_000)
    dirty.written()


def test_the_newest_state_takes_the_place_of_the_older():
    dirty = rows()
    for payload in (b"a1", b"a2"):
        dirty.put(ITEM, "c", "a", payload)
    dirty.put(ITEM, "c", "b", b"b1")
    dirty.put(ITEM, "c", "a", b"a3")
    assert (dirty.dirty, dirty.held, dirty.held_bytes) == (True, 2, 4)
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
    for bounds, taken in (((2, 1000), 2), ((100, 35), 3), ((100, 1), 1)):
        assert len(dirty.take(*bounds)) == taken
        dirty.failed()


def test_a_state_that_arrives_during_a_write_stays_dirty():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    before = dirty.submissions
    dirty.take(10, 100)
    dirty.put(ITEM, "c", "a", b"2")
    dirty.written()
    dirty.force()
    dirty.forced()
    assert not dirty.holds("c", before)
    assert dirty.holds("c", dirty.submissions)
    assert payloads(dirty) == [b"2"]


def test_committed_is_not_durable_before_it_is_forced():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    write(dirty)
    assert (dirty.dirty, dirty.committed, dirty.held) == (False, True, 1)
    assert dirty.holds("c", 1)
    dirty.force()
    assert dirty.holds("c", 1)
    dirty.forced()
    assert not dirty.holds("c", 1)
    assert dirty.held == 0


def test_nobody_waits_for_what_others_said():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    write(dirty)
    dirty.force()
    dirty.put(ITEM, "d", "a", b"1")
    write(dirty)
    dirty.forced()
    latest = dirty.submissions
    assert not dirty.holds("c", latest)
    assert dirty.holds("d", latest)
    assert dirty.holds(None, latest)


def test_what_is_committed_is_written_and_so_is_nothing_before_that():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    dirty.put(ITEM, "c", "b", b"2", progress=True)
    assert dirty.unwritten("c", 1)
    assert not dirty.unwritten("d", 2)
    dirty.take(1, 100)
    assert dirty.unwritten("c", 1)
    dirty.written()
    assert not dirty.unwritten("c", 2)  # nobody waits for progress
    dirty.put(ITEM, "c", "e", b"3")
    assert not dirty.unwritten("c", 2)  # what came later is no part of it
    dirty.failed()
    assert dirty.unwritten("c", 2)


def test_what_was_not_forced_is_written_again_after_a_failure_and_before_what_came_later():
    dirty = rows()
    dirty.put(RowKind.CONVERSATION, "c", "", b"begin")
    dirty.put(ITEM, "c", "a", b"a1")
    write(dirty)
    dirty.force()
    dirty.put(ITEM, "c", "b", b"b1")
    write(dirty)
    dirty.put(ITEM, "d", "x", b"x1")
    dirty.put(ITEM, "c", "e", b"e1")
    dirty.put(ITEM, "c", "a", b"a2")
    dirty.failed()
    assert payloads(dirty) == [b"begin", b"a2", b"b1", b"e1", b"x1"]
    assert (dirty.held, dirty.held_bytes) == (5, 13)


def test_after_a_failed_write_the_newer_state_answers_for_the_older():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"finished")
    before = dirty.submissions
    dirty.take(10, 100)
    dirty.put(ITEM, "c", "a", b"progress", progress=True)
    assert not dirty.urgent
    dirty.failed()
    assert dirty.urgent  # somebody may wait for the finished state
    assert dirty.holds("c", before)
    assert payloads(dirty) == [b"progress"]


def test_progress_on_top_of_a_finished_state_is_as_urgent():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1", progress=True)
    assert not dirty.urgent
    dirty.put(ITEM, "c", "a", b"2")
    dirty.put(ITEM, "c", "a", b"3", progress=True)
    assert dirty.urgent
    write(dirty)
    assert dirty.committed_urgent


def test_past_the_bound_known_rows_still_get_newer_states():
    dirty = rows(max_rows=2)
    assert dirty.put(ITEM, "c", "a", b"1")
    assert not dirty.full
    assert dirty.put(ITEM, "c", "b", b"1")
    assert dirty.full
    assert not dirty.put(ITEM, "c", "c", b"1")
    assert dirty.put(ITEM, "c", "a", b"2")
    assert payloads(dirty) == [b"2", b"1"]


def test_past_the_bound_what_is_being_written_still_gets_a_newer_state():
    dirty = rows(max_rows=1)
    dirty.put(ITEM, "c", "a", b"1")
    dirty.take(10, 100)
    assert dirty.put(ITEM, "c", "a", b"2")
    dirty.failed()
    assert (dirty.held, payloads(dirty)) == (1, [b"2"])


def test_what_is_committed_takes_room_until_it_is_forced():
    dirty = rows(max_rows=2)
    dirty.put(ITEM, "c", "a", b"1")
    dirty.put(ITEM, "c", "b", b"1")
    write(dirty)
    assert not dirty.put(ITEM, "c", "a", b"2")
    dirty.force()
    dirty.forced()
    assert dirty.put(ITEM, "c", "a", b"2")


def test_the_bound_in_bytes():
    dirty = rows(max_bytes=10)
    assert dirty.put(ITEM, "c", "a", b"x" * 10)
    assert not dirty.put(ITEM, "c", "b", b"x")


def test_conversations_have_room_kept_for_them():
    dirty = rows(max_rows=10)
    for number in range(20):
        dirty.put(ITEM, "c", str(number), b"x")
    assert dirty.held == 10
    assert dirty.put(RowKind.CONVERSATION, "d", "", b"x")
    assert not dirty.put(RowKind.CONVERSATION, "e", "", b"x")


def test_nothing_is_left_of_a_conversation_that_is_durable():
    dirty = rows()
    dirty.put(ITEM, "c", "a", b"1")
    write(dirty)
    dirty.force()
    dirty.forced()
    assert (dirty.held, dirty.held_bytes) == (0, 0)
    assert (dirty._dirty, dirty._writing, dirty._committed, dirty._forcing) == ({}, {}, [], [])


class Model(RuleBasedStateMachine):
    """Writing and forcing run side by side against a database that a failure throws back to what its disk has."""

    def __init__(self) -> None:
        super().__init__()
        self.dirty = rows(max_rows=10_000)
        self.history: list[tuple[tuple[str, str], int]] = []
        self.database: dict[tuple[str, str], int] = {}
        self.disk: dict[tuple[str, str], int] = {}
        self.batch: list = []
        self.forcing: dict[tuple[str, str], int] | None = None

    @rule(conversation=st.sampled_from("cd"), row=st.sampled_from("xyz"), progress=st.booleans())
    def submit(self, conversation: str, row: str, progress: bool) -> None:
        number = self.dirty.submissions + 1
        assert self.dirty.put(ITEM, conversation, row, str(number).encode(), progress=progress)
        self.history.append(((conversation, row), number))

    @rule(rows=st.integers(1, 4))
    def start_writing(self, rows: int) -> None:
        if not self.batch:
            self.batch = self.dirty.take(rows, 1000)

    @rule()
    def commit(self) -> None:
        for row in self.batch:
            key = (row.conversation_id, row.row_id)
            self.database[key] = max(self.database.get(key, 0), int(row.payload))  # updated_at decides
        self.dirty.written()
        self.batch = []

    @rule()
    def start_forcing(self) -> None:
        if self.forcing is None:
            self.dirty.force()
            self.forcing = dict(self.database)

    @rule()
    def finish_forcing(self) -> None:
        if self.forcing is not None:
            self.disk |= self.forcing
            self.dirty.forced()
            self.forcing = None

    @rule()
    def crash_during_a_write(self) -> None:
        self.database = dict(self.disk)
        self.dirty.failed()
        self.batch = []
        if self.forcing is not None:  # the other task hears of it a moment later
            self.dirty.failed()
            self.forcing = None

    @rule()
    def crash_during_forcing(self) -> None:
        if self.forcing is not None:
            self.database = dict(self.disk)
            self.dirty.failed()
            self.forcing = None
            if self.batch:
                self.dirty.failed()
                self.batch = []

    @rule()
    def forcing_is_refused_while_a_write_goes_on(self) -> None:
        if self.forcing is not None:
            self.dirty.failed()
            self.forcing = None

    @invariant()
    def what_the_disk_lacks_is_held_in_its_newest_state(self) -> None:
        held: dict[tuple[str, str], int] = {}
        for row in self.dirty._every_held(None):
            key = (row.conversation_id, row.row_id)
            held[key] = max(held.get(key, 0), int(row.payload))
        for key, number in dict(self.history).items():
            assert self.disk.get(key, 0) >= number or held.get(key, 0) >= number

    @invariant()
    def nothing_is_called_durable_that_the_disk_lacks(self) -> None:
        for (conversation, row), number in self.history:
            if self.disk.get((conversation, row), 0) < number:
                assert self.dirty.holds(conversation, number)

    @invariant()
    def counts_are_right(self) -> None:
        held = list(self.dirty._every_held(None))
        assert self.dirty.held == len(held)
        assert self.dirty.held_bytes == sum(len(row.payload) for row in held)
        assert self.dirty.urgent == any(not row.progress for row in self.dirty._every_dirty())

    @invariant()
    def the_newest_state_is_the_last_submitted(self) -> None:
        for key, number in dict(self.history).items():
            newest = self.dirty.newest(ITEM, *key)
            assert newest is None or int(newest.payload) == number

    def teardown(self) -> None:
        """Whatever happened, in the end the disk has everything."""
        if self.batch:
            self.commit()
        while self.dirty.dirty:
            self.start_writing(3)
            self.commit()
        if self.forcing is not None:
            self.finish_forcing()
        self.start_forcing()
        self.finish_forcing()
        assert self.disk == dict(self.history)
        assert self.dirty.held == 0


TestModel = Model.TestCase
