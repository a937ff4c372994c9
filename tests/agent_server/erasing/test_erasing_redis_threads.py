"""Threads of agents on a real Redis go with the person, also those that are written while it is done."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from erasing_parts import KnownErasures, erase, everywhere, parts
from langgraph.checkpoint.base import empty_checkpoint
from redis.asyncio import Redis
from somebody import LEAD, MARK, somebody

from agent_server.erasing.work import ErasureWork
from pipelines.agents.checkpoints.redis import RedisCheckpoints
from storage.agents.runs import AgentRuns, RunClaim
from storage.erasure.eraser import Counts, Eraser, How
from storage.erasure.person import Person, Subject
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database

SUBJECT = Subject(lead_id=LEAD)
NEW_RUN = RunClaim(
    thread_id="thread-new",
    execution_id="exec-new",
    agent="bdr",
    lead_id=LEAD,
    holder="process",
    started_at=utc_now(),
)


class Threads:
    """What agents write down of their threads."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._saver = RedisCheckpoints(redis)

    async def write(self, thread_id: str, words: str) -> None:
        checkpoint = empty_checkpoint()
        checkpoint["channel_values"] = {"messages": words}
        config: Any = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
        saved = await self._saver.aput(config, checkpoint, {"source": "loop", "step": 1, "parents": {}}, {})
        await self._saver.aput_writes(saved, [("messages", words)], "task")

    async def left(self) -> set[str]:
        """Keys."""
        return {key.decode() async for key in self._redis.scan_iter()}


class Meanwhile:
    """Once its work is done, something else happens; once."""

    def __init__(self, eraser: Eraser, then: Callable[[], Awaitable[None]]) -> None:
        self.name = eraser.name
        self.count, self.show = eraser.count, eraser.show
        self._eraser = eraser
        self._then: list[Callable[[], Awaitable[None]]] = [then]

    async def erase(self, transaction: Any, person: Person, how: How) -> Counts:
        counts = await self._eraser.erase(transaction, person, how)
        while self._then:
            await self._then.pop()()
        return counts


@pytest.fixture
async def kept(database: Database, redis_socket: Path, tmp_path: Path) -> AsyncIterator[KnownErasures]:
    made = parts(database, tmp_path, f"unix://{redis_socket}")
    yield made
    await made.redis.aclose()


async def test_threads_on_redis_go_with_the_person(
    database: Database, redis: Redis, kept: KnownErasures, tmp_path: Path
) -> None:
    await somebody(database, tmp_path)
    threads = Threads(redis)
    for thread_id, words in ((f"thread-{MARK}", MARK), (f"thread2-{MARK}", MARK), ("thread-eve", "hello")):
        await threads.write(thread_id, words)
    plan = await kept.plan(SUBJECT, "delete")
    assert {line.kind: line.count for line in plan.lines}["threads"] == 4, "two in the database, two on Redis"
    erasure = await erase(kept, SUBJECT)
    assert erasure.status == "finished"
    assert erasure.counts["threads"] == 4
    assert {key.partition("{")[2].partition("}")[0] for key in await threads.left()} == {"thread-eve"}
    assert len(await threads.left()) == 2


async def test_a_thread_that_is_written_meanwhile_goes_too(
    database: Database, redis: Redis, kept: KnownErasures, tmp_path: Path
) -> None:
    await somebody(database, tmp_path)
    threads, runs = Threads(redis), AgentRuns(database)

    async def run_begins() -> None:
        await threads.write(f"thread-{MARK}", MARK)
        assert (await runs.claim(NEW_RUN))[0]
        await threads.write(NEW_RUN.thread_id, MARK)

    kept.erasers = tuple(
        Meanwhile(eraser, run_begins) if eraser.name == "threads_on_redis" else eraser for eraser in kept.erasers
    )
    erasure, _ = await kept.ask(SUBJECT, "delete", requested_by=None, now=utc_now())
    work = ErasureWork(kept, utc_now, again_s=0.0)

    async def waits_for() -> str | None:
        claimed = await kept.claim()
        assert claimed is not None
        await work.carry_out(claimed)
        now = await kept.get(erasure.id)
        assert now is not None
        return now.waits_for if now.status == "waiting" else now.status

    assert await waits_for() == "news"
    assert await waits_for() == "agent_runs", "what a run goes on to write is not looked away from"
    await threads.write(NEW_RUN.thread_id, MARK)
    await runs.release(NEW_RUN)
    assert await waits_for() == "finished"
    assert await threads.left() == set()
    assert await everywhere(database) == {}
