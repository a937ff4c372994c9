"""Many threads, interrupted, cancelled and resumed at random: nothing is left behind that should not be.

AGENT_THREADS sets how many (1000 is what it was made for); AGENT_THREADS_SEED repeats a run.
"""

import asyncio
import logging
import os
import random
from collections import Counter
from contextlib import suppress

from redis.asyncio import Redis

from pipelines.agents.checkpoints.redis import RedisCheckpoints
from pipelines.agents.errors import AgentError
from pipelines.agents.parts import AgentParts
from pipelines.agents.service import Agents
from storage.agents.runs import AgentRuns
from storage.ledger.records import ExecutionRecord
from storage.postgres.database import Database
from storage.postgres.named_query import Query
from tests.pipelines.agents.fake_calendar import NOON, FakeCalendar
from tests.pipelines.agents.fake_gateway import KeptRows

log = logging.getLogger(__name__)

THREADS = int(os.environ.get("AGENT_THREADS", "150"))
SEED = int(os.environ.get("AGENT_THREADS_SEED", random.randrange(2**32)))
AT_ONCE = 20
LEAD = {"company_name": "Acme", "notes": "They need better follow-up."}
AGENTS = ("bdr", "bdr", "growth", "marketing", "qualification")
ANSWERS = ("yes", "no", "another time", {"confirmed": True, "slot": 2}, "hmm", False)


async def test_nothing_stays_behind(database: Database, redis: Redis) -> None:
    log.info("AGENT_THREADS=%d AGENT_THREADS_SEED=%d", THREADS, SEED)
    chance, rows, calendar = random.Random(SEED), KeptRows(), FakeCalendar()

    async def saver() -> RedisCheckpoints:
        return RedisCheckpoints(redis, ttl_s=60)

    agents = Agents(AgentParts(tracker=rows, calendar=calendar, now=lambda: NOON), AgentRuns(database), saver)
    await agents.warm()
    places = asyncio.Semaphore(AT_ONCE)
    ends: Counter[str] = Counter()

    async def live(number: int) -> None:
        agent, thread_id = chance.choice(AGENTS), f"thread_{number}"
        async with places:
            work = agents.invoke(agent, {"lead": LEAD}, thread_id=thread_id)
            for _ in range(chance.randrange(1, 5)):
                task = asyncio.create_task(work)
                if chance.random() < 0.5:
                    await asyncio.sleep(chance.random() * 0.3)
                    task.cancel()
                with suppress(asyncio.CancelledError, AgentError):
                    reply = await task
                    ends[reply.status] += 1
                    if reply.status == "completed":
                        break
                ends["cancelled"] += task.cancelled()
                work = agents.resume(agent, thread_id, chance.choice(ANSWERS))
            else:
                work.close()

    await asyncio.gather(*(live(number) for number in range(THREADS)))
    log.info("%s, %d meetings", dict(ends), len(calendar.bookings))

    keys = [key.decode() async for key in redis.scan_iter()]
    assert 0 < len(keys) <= 2 * THREADS
    assert all(key.startswith("agents:threads:{thread_") for key in keys), "a stray key"
    assert all([await redis.pttl(key) > 0 for key in keys]), "a key that would stay for ever"
    last = {row.id: row.status for row in rows.of(ExecutionRecord)}
    assert set(last.values()) <= {"success", "failed"}, "an execution that never ended"
    assert await database.fetch_value(Query("claims_left", "SELECT count(*) FROM agent_runs")) == 0
    starts = [booking.slot.start for booking in calendar.bookings.values()]
    assert len(starts) == len(set(starts)), "two meetings at one time"
    assert ends["cancelled"]
    assert ends["completed"]
