"""A thread of a graph: what is kept with it, and what makes it go on."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pipelines.agents.definition import AgentDefinition
from pipelines.agents.errors import AgentError

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from pipelines.agents.graphs import Graph

MOST_STEPS = 60
"""Steps of a graph in one run. LangGraph's own bound is ten thousand: a loop would run for hours."""


def config_of(definition: AgentDefinition, thread_id: str, lead_id: UUID | None = None) -> "RunnableConfig":
    """Its metadata is kept with every checkpoint."""
    return {
        "configurable": {"thread_id": thread_id},
        "metadata": {"agent": definition.name, **({"lead_id": str(lead_id)} if lead_id else {})},
        "recursion_limit": MOST_STEPS,
        "run_name": definition.name,
    }


async def resumption(graph: "Graph", config: "RunnableConfig", answer: Any) -> Any:
    """What makes a thread go on: the answer to its question (or by id, to its questions), or nothing at all.

    Raises AgentError ``thread_not_found``, ``nothing_to_resume``, ``answer_missing``.
    """
    from langgraph.types import Command  # noqa: PLC0415 - loaded with the graph

    snapshot = await graph.aget_state(config)
    if snapshot.created_at is None:
        raise AgentError("thread_not_found", "There is no such thread.")
    if not snapshot.next:
        raise AgentError("nothing_to_resume", "The thread is over; nothing waits for an answer.")
    if not snapshot.interrupts:
        return None
    if answer is None:
        raise AgentError("answer_missing", "The agent asked something; 'input' is the answer.", param="input")
    return Command(resume=answer)
