"""Which threads of agents are being run, and by whom: one run a thread, over all processes."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from storage.ledger.records import AgentType
from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_QUERIES = load_queries("storage.queries", "agent_runs.sql")

LEASE_S = 30.0
"""A run whose process has not been heard of for so long is over."""


class RunClaim(Struct, frozen=True, kw_only=True):
    """A run of a thread. ``holder``: the process."""

    thread_id: str
    execution_id: str
    agent: AgentType
    lead_id: UUID | None = None
    conversation_id: str | None = None
    holder: str
    started_at: datetime


class AgentRuns:
    """The repository of runs. Every method raises StorageError."""

    def __init__(self, database: Database, *, lease_s: float = LEASE_S) -> None:
        self._database = database
        self._lease_s = lease_s

    async def claim(self, run: RunClaim) -> tuple[bool, tuple[RunClaim, ...]]:
        """Whether the thread is this run's now, and the run of a dead process that it took it from."""
        parameters = {name: getattr(run, name) for name in RunClaim.__struct_fields__}
        if await self._database.execute(_QUERIES["claim_run"], **parameters, lease_s=self._lease_s) == 1:
            return True, ()
        dead = await self._take_expired(run.thread_id)
        if not dead:
            return False, ()
        claimed = await self._database.execute(_QUERIES["claim_run"], **parameters, lease_s=self._lease_s)
        return claimed == 1, dead

    async def release(self, run: RunClaim) -> None:
        await self._database.execute(_QUERIES["release_run"], thread_id=run.thread_id, execution_id=run.execution_id)

    async def renew(self, holder: str) -> tuple[str, ...]:
        """All runs of the process go on, but the threads returned, which somebody wants ended."""
        rows = await self._database.fetch_all(_QUERIES["renew_runs"], holder=holder, lease_s=self._lease_s)
        return tuple(row["thread_id"] for row in rows if row["cancel_wanted"])

    async def want_cancelled(self, thread_id: str) -> bool:
        """False: nobody runs the thread."""
        return await self._database.execute(_QUERIES["want_cancelled"], thread_id=thread_id) == 1

    async def take_expired(self) -> tuple[RunClaim, ...]:
        """Runs of dead processes, each given to one caller alone."""
        return await self._take_expired(None)

    async def running(self, thread_id: str) -> RunClaim | None:
        row = await self._database.fetch_one(_QUERIES["run_of_thread"], thread_id=thread_id)
        return RunClaim(**row) if row is not None else None

    async def _take_expired(self, thread_id: str | None) -> tuple[RunClaim, ...]:
        rows = await self._database.fetch_all(_QUERIES["take_expired"], thread_id=thread_id)
        return tuple(RunClaim(**row) for row in rows)
