"""Checkpoints on plain Redis: hashes, nothing newer than Redis 6.2 or Valkey, no modules.

A thread has two keys, however many steps it takes: ``checkpoints`` and ``writes``, hashes by namespace and checkpoint
id. Both carry the thread in one hash tag, so a cluster keeps them on one node and a transaction can change both. Every
change sets their time to live in the same transaction: there is never a key without one, whoever dies or is cancelled.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    PendingWrite,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pipelines.agents.checkpoints.redis_keys import PREFIX, keys_of_thread
from pipelines.agents.checkpoints.serde import strict_serializer
from storage.errors import StorageError

TTL_S = 30 * 24 * 3600.0
DEADLINE_S = 5.0
"""Of each exchange with Redis."""

_BETWEEN = "\x1f"
_SCAN_COUNT = 200

T = TypeVar("T")


class _SavedCheckpoint(Struct, frozen=True, array_like=True):
    """``checkpoint`` and ``metadata`` as the serializer wrote them."""

    parent_id: str | None
    checkpoint: tuple[str, bytes]
    metadata: tuple[str, bytes]


class _SavedWrite(Struct, frozen=True, array_like=True):
    channel: str
    value: tuple[str, bytes]
    task_path: str


_checkpoints = msgspec.msgpack.Decoder(_SavedCheckpoint)
_writes = msgspec.msgpack.Decoder(_SavedWrite)


class RedisCheckpoints(BaseCheckpointSaver[int]):
    """The saver. Asynchronous methods only. Raises StorageError ``checkpoints_unavailable``."""

    def __init__(self, redis: Redis, *, prefix: str = PREFIX, ttl_s: float = TTL_S) -> None:
        """``redis``: without decoding of responses, shared or not. ``ttl_s`` counts from a thread's last change."""
        super().__init__(serde=strict_serializer())
        self._redis = redis
        self._prefix = prefix
        self._ttl_ms = max(1, int(ttl_s * 1000))

    # Reading

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        thread_id, namespace = _thread_of(config)
        found = await self._found(thread_id, namespace, only=get_checkpoint_id(config), most=1)
        return found[0] if found else None

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Newest first within a thread. Without a thread all threads are read, for administration."""
        if config is None:
            threads, namespace, only = await self._threads(), None, None
        else:
            threads = [str(config["configurable"]["thread_id"])]
            namespace, only = config["configurable"].get("checkpoint_ns"), get_checkpoint_id(config)
        earlier_than = get_checkpoint_id(before) if before is not None else None
        given = 0
        for thread_id in threads:
            for found in await self._found(thread_id, namespace, only=only, before=earlier_than):
                if limit is not None and given >= limit:
                    return
                metadata = cast("dict[str, Any]", found.metadata)
                if all(metadata.get(name) == value for name, value in (filter or {}).items()):
                    given += 1
                    yield found

    async def _found(
        self,
        thread_id: str,
        namespace: str | None,
        *,
        only: str | None,
        before: str | None = None,
        most: int | None = None,
    ) -> list[CheckpointTuple]:
        checkpoint_key, write_key = self._keys(thread_id)
        names = await _in_time(self._redis.hkeys(checkpoint_key))
        wanted = [
            (of_namespace, id_)
            for of_namespace, id_ in sorted((_split(name) for name in names), key=lambda entry: entry[1], reverse=True)
            if (namespace is None or of_namespace == namespace)
            and (only is None or id_ == only)
            and (before is None or id_ < before)
        ][:most]
        if not wanted:
            return []
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(checkpoint_key, [_joined(*entry) for entry in wanted])
            pipe.hgetall(write_key)
            saved, writes = await _in_time(pipe.execute())
        pending = _by_checkpoint(writes)
        return [
            self._tuple(thread_id, *entry, _checkpoints.decode(value), pending.get(entry, []))
            for entry, value in zip(wanted, saved, strict=True)
            if value is not None
        ]

    def _tuple(
        self,
        thread_id: str,
        namespace: str,
        id_: str,
        saved: _SavedCheckpoint,
        writes: list[tuple[str, int, _SavedWrite]],
    ) -> CheckpointTuple:
        ordered = sorted(writes, key=lambda write: (write[2].task_path, write[0], write[1]))
        pending: list[PendingWrite] = [
            (task_id, write.channel, self.serde.loads_typed(write.value)) for task_id, _, write in ordered
        ]
        return CheckpointTuple(
            config=_config(thread_id, namespace, id_),
            checkpoint=self.serde.loads_typed(saved.checkpoint),
            metadata=self.serde.loads_typed(saved.metadata),
            parent_config=_config(thread_id, namespace, saved.parent_id) if saved.parent_id else None,
            pending_writes=pending,
        )

    # Writing

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        thread_id, namespace = _thread_of(config)
        saved = _SavedCheckpoint(
            parent_id=get_checkpoint_id(config),
            checkpoint=self.serde.dumps_typed(checkpoint),
            metadata=self.serde.dumps_typed(get_checkpoint_metadata(config, metadata)),
        )
        checkpoint_key, write_key = self._keys(thread_id)
        name = _joined(namespace, checkpoint["id"])
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(checkpoint_key, name, msgspec.msgpack.encode(saved))
            self._expire(pipe, checkpoint_key, write_key)
            await _to_the_end(pipe.execute())
        return _config(thread_id, namespace, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """What a task wrote stands: written again it is the same, but for errors, interrupts and answers to them."""
        thread_id, namespace = _thread_of(config)
        checkpoint_key, write_key = self._keys(thread_id)
        id_ = str(get_checkpoint_id(config))
        async with self._redis.pipeline(transaction=True) as pipe:
            for position, (channel, value) in enumerate(writes):
                index = WRITES_IDX_MAP.get(channel, position)
                name = _joined(namespace, id_, task_id, str(index))
                saved = msgspec.msgpack.encode(_SavedWrite(channel, self.serde.dumps_typed(value), task_path))
                if index >= 0:
                    pipe.hsetnx(write_key, name, cast("Any", saved))
                else:
                    pipe.hset(write_key, name, saved)
            self._expire(pipe, checkpoint_key, write_key)
            await _to_the_end(pipe.execute())

    async def adelete_thread(self, thread_id: str) -> None:
        await _to_the_end(self._redis.delete(*self._keys(thread_id)))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Reads every thread: for administration."""
        unwanted = set(run_ids)
        if not unwanted:
            return
        for thread_id in await self._threads():
            found = await self._found(thread_id, None, only=None)
            metadata = [cast("dict[str, Any]", entry.metadata) for entry in found]
            gone = [entry for entry, about in zip(found, metadata, strict=True) if about.get("run_id") in unwanted]
            await self._remove(thread_id, (_place(entry) for entry in gone))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """The copy lives as long as a thread changed now."""
        source, target = self._keys(source_thread_id), self._keys(target_thread_id)
        contents = [await _in_time(self._redis.hgetall(key)) for key in source]
        async with self._redis.pipeline(transaction=True) as pipe:
            for key, fields in zip(target, contents, strict=True):
                if fields:
                    pipe.hset(key, mapping=cast("Any", fields))
            self._expire(pipe, *target)
            await _to_the_end(pipe.execute())

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """``keep_latest``: of each namespace the last checkpoint with its writes · ``delete``: nothing."""
        for thread_id in thread_ids:
            if strategy == "delete":
                await self.adelete_thread(thread_id)
                continue
            names = await _in_time(self._redis.hkeys(self._keys(thread_id)[0]))
            places = sorted((_split(name) for name in names), key=lambda place: place[1])
            latest = dict(places)  # the last of each namespace stays
            await self._remove(thread_id, ((of, id_) for of, id_ in places if latest[of] != id_))

    async def _remove(self, thread_id: str, places: Iterable[tuple[str, str]]) -> None:
        gone = set(places)
        if not gone:
            return
        checkpoint_key, write_key = self._keys(thread_id)
        names = await _in_time(self._redis.hkeys(write_key))
        writes = [name for name in names if _split(name)[:2] in gone]
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(checkpoint_key, *(_joined(*place) for place in gone))
            if writes:
                pipe.hdel(write_key, *cast("list[str]", writes))
            self._expire(pipe, checkpoint_key, write_key)
            await _to_the_end(pipe.execute())

    # Keys

    def _keys(self, thread_id: str) -> tuple[str, str]:
        return keys_of_thread(thread_id, self._prefix)

    def _expire(self, pipe: Any, *keys: str) -> None:
        for key in keys:
            pipe.pexpire(key, self._ttl_ms)

    async def _threads(self) -> list[str]:
        """Every thread's id, by walking over the keys."""
        start, end = f"{self._prefix}:{{", "}:checkpoints"
        keys = self._redis.scan_iter(match=f"{start}*{end}", count=_SCAN_COUNT)
        try:
            return [key.decode()[len(start) : -len(end)] async for key in keys]
        except RedisError as error:
            raise _unavailable() from error


