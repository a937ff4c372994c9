"""What a run of an agent answers, and where its thread stands."""

from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from pipelines.agents.run import RULES
from storage.ledger.records import AgentType

ReplyStatus = Literal["completed", "interrupted", "failed"]


class Question(Struct, frozen=True):
    """What the agent asks a person before it goes on. ``id`` names the question when there are several."""

    id: str
    value: Any


class Failure(Struct, frozen=True):
    """Why a run failed; the thread stands where it stood before the step that failed."""

    code: str
    message: str
    retryable: bool = False


class AgentReply(Struct, frozen=True, kw_only=True):
    """``output`` is the agent's result as far as there is one; with ``interrupted`` a person has to answer
    ``interrupts`` first. ``engine``: ``rules``, or the models that had a part; ``steps`` names them step by step ·
    ``cost_is_known`` false: not every model has a known price, and ``cost_usd`` is what is known."""

    thread_id: str
    agent: AgentType
    status: ReplyStatus
    output: dict[str, Any] | None = None
    interrupts: tuple[Question, ...] = ()
    engine: str = RULES
    latency_ms: float
    cost_usd: float = 0.0
    cost_is_known: bool = True
    execution_id: str
    steps: dict[str, str] = {}
    error: Failure | UnsetType = UNSET


class ThreadState(Struct, frozen=True, kw_only=True):
    """Where a thread stands. ``next``: the nodes that come next; empty: it is over · ``values``: what it knows."""

    thread_id: str
    agent: AgentType
    status: Literal["running", "interrupted", "completed", "stopped"]
    next: tuple[str, ...]
    interrupts: tuple[Question, ...]
    values: dict[str, Any]
    updated_at: str | None = None
    lead_id: UUID | None = None
