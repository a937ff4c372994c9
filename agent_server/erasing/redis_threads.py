"""Erases threads of agents that are kept on Redis."""

from collections.abc import AsyncIterator
from typing import Any

from agent_server.stores.shared_redis import SharedRedis
from pipelines.agents.checkpoints.redis_keys import keys_of_thread
from storage.erasure.eraser import Counts, How
from storage.erasure.person import Person
from storage.errors import StorageError
from storage.postgres.database import Transaction


class RedisThreads:
    """An eraser."""

    name = "threads_on_redis"

    def __init__(self, redis: SharedRedis) -> None:
        self._redis = redis

    async def count(self, transaction: Transaction, person: Person) -> Counts:
        return {"threads": await self._each(person, "exists")}

    async def erase(self, transaction: Transaction, person: Person, how: How) -> Counts:
        return {"threads": await self._each(person, "delete")}

    async def show(self, transaction: Transaction, person: Person) -> AsyncIterator[tuple[str, Any]]:
        for thread in person.threads:
            yield "threads", {"thread_id": thread}

    async def _each(self, person: Person, command: str) -> int:
        """How many threads there were."""
        from redis.exceptions import RedisError  # noqa: PLC0415 - loaded with the client

        redis = await self._redis()
        try:
            return sum([bool(await getattr(redis, command)(*keys_of_thread(thread))) for thread in person.threads])
        except (RedisError, OSError) as error:
            message = "The threads of agents cannot be reached."
            raise StorageError("checkpoints_unavailable", message, retryable=True) from error
