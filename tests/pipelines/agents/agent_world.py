"""The agents of one process on a database, with a gateway and a ledger that a test sees into."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fake_gateway import KeptRows
from msgspec import Struct

from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.parts import AgentParts
from pipelines.agents.service import Agents
from pipelines.llm.gateway.no_models import NoModels
from pipelines.llm.gateway.port import Gateway
from storage.agents.runs import AgentRuns
from storage.postgres.database import Database


class AgentWorld(Struct):
    agents: Agents
    rows: KeptRows


@asynccontextmanager
async def running_agents(
    database: Database, *, gateway: Gateway | None = None, lease_s: float = 30.0, **parts: Any
) -> AsyncIterator[AgentWorld]:
    rows = KeptRows()
    checkpoints = PostgresCheckpoints(database.dsn)
    made = AgentParts(gateway=gateway or NoModels(), tracker=rows, **parts)
    agents = Agents(made, AgentRuns(database, lease_s=lease_s), checkpoints.open)
    agents.start()
    try:
        yield AgentWorld(agents, rows)
    finally:
        await agents.aclose()
        await checkpoints.aclose()
