"""Histories: what people do on both sides (``sync_people``), and polls in between; ``sync_oracle`` judges the end.

``sync_troubles`` adds what goes wrong. A test file takes the histories with its kind of trouble and calls ``tell``.
"""

import asyncio
import os
import random
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import pytest
import uvloop
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sync_erasing import CHOICES, DIGESTS, Erasing
from sync_oracle import ASKED, TRACKED
from sync_people import DELETES, PICK
from sync_world import SyncWorld, emptied

from crm.close import events, search
from crm.contact import CONTACT_FIELDS, FURTHER
from crm.http import Request
from crm.sync.further import all_of
from crm.sync.merge import WHOLE
from crm.sync.settling import Choice
from storage.erasure.digests import CrmChoice
from storage.postgres.database import Database, open_database

HISTORIES = int(os.environ.get("SYNC_HISTORIES", "300"))
"""How many are tried, by all files together."""
SEED = os.environ.get("SYNC_SEED", "2026")
"""Which. The same unless somebody asks for others, so that a change is judged by what it changes; ``random`` draws
one."""
FILES = 4
IDS = random.Random()
"""What our ids are drawn from, each history from its beginning: orders go by them, and a history is to be the same each
time."""
POLLS = 2
"""After the last fault, an hour apart, until both sides are equal."""


