"""LangGraph's saver for PostgreSQL, its failures in our own terms. Imports LangGraph: load it in a thread."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from pipelines.agents.checkpoints.serde import strict_serializer
from storage.errors import StorageError


class PostgresSaver(AsyncPostgresSaver):
    """Raises StorageError ``checkpoints_unavailable`` where the other raises psycopg's errors."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        super().__init__(pool, serde=strict_serializer())

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with translated():
            return await super().aget_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        with translated():
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        with translated():
            await super().aput_writes(config, writes, task_id, task_path)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        with translated():
            await super().aprune(thread_ids, strategy=strategy)


def make_pool(dsn: str, *, max_connections: int, timeout_s: float) -> AsyncConnectionPool[Any]:
    """Not open yet. Autocommit, since the saver's set-up builds indexes concurrently, which no transaction may hold."""
    kwargs = {
        "autocommit": True,
        "prepare_threshold": 0,
        "row_factory": dict_row,
        "application_name": "sales-agent-threads",
        "connect_timeout": int(timeout_s),
    }
    return AsyncConnectionPool(
        dsn, min_size=1, max_size=max_connections, timeout=timeout_s, max_idle=300.0, kwargs=kwargs, open=False
    )


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
        message = "The threads of agents cannot be reached."
        raise StorageError("checkpoints_unavailable", message, retryable=True) from error
