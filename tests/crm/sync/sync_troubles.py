"""What goes wrong, by kind, as steps of a history."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sync_histories import PICK, Histories
from sync_oracle import TRACKED
from sync_world import FAULTS, Fault

from crm.http import Request


class Faults(Histories):
    """Close refuses, fails, is late, or applies a write and does not say so."""

    @rule(faults=st.lists(st.sampled_from([None, None, *FAULTS]), max_size=12), full=st.booleans())
    def poll_with_faults(self, faults: list[Fault | None], full: bool) -> None:
        left = list(faults)

        def choose(request: Request) -> Fault | None:
            return left.pop(0) if left else None

        self.world.transport.choose = choose
        self.run(self.world.poll(mode="full" if full else "incremental"))
        self.world.transport.choose = lambda request: None
        self.note_unanswered()

    @rule(fault=st.sampled_from(["timeout_after", "drop_after", "html"]), after=st.integers(0, 3), settle=st.booleans())
    def write_unanswered(self, fault: Fault, after: int, settle: bool) -> None:
        """One write is applied and nobody says so; then a change wakes the worker, before it looks at the feed."""
        writes = 0

        def choose(request: Request) -> Fault | None:
            nonlocal writes
            if request.method == "GET" or "search" in request.url:
                return None
            writes += 1
            return fault if writes == after + 1 else None

        self.world.transport.choose = choose
        self.run(self.world.poll())
        self.world.transport.choose = lambda request: None
        self.note_unanswered()
        self.world.pass_time(40.0 if settle else 1.0)
        self.work_what_waits()


class Kills(Histories):
    """Our process ends before or after any write, here or there."""

    @rule(after=st.integers(0, 40))
    def poll_killed(self, after: int) -> None:
        self.run(self.world.poll_killed(after))
        self.note_unanswered()

    @rule(after=st.integers(0, 8), pick=PICK, field=st.sampled_from(TRACKED))
    def edits_around_a_kill(self, after: int, pick: int, field: str) -> None:
        """The same field again, while nobody knows what became of the write before."""
        self.edit_here(pick, field)
        self.run(self.world.poll_killed(after, sending=True))
        self.note_unanswered()
        self.edit_here(pick, field)


class Webhooks(Histories):
    """Deliveries come late, twice, in any order, or never."""

    @rule(picks=st.lists(PICK, max_size=5))
    def webhooks(self, picks: list[int]) -> None:
        """Some deliveries, in any order, some twice, the rest never."""
        entries = self.world.close.store.log.entries
        for pick in picks:
            if entries:
                self.run(self.world.deliver(entries[pick % len(entries)]))
