"""Threads of agents outlive their processes: killed between any two nodes, they go on, and no effect happens twice."""

import asyncio
import multiprocessing
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from agent_process import LEASE_S, Orders, obey

from pipelines.agents.requests import Asked
from storage.agents.runs import AgentRuns, RunClaim
from storage.keys.secret_tokens import new_id, utc_now
from storage.postgres.database import Database

LEAD = {"company_name": "Acme", "notes": "They need better follow-up."}
NOBODY = ""

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["pipelines.agents.service", "pipelines.agents.bdr.graph", "pipelines.agents.checkpoints.postgres_saver"]
)
"""LangGraph is imported once, before the processes are forked: it takes seconds."""


class Process:
    """Runs of one thread, each in a process of its own."""

    def __init__(self, dsn: str, directory: Path) -> None:
        self.dsn = dsn
        self.calendar = directory / "calendar"
        self.told = directory / "told"
        self.thread_id = new_id("thread")

    async def run(self, answer: Any = None, *, resume: bool = True, kill_at: str = NOBODY) -> tuple[int, list[Any]]:
        """Its exit code, and the events it told."""
        asked = Asked(agent="bdr", input=answer if resume else {"lead": LEAD}, thread_id=self.thread_id, resume=resume)
        orders = Orders(dsn=self.dsn, calendar=self.calendar, told=self.told, asked=asked, kill_at=kill_at)
        self.told.unlink(missing_ok=True)
        process = PROCESSES.Process(target=obey, args=(orders,))
        process.start()
        await asyncio.to_thread(process.join, 60)
        assert process.exitcode is not None
        return process.exitcode, [msgspec.json.decode(line) for line in self.told.read_bytes().splitlines()]

    @property
    def effects(self) -> list[str]:
        return self.calendar.read_text().splitlines() if self.calendar.exists() else []


def nodes(events: list[Any]) -> list[str]:
    return [event["data"]["node"] for event in events if event["kind"] == "node_started"]


@pytest.fixture
def process(dsn: str, tmp_path: Path) -> Process:
    return Process(dsn, tmp_path)


@pytest.mark.parametrize("killed_at", ["calendar", "propose", "confirm"])
async def test_killed_before_the_question(process: Process, killed_at: str) -> None:
    code, before = await process.run(resume=False, kill_at=killed_at)
    assert code == -signal.SIGKILL
    await asyncio.sleep(LEASE_S + 0.2)
    code, after = await process.run()
    assert code == 0
    assert nodes(after)[0] == killed_at
    assert not set(nodes(before)[:-1]) & set(nodes(after)), "a node that was done ran again"
    assert after[-1]["data"]["status"] == "interrupted"
    assert process.effects == []


@pytest.mark.parametrize("killed_at", ["book", "effect"])
async def test_killed_around_the_effect(process: Process, killed_at: str) -> None:
    await process.run(resume=False)
    code, _ = await process.run("yes", kill_at=killed_at)
    assert code == -signal.SIGKILL
    assert len(process.effects) == (killed_at == "effect")
    await asyncio.sleep(LEASE_S + 0.2)
    code, after = await process.run()
    assert code == 0
    assert nodes(after) == ["book"]
    assert after[-1]["data"]["output"]["status"] == "booked"
    assert len(process.effects) == 1


async def test_the_books_are_closed_on_runs_whose_process_died(database: Database) -> None:
    one, other = AgentRuns(database, lease_s=0.2), AgentRuns(database, lease_s=30.0)
    claims = [
        RunClaim(
            thread_id=new_id("thread"),
            execution_id=new_id("exec"),
            agent="growth",
            holder=holder,
            started_at=utc_now(),
        )
        for holder in ("dead", "alive")
    ]
    assert (await one.claim(claims[0]))[0]
    assert (await other.claim(claims[1]))[0]
    assert await other.take_expired() == ()
    await asyncio.sleep(0.3)
    taken = await asyncio.gather(other.take_expired(), one.take_expired(), other.take_expired())
    assert sorted(map(len, taken)) == [0, 0, 1]
    [dead] = next(found for found in taken if found)
    assert dead.execution_id == claims[0].execution_id
    assert await other.running(claims[1].thread_id) == claims[1]
