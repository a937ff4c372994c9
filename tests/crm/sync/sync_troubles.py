"""What goes wrong, by kind, as steps of a history."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sync_histories import Histories
from sync_oracle import TRACKED
from sync_people import FIELD, PICK
from sync_world import FAULTS, Fault

from crm.http import Request

UNANSWERED: tuple[Fault, ...] = ("timeout_after", "drop_after", "html")
"""Faults of a write that was applied."""
LATE_S = 20.0
"""Less than what a write is waited for before it is believed never to come (``SETTLE_S``)."""
WRITES = {
    "creation": {("POST", "lead"), ("POST", "contact")},
    "edit": {("PUT", "lead"), ("PUT", "contact")},
    "activity": {("POST", "call"), ("POST", "note")},
    "deal": {("POST", "opportunity")},
}
"""By what, the requests that carry it out, by method and collection."""


def _collection(request: Request) -> str:
    """Of what there are many under the request's address."""
    parts = [part for part in request.url.partition("?")[0].split("/") if part]
    return parts[-1] if request.method == "POST" else parts[-2]


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

    @rule(back=st.integers(0, 5))
    def poll_with_an_event_too_large(self, back: int) -> None:
        """One of the last that happened cannot be read, alone or with others."""
        events = self.world.close.store.log.entries
        if events:
            self.world.transport.oversized = events[-1 - back % len(events)]["id"]
            self.run(self.world.poll())
            self.world.transport.oversized = None
            self.note_unanswered()

    @rule(pick=PICK, field=st.sampled_from(TRACKED), delete=st.booleans())
    def an_order_is_discarded(self, pick: int, field: str, delete: bool) -> None:
        """After which nothing but a look at everything tells that it was not carried out."""
        if delete:
            self.delete_here(pick)
        else:
            self.edit_here(pick, field)
        self.run(self.world.discard_orders())
        self.to_compare = True

    @rule(
        fault=st.sampled_from([*UNANSWERED, "timeout_late", "timeout_late"]),
        what=st.sampled_from(list(WRITES)),
        pick=PICK,
        field=FIELD,
        again=st.booleans(),
        settle=st.booleans(),
    )
    def write_unanswered(self, fault: Fault, what: str, pick: int, field: str, again: bool, settle: bool) -> None:
        """A write is applied, at once or late, and nobody says so. ``again``: its contact is edited while nobody
        knows. Then a change wakes the worker, before it looks at the feed."""
        whom = self._begin_write(what, pick, field)
        if whom is None:
            return
        request_s, self.world.transport.request_s = self.world.transport.request_s, 0.0  # what is late is so by LATE_S
        struck: list[Request] = []

        def choose(request: Request) -> Fault | None:
            if struck or (request.method, _collection(request)) not in WRITES[what]:
                return None
            struck.append(request)
            # What is tried again at once, since doing it twice changes nothing, is over before it could be late.
            return "timeout_after" if fault == "timeout_late" and request.idempotent else fault

        self.world.transport.choose = choose
        self.run(self.world.poll())
        self.world.transport.choose = lambda request: None
        self.note_unanswered()
        if again and (row := self.run(self.world.store.contacts.get(whom))) is not None and row.deleted_at is None:
            self.edit(whom, field)
        if fault == "timeout_late":
            self.world.pass_time(1.0)
            self.work_what_waits()
            self.world.pass_time(LATE_S)
            self.run(self.world.transport.arrive())
        self.world.pass_time(40.0 if settle else 1.0)
        self.work_what_waits()
        self.world.transport.request_s = request_s

    def _begin_write(self, what: str, pick: int, field: str) -> str | None:
        """Whom it concerns; None: there is nobody."""
        if what == "creation":
            return self.create(with_phone=True, company=False)
        rows = self.rows()
        if not rows:
            return None
        row = rows[pick % len(rows)]
        if what == "edit":
            self.edit(row.id, field)
        elif what == "activity":
            self.conversation_here(pick)
        else:
            self.deal_here(pick)
        return str(row.id)


class Kills(Histories):
    """Our process ends before or after any write, here or there."""

    @rule(after=st.integers(0, 40), full=st.booleans())
    def poll_killed(self, after: int, full: bool) -> None:
        if self.run(self.world.poll_killed(after, mode="full" if full else "incremental")):
            self.saw("killed in a full run" if full else "killed in a run")
        self.note_unanswered()

    @rule(after=st.integers(0, 12), returns=st.booleans())
    def poll_overtaken(self, after: int, returns: bool) -> None:
        if self.run(self.world.poll_overtaken(after, returns=returns)):
            self.saw("overtaken by another worker")
        self.note_unanswered()

    @rule(after=st.integers(0, 8), pick=PICK, field=st.sampled_from(TRACKED))
    def edits_around_a_kill(self, after: int, pick: int, field: str) -> None:
        """The same field again, while nobody knows what became of the write before."""
        self.edit_here(pick, field)
        if self.run(self.world.poll_killed(after, since="sending")):
            self.saw("killed while sending")
        self.note_unanswered()
        self.edit_here(pick, field)

    @rule(after=st.integers(0, 3), pick=PICK, field=st.sampled_from(TRACKED))
    def killed_while_reading(self, after: int, pick: int, field: str) -> None:
        """What was read of the feed is kept, or read again: what changed since the last look is known from it alone."""
        if not self.world.theirs():
            self.create_there(with_phone=False, company=False, pick=pick, shared=False, further=False)
        self.poll(full=False)
        self.edit_there(pick, field)
        if self.run(self.world.poll_killed(after, since="reading")):
            self.saw("killed while reading")
        self.note_unanswered()

    def last_trouble(self) -> None:
        self.killed_while_reading(after=len(self.before) % 4, pick=0, field=self.last)


class Webhooks(Histories):
    """Deliveries come late, twice, in any order, or never."""

    @rule(picks=st.lists(PICK, max_size=5))
    def webhooks(self, picks: list[int]) -> None:
        """Some deliveries, in any order, some twice, the rest never."""
        entries = self.world.close.store.log.entries
        for pick in picks:
            if entries:
                self.run(self.world.deliver(entries[pick % len(entries)]))


class Everything(Faults, Kills, Webhooks):
    """All of it at once."""
