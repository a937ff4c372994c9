"""Carries a graph from where it stands to its end, its next question or its failure, telling what happens."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from pipelines.agents.definition import Durability
from pipelines.agents.errors import AgentError
from pipelines.agents.events import AgentEvent
from pipelines.agents.replies import AgentReply, Failure, Question, ReplyStatus
from pipelines.agents.run import AgentRun, Emit
from storage.errors import StorageError

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from pipelines.agents.graphs import Graph

log = logging.getLogger(__name__)


class Course(Struct, frozen=True, kw_only=True):
    """How a run goes. ``start``: the state to begin from, a Command that resumes, or None to go on."""

    start: Any
    config: "RunnableConfig"
    durability: Durability
    timeout_s: float


async def carry_out(graph: "Graph", run: AgentRun, course: Course) -> AgentReply:
    """Never raises but CancelledError: whatever fails is in the reply."""
    watched = _Watched(run.emit)
    failure: Failure | None = None
    try:
        async with asyncio.timeout(course.timeout_s):
            async for part in graph.astream(
                course.start,
                course.config,
                context=run,
                stream_mode=["tasks", "values", "custom"],
                durability=course.durability,
                version="v2",
            ):
                watched.take(part["type"], part["data"])
    except TimeoutError:
        failure = Failure("agent_timeout", f"It was not done after {course.timeout_s:.0f} s.", retryable=True)
    except (AgentError, StorageError) as error:
        failure = Failure(error.code, str(error), retryable=error.retryable)
    except Exception:
        log.exception("agent %s broke", run.agent)
        failure = Failure("agent_failed", "The agent failed; the log says why.")
    return _reply(run, watched, failure)


class _Watched:
    """What the stream of a graph told so far."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.output: dict[str, Any] | None = None
        self.questions: tuple[Question, ...] = ()

    def take(self, kind: str, data: Any) -> None:
        match kind:
            case "values":
                self.output = data.get("output")
            case "custom":
                self._emit(AgentEvent(data["kind"], data["data"]))
            case "tasks" if "triggers" in data:
                self._emit(AgentEvent("node_started", {"node": data["name"]}))
            case "tasks":
                self._finished(data)

    def _finished(self, data: Any) -> None:
        asked = tuple(Question(entry["id"], entry["value"]) for entry in data["interrupts"])
        self.questions += asked
        for question in asked:
            self._emit(AgentEvent("interrupt", msgspec.to_builtins(question)))
        if not asked:
            failed = {"failed": True} if data["error"] else {}
            self._emit(AgentEvent("node_finished", {"node": data["name"], **failed}))


def _reply(run: AgentRun, watched: _Watched, failure: Failure | None) -> AgentReply:
    status: ReplyStatus = "failed" if failure else "interrupted" if watched.questions else "completed"
    return AgentReply(
        thread_id=run.thread_id,
        agent=run.agent,
        status=status,
        output=None if watched.output is None else {**watched.output, **run.beside},
        interrupts=watched.questions,
        engine=run.engine,
        latency_ms=round(run.latency_ms, 2),
        cost_usd=run.bill.cost_usd,
        cost_is_known=run.bill.is_known,
        execution_id=run.execution_id,
        steps=run.engines,
        error=failure or msgspec.UNSET,
    )


def completed(run: AgentRun, output: dict[str, Any]) -> AgentReply:
    """The reply of a run that needed no graph."""
    watched = _Watched(lambda _: None)
    watched.output = output
    return _reply(run, watched, None)


def cancelled(run: AgentRun) -> AgentReply:
    """The reply nobody waits for any more, for the record."""
    failure = Failure("cancelled", "It was cancelled. The thread can be resumed.", retryable=True)
    return _reply(run, _Watched(lambda _: None), failure)
