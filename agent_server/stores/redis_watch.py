"""Whether the Redis of REDIS_URL is there. Without it every process goes on by itself: limits, breakers and streams are
then its own, which nobody notices unless told."""

import asyncio
import logging
import time

from agent_server.settings import ProcessSettings
from agent_server.stores.shared_redis import SharedRedis
from agent_server.telemetry.components import Component, ComponentState

log = logging.getLogger(__name__)

FORGET_EVERY_S = 60.0
LOOK_EVERY_S = 5.0
ALONE = "away: what processes share is each one's own until it is back"


def redis_components(process: ProcessSettings, redis: SharedRedis) -> tuple[Component, ...]:
    """None where no Redis is wanted."""
    return (Component("redis", lambda: redis_state(redis)),) if process.redis_url is not None else ()


async def redis_state(redis: SharedRedis) -> ComponentState:
    """Bounded by the client's own deadlines."""
    client = await redis()
    from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

    began = time.perf_counter()
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return ComponentState("degraded", f"{ALONE} ({type(error).__name__})")
    return ComponentState("ok", latency_ms=round((time.perf_counter() - began) * 1000, 2))


async def look_after_redis(process: ProcessSettings, redis: SharedRedis) -> None:
    """Tells of one that goes away and comes back; has the one inside this process let go of what is over, as a server
    does by itself."""
    if process.redis_url is None:
        while True:
            await asyncio.sleep(FORGET_EVERY_S)
            await redis.forget()
    is_there = True
    while True:
        state = await redis_state(redis)
        if is_there and state.status != "ok":
            log.warning("the Redis of REDIS_URL is %s", state.detail)
        elif not is_there and state.status == "ok":
            log.warning("the Redis of REDIS_URL is back")
        is_there = state.status == "ok"
        await asyncio.sleep(LOOK_EVERY_S)
