"""One run of an agent: what its nodes work with, and what it came to. Never part of the state that is kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipelines.agents.events import AgentEvent
from pipelines.bill import Bill
from pipelines.llm.gateway.port import Attribution, Gateway
from storage.ledger.records import AgentType

RULES = "rules"
Emit = Callable[[AgentEvent], None]


@dataclass(kw_only=True)
class AgentRun:
    """Handed to every node (LangGraph wants a dataclass for that). ``deadline_s``: how long the run may take in all,
    by its target · ``bill``: what it has cost so far · ``engines``: for each step the model that did it, or ``rules`` ·
    ``beside``: members of the output that are too large to keep with the thread · ``emit``: tells whoever watches."""

    agent: AgentType
    execution_id: str
    thread_id: str
    whose: Attribution
    gateway: Gateway
    deadline_s: float
    clock: Callable[[], float] = time.monotonic
    engines: dict[str, str] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    emit: Emit = lambda _: None
    started_s: float = field(init=False)
    bill: Bill = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.clock()
        self.bill = self.gateway.bills.open(self.execution_id)

    @property
    def remaining_s(self) -> float:
        """Until the run should have answered; never negative."""
        return max(0.0, self.started_s + self.deadline_s - self.clock())

    @property
    def latency_ms(self) -> float:
        return (self.clock() - self.started_s) * 1000

    @property
    def engine(self) -> str:
        """The models that had a part in it, else ``rules``."""
        models = dict.fromkeys(engine for engine in self.engines.values() if engine != RULES)
        return " + ".join(models) or RULES