def _by_checkpoint(writes: dict[bytes, bytes]) -> dict[tuple[str, str], list[tuple[str, int, _SavedWrite]]]:
    found: dict[tuple[str, str], list[tuple[str, int, _SavedWrite]]] = {}
    for name, value in writes.items():
        namespace, id_, task_id, index = name.decode().split(_BETWEEN)
        found.setdefault((namespace, id_), []).append((task_id, int(index), _writes.decode(value)))
    return found


def _thread_of(config: RunnableConfig) -> tuple[str, str]:
    configurable = config["configurable"]
    return str(configurable["thread_id"]), configurable.get("checkpoint_ns", "")


def _config(thread_id: str, namespace: str, id_: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": id_}}


def _place(found: CheckpointTuple) -> tuple[str, str]:
    configurable = found.config["configurable"]
    return configurable["checkpoint_ns"], configurable["checkpoint_id"]


def _joined(*parts: str) -> str:
    return _BETWEEN.join(parts)


def _split(name: bytes | str) -> tuple[str, str]:
    """Namespace and checkpoint id, of the name of a checkpoint or of a write."""
    text = name.decode() if isinstance(name, bytes) else name
    namespace, id_ = text.split(_BETWEEN)[:2]
    return namespace, id_


async def _in_time(exchange: Any) -> Any:
    """Raises StorageError when Redis fails or does not answer."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await exchange
    except (RedisError, TimeoutError, OSError) as error:
        raise _unavailable() from error


async def _to_the_end(exchange: Any) -> Any:
    """The same for a change: whoever waits for it may be cancelled, the change itself is not cut in two."""
    changing = asyncio.ensure_future(_in_time(exchange))
    try:
        return await asyncio.shield(changing)
    except asyncio.CancelledError:
        changing.add_done_callback(_heard)  # nobody is left to tell
        await asyncio.wait([changing])
        raise


def _heard(exchange: asyncio.Future[Any]) -> None:
    if not exchange.cancelled():
        exchange.exception()


def _unavailable() -> StorageError:
    return StorageError("checkpoints_unavailable", "The threads of agents cannot be reached.", retryable=True)
