"""Checkpoints in PostgreSQL: made by several processes at once, read strictly, and failing in our own terms."""

import asyncio
from typing import Any

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.checkpoints.serde import strict_serializer
from storage.errors import StorageError


class Foreign:
    def __init__(self) -> None:
        self.evil = True


async def test_many_may_set_up_at_once(dsn: str) -> None:
    many = [PostgresCheckpoints(dsn, max_connections=2) for _ in range(5)]
    savers = await asyncio.gather(*(checkpoints.open() for checkpoints in many))
    config: Any = {"configurable": {"thread_id": "one", "checkpoint_ns": ""}}
    await savers[0].aput(config, empty_checkpoint(), {"source": "input", "step": 0}, {})
    assert await savers[-1].aget_tuple(config) is not None
    await asyncio.gather(*(checkpoints.aclose() for checkpoints in many))


async def test_a_database_that_is_away_is_a_storage_error() -> None:
    away = PostgresCheckpoints("postgresql://nobody@127.0.0.1:1/nothing", connect_timeout_s=1.0)
    with pytest.raises(StorageError) as refused:
        await away.open()
    assert (refused.value.code, refused.value.retryable) == ("checkpoints_unavailable", True)


def test_no_class_of_anybodys_is_rebuilt() -> None:
    serializer = strict_serializer()
    try:
        written = serializer.dumps_typed({"a": Foreign()})
    except TypeError:
        return  # not even written
    assert not isinstance(serializer.loads_typed(written)["a"], Foreign)
