"""The agents of this process, made from the settings. Nothing of them is loaded until one is wanted or the server has
been ready for a moment: LangGraph takes seconds to import."""

import asyncio
import logging

from msgspec import Struct

from pipelines.agents.checkpoints.postgres import PostgresCheckpoints
from pipelines.agents.parts import AgentParts
from pipelines.agents.service import Agents
from storage.agent_runs import AgentRuns
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

WARM_AFTER_S = 1.0


def make_agents(database: Database, parts: AgentParts) -> "AgentService":
    checkpoints = PostgresCheckpoints(database.dsn)
    return AgentService(Agents(parts, AgentRuns(database), checkpoints.open), checkpoints)


class AgentService(Struct, frozen=True):
    """The agents with what they are closed with."""

    agents: Agents
    checkpoints: PostgresCheckpoints

    async def aclose(self) -> None:
        await self.agents.aclose()
        await self.checkpoints.aclose()


async def warm_agents(agents: Agents) -> None:
    """So that the first who asks an agent does not wait for it."""
    await asyncio.sleep(WARM_AFTER_S)
    try:
        await agents.warm()
    except StorageError as error:
        log.warning("the agents are not ready yet: %s", error.code)
