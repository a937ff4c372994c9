"""Whether the Redis of REDIS_URL is there. Without it every process goes on by itself: limits, breakers and streams are
then its own."""

import asyncio
import time

from agent_server.settings import ProcessSettings
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.components import Component, ComponentState
from pipelines.deadline import timeout

FORGET_EVERY_S = 60.0
DEADLINE_S = 1.5
"""Less than a check may take: one that hangs is away, and calls go on without it."""
ALONE = "away: what processes share is each one's own until it is back"


def redis_components(process: ProcessSettings, redis: SharedRedis) -> tuple[Component, ...]:
    """None where no Redis is wanted."""
    return (Component("redis", lambda: redis_state(redis)),) if process.redis_url is not None else ()


async def redis_state(redis: SharedRedis) -> ComponentState:
    client = await redis()
    from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

    began = time.perf_counter()
    try:
        async with timeout(DEADLINE_S):
            await client.ping()
    except (RedisError, OSError) as error:
        return ComponentState("degraded", f"{ALONE} ({type(error).__name__})")
    return ComponentState("ok", latency_ms=round((time.perf_counter() - began) * 1000, 2))


async def keep_small(redis: SharedRedis) -> None:
    """Has the one inside this process let go of what is over, as a server does by itself. Until cancelled."""
    while True:
        await asyncio.sleep(FORGET_EVERY_S)
        await redis.forget()