class Histories(Erasing):
    """With polls in between, and the judgement."""

    polls: Counter[int]
    """How many polls it took, by how many histories."""
    reach: Counter[str]
    """What was met, by how many histories."""

    @initialize(
        skew_s=st.sampled_from([0.0, 0.0, 300.0, -300.0]),
        lag_s=st.sampled_from([0.0, 0.0, 20.0]),
        event_lag_s=st.sampled_from([0.0, 5.0]),
        consolidation_s=st.sampled_from([0.0, 60.0]),
        request_s=st.sampled_from([0.0, 0.0, 0.3, 2.0]),
        people=st.sampled_from([0, 1, 2]),
        polled=st.booleans(),
        last=st.sampled_from(TRACKED),
        choice=st.sampled_from(CHOICES),
    )
    def begin(
        self,
        skew_s: float,
        lag_s: float,
        event_lag_s: float,
        consolidation_s: float,
        request_s: float,
        people: int,
        polled: bool,
        last: str,
        choice: CrmChoice,
    ) -> None:
        """``people`` are there from the start on either side; ``polled``: and known to both. ``last``: the field
        that is edited at the end; ``choice``: of an erasure then."""
        self.last, self.choice = last, choice
        IDS.seed(0)
        self.run(emptied(self.database))
        self.forget()
        self.world = SyncWorld(self.database, digests=DIGESTS, enriches=True)
        lags = {"index_lag_s": lag_s, "event_lag_s": event_lag_s}
        self.world.options(clock_skew_s=skew_s, consolidation_s=consolidation_s, **lags)
        self.world.transport.request_s = request_s
        for number in range(people):
            self.create_here(with_phone=True, company=number == 0)
            self.create_there(with_phone=True, company=number == 1, pick=0, shared=False, further=True)
        if polled:
            self.poll(full=False)

    @rule(pick=PICK, field=st.sampled_from(TRACKED), after=st.integers(0, 5), there=st.booleans())
    def edit_during_a_write(self, pick: int, field: str, after: int, there: bool) -> None:
        """Somebody edits a contact, and it is edited again while that is on its way: here at any moment, there before
        our last look (Close has no conditional write: what comes between that look and the write is overwritten)."""
        rows = self.rows()
        if not rows:
            return
        row = rows[pick % len(rows)]
        self.edit(row.id, field)
        left = after

        async def meanwhile(request: Request) -> None:
            nonlocal left
            if (row.external_id is None or row.external_id in request.url) and not (there and request.method != "GET"):
                left -= 1
                if left == -1 and not there:
                    await self._edit(row.id, field)
                elif left == -1 and row.external_id is not None:
                    self._edit_there(row.external_id, field)

        self.world.transport.meanwhile = meanwhile
        self.run(self.world.poll())
        self.world.transport.meanwhile = None
        self.note_unanswered()

    @rule(full=st.booleans())
    def poll(self, full: bool) -> None:
        self.run(self.world.poll(mode="full" if full else "incremental"))

    @rule()
    def work_what_waits(self) -> None:
        """As when a change wakes the worker: what is known to wait, and no look at the feed."""
        self.run(self.world.poll(trigger="change"))

    @rule(
        pick=PICK,
        field=st.sampled_from(ASKED),
        delete=DELETES,
        choice=st.sampled_from(["local", "remote", "value"]),
    )
    def settle_a_conflict(self, pick: int, field: str, delete: str, choice: Choice) -> None:
        """Somebody is asked, and answers."""
        if not self.open_conflicts():
            if not self.linked():
                self.create_there(with_phone=True, company=False, pick=pick, shared=False, further=False)
                self.poll(full=False)
            self.edit_on_both_sides(pick, field, field, 1.0, delete)
            self.poll(full=False)
        found = self.open_conflicts()
        if not found:
            return
        conflict = found[pick % len(found)]
        row = self.run(self.world.store.contacts.get(conflict.contact_id))
        value = None
        if conflict.field == WHOLE:
            choice = "local" if choice == "value" else choice
        elif choice == "value":
            # Whoever answers was shown the question's two values, and not what was edited since.
            value = self.value(conflict.field, conflict.local_value)
        else:
            self.chosen |= {conflict.local_value, conflict.remote_value}
        self.run(self.world.edits.resolve(conflict.id, choice, value))
        after = self.run(self.world.store.contacts.get(conflict.contact_id))
        if after.reference != row.reference:
            self.remade[after.reference] = row.id
            self.left_behind |= {row.external_id} - {None}
        self.saw(f"answered {choice} to {conflict.kind}")

    @rule(pick=PICK, field=st.sampled_from(TRACKED), days=st.sampled_from([26, 31]), delete=st.booleans())
    def nobody_polls_for_long(self, pick: int, field: str, days: int, delete: bool) -> None:
        """The event log does not reach back to what happened at its beginning."""
        self.poll(full=False)
        if self.run(self.world.waiting_out()):
            return  # what conversations led to is too old by then, and left out
        self.edit_there(pick, field)
        if delete:
            self.delete_there(pick + 1)
        self.world.pass_time(days * 86400.0)
        self.saw("a gap longer than the event log")

    @rule(seconds=st.sampled_from([0.001, 1.0, 40.0, 400.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.erasures_go_on()
        self.last_trouble()
        polls, settled = 0, False
        while not settled and polls < POLLS:
            self.world.pass_time(3700)
            mode = "full" if self.to_compare and not polls else "incremental"
            completed = self.run(self.world.poll(mode=mode)) == "completed"
            settled = completed and not self.run(self.world.waits()) and self.difference() is None
            polls += 1
        self.check()
        self.polls[polls] += 1
        self.reach.update(self.seen | self.world.transport.struck | self.run(self.world.flagged()))
        self.check_quiet()
        self.check_one_more()

    def last_trouble(self) -> None:
        """What every history of a kind ends with, before the faults stop."""

    def check_quiet(self) -> None:
        """Once equal, both sides are left alone."""
        self.world.pass_time(3700)
        self.world.transport.requests.clear()
        assert self.run(self.world.poll()) == "completed"
        sent = [request for request in self.world.transport.requests if not request.startswith("GET")]
        assert not [request for request in sent if "/data/search/" not in request], "wrote to equals"

    def check_one_more(self) -> None:
        """Once equal, a field edited here changes over there, and nothing beside it; and whoever is erased then is gone
        at once, with what was entered of them, and with a record of theirs that was not known."""
        theirs = self.world.theirs()
        linked = [row for row in self.rows() if row.external_id in theirs]
        if not linked:
            return
        row = max(linked, key=lambda row: sum(getattr(row, name) is not None for name in CONTACT_FIELDS))
        self.edit(row.id, self.last)
        self.converse_with(row.id)
        assert self.run(self.world.poll()) == "completed"
        before, after = theirs[str(row.external_id)], self.world.theirs()[str(row.external_id)]
        changed = {name for name in CONTACT_FIELDS if getattr(before, name) != getattr(after, name)}
        assert changed == {self.last}, f"an edit of {self.last} changed {sorted(changed)}"
        assert all(all_of(before, name) <= all_of(after, name) for name in FURTHER), "a further one was taken away"
        self.check_nothing_blanked()
        self.check_activities()
        if after.email is not None:
            self.erase_with_a_second_record(row.id, after.email, self.choice)
            self.world.pass_time(60.0)
            assert self.run(self.world.poll()) == "completed"
            self.check_the_erased()
            assert self.difference() is None, "an erasure touched others"


def tell(histories: type[Histories], postgres: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Try this file's share. The seed is printed."""
    chosen = random.SystemRandom().randrange(2**32) if SEED == "random" else int(SEED)
    histories.polls, histories.reach = Counter(), Counter()
    with history_database(postgres) as (histories.runner, histories.database):
        try:
            explore(histories, chosen, examples=-(-HISTORIES // FILES))
        except BaseException as failure:
            failure.add_note(f"SYNC_SEED={chosen} SYNC_HISTORIES={HISTORIES}")
            raise
        finally:
            needed = ", ".join(f"{times} after {polls}" for polls, times in sorted(histories.polls.items()))
            with capsys.disabled():
                sys.stdout.write(f"\n{histories.__name__}, SYNC_SEED={chosen}; equal by polls: {needed}\n")
                if "SYNC_REACH" in os.environ:
                    rarest = sorted(histories.reach.items(), key=lambda met: met[1])
                    sys.stdout.writelines(f"{times:7} {what}\n" for what, times in rarest)


def explore(
    histories: type[Histories], chosen: int, *, examples: int, phases: Collection[Phase] = tuple(Phase)
) -> None:
    """Raises what the first history that failed raised, the shortest of its kind where ``phases`` shrinks it."""
    with pytest.MonkeyPatch.context() as patch:
        # Small pages, so that a few contacts make several, with equal times at their edges.
        patch.setattr(search, "PAGE_SIZE", 2)
        patch.setattr(events, "PAGE_SIZE", 3)
        patch.setattr(secrets, "token_hex", lambda length: IDS.randbytes(length).hex())
        # Of constants in whatever modules a process has loaded; of two processes each would have its own histories.
        patch.setattr(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None)
        run_state_machine_as_test(
            seed(chosen)(histories),
            settings=settings(
                max_examples=examples,
                phases=phases,
                stateful_step_count=12,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
                report_multiple_bugs=False,
            ),
        )


@contextmanager
def history_database(postgres: str) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A database of the histories' own, and the product's own event loop: most of a history's time is spent in it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        database = runner.run(_fresh(postgres))
        try:
            yield runner, database
        finally:
            runner.run(database.aclose())


async def _fresh(postgres: str) -> Database:
    connection = await asyncpg.connect(postgres)
    await connection.execute("DROP DATABASE IF EXISTS sync_histories WITH (FORCE)")
    await connection.execute("CREATE DATABASE sync_histories TEMPLATE sales_agent_template STRATEGY FILE_COPY")
    # A crash of the server's is no part of any history.
    await connection.execute("ALTER DATABASE sync_histories SET synchronous_commit = off")
    # Tables are next to empty: a plan that knows the values is no better than one that does not, and made each time.
    await connection.execute("ALTER DATABASE sync_histories SET plan_cache_mode = force_generic_plan")
    await connection.close()
    opened = await open_database(postgres.replace("/postgres?", "/sync_histories?"), max_connections=8)
    return KeptConnections(opened.dsn, opened._pool, acquire_timeout_s=5.0)


class KeptConnections(Database):
    """Connections do not go back to the pool: taking one and giving it back is a tenth of a history's time."""

    def __init__(self, *about: Any, **options: Any) -> None:
        super().__init__(*about, **options)
        self._free: list[Any] = []
        self._turns = asyncio.Semaphore(self._pool.get_max_size())
        """Who waited in the pool's own line would not see what comes back here."""

    @asynccontextmanager
    async def _connection(self, query_name: str) -> AsyncIterator[Any]:  # type: ignore[override]
        async with self._turns:
            connection = self._free.pop() if self._free else await self._pool.acquire(timeout=self._acquire_timeout_s)
            try:
                yield connection
            finally:
                self._free.append(connection)

    async def aclose(self, timeout_s: float = 5.0) -> None:
        for connection in self._free:
            await self._pool.release(connection)
        await super().aclose(timeout_s)
