"""The agents' graphs, compiled on the checkpointer when first wanted. LangGraph takes seconds to import, so all of that
happens in a thread, and a server that runs no agent never pays for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelines.agents.definition import AgentDefinition
from pipelines.agents.parts import AgentParts
from pipelines.loading import loaded
from storage.errors import StorageError

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    Saver: TypeAlias = BaseCheckpointSaver[Any]
    Graph: TypeAlias = CompiledStateGraph[Any, Any, Any, Any]

log = logging.getLogger(__name__)

OpenCheckpointer = Callable[[], Awaitable["Saver"]]
"""Opens the checkpointer once; called on the event loop."""


class Graphs:
    def __init__(self, parts: AgentParts, open_checkpointer: OpenCheckpointer) -> None:
        self._parts = parts
        self._open = open_checkpointer
        self._lock = asyncio.Lock()
        self._saver: Saver | None = None
        self._compiled: dict[str, Graph] = {}

    async def of(self, agent: AgentDefinition) -> "Graph":
        """Raises what opening the checkpointer raises; the next call tries again."""
        if agent.name not in self._compiled:
            saver = await self.checkpointer()
            async with self._lock:
                if agent.name not in self._compiled:
                    self._compiled[agent.name] = await loaded(partial(self._compile, agent, saver))
        return self._compiled[agent.name]

    async def checkpointer(self) -> "Saver":
        async with self._lock:
            if self._saver is None:
                self._saver = await self._open()
            return self._saver

    async def forget_steps(self, thread_id: str) -> None:
        """Of a thread that is over only where it ended is kept: nobody goes back into it."""
        try:
            await (await self.checkpointer()).aprune([thread_id])
        except StorageError as error:
            log.warning("the steps of a thread are kept: %s", error.code)

    async def load(self, agents: Iterable[AgentDefinition]) -> None:
        """Have them ready before somebody waits."""
        for agent in agents:
            await self.of(agent)

    def _compile(self, agent: AgentDefinition, saver: "Saver") -> "Graph":
        return agent.graph(self._parts).compile(checkpointer=saver, name=agent.name)
