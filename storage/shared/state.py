"""Small values that all processes share, changed by pure functions: the ground under rate limits and circuit breakers.

A change is read, decided and written back under WATCH/MULTI/EXEC (plain commands, no scripts, so that the in-process
Redis serves as well). Two processes that collide both decide again on what is there then.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from storage.shared.redis_opening import OpenRedis, opener

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger(__name__)

S = TypeVar("S", bound=msgspec.Struct)
R = TypeVar("R")

_MAX_COLLISIONS = 20
_MAX_LOCAL_KEYS = 1024
"""At the bound the key that was used longest ago is forgotten; it is read from Redis again when needed."""


class SharedState:
    """JSON values in Redis. While Redis is away each process goes on with its own copy: coarser, never stuck."""

    def __init__(self, redis: "Redis | OpenRedis", *, deadline_s: float = 1.0, retry_s: float = 5.0) -> None:
        """``deadline_s`` bounds each change; after a failure Redis is left alone for ``retry_s``, so that one which
        hangs costs its deadline now and then and not every time."""
        self._open = opener(redis)
        self._deadline_s = deadline_s
        self._retry_s = retry_s
        self._local: dict[str, msgspec.Struct] = {}
        self._away_until: float | None = None

    async def update(self, key: str, blank: S, decide: Callable[[S], tuple[S, R]], *, ttl_s: float) -> R:
        """Run ``decide`` on the value under ``key`` (``blank`` when there is none), keep its state, return its result.

        ``decide`` may run several times and must be pure. Never raises for Redis' sake.
        """
        redis = await self._open()
        from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

        now = asyncio.get_running_loop().time()
        if self._away_until is not None and now < self._away_until:
            state, result = decide(self._last_known(key, blank))
        else:
            try:
                async with asyncio.timeout(self._deadline_s):
                    state, result = await self._update_shared(redis, key, blank, decide, ttl_s)
                self._away_until = None
            except (RedisError, TimeoutError, OSError) as error:
                self._report_away(error)
                self._away_until = now + self._retry_s
                state, result = decide(self._last_known(key, blank))
        self._remember(key, state)
        return result

    async def _update_shared(
        self, redis: "Redis", key: str, blank: S, decide: Callable[[S], tuple[S, R]], ttl_s: float
    ) -> tuple[S, R]:
        from redis.exceptions import WatchError  # noqa: PLC0415 - loaded with the client

        async with redis.pipeline(transaction=True) as pipe:
            for attempt in range(_MAX_COLLISIONS):
                try:
                    await pipe.watch(key)
                    raw = await pipe.get(key)
                    before = _decode(raw, blank)
                    after, result = decide(before)
                    if after == before:
                        await pipe.unwatch()  # type: ignore[no-untyped-call]
                    else:
                        pipe.multi()  # type: ignore[no-untyped-call]
                        pipe.set(key, msgspec.json.encode(after), px=max(1, int(ttl_s * 1000)))
                        await pipe.execute()
                    return after, result
                except WatchError:
                    await asyncio.sleep(random.random() * 0.002 * (attempt + 1))  # noqa: S311
        raise TimeoutError("too many rivals for one key")

    def _last_known(self, key: str, blank: S) -> S:
        known = self._local.get(key)
        return known if isinstance(known, type(blank)) else blank

    def _remember(self, key: str, state: msgspec.Struct) -> None:
        self._local.pop(key, None)
        self._local[key] = state
        if len(self._local) > _MAX_LOCAL_KEYS:
            del self._local[next(iter(self._local))]

    def _report_away(self, error: Exception) -> None:
        if self._away_until is None:
            _log.warning("shared state unreachable, going on with this process's own copy: %s", type(error).__name__)


def _decode(raw: bytes | str | None, blank: S) -> S:
    if raw is None:
        return blank
    try:
        return msgspec.json.decode(raw, type=type(blank))
    except msgspec.DecodeError:
        return blank  # written by a release with another form; starting over costs at most one refused request
