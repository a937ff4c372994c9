"""A gateway whose answers are scripted and whose time is honest."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pipelines.bill import Bills
from pipelines.llm.gateway.port import Attribution, Completion, Task
from pipelines.llm.port import ChatRequest, FinishReason, LanguageModel, LlmError, Usage
from storage.ledger.records import TrackedRecord

COST_USD = 0.00005
Answer = Callable[[ChatRequest], Any]


class FakeGateway:
    """``answer`` makes the text of a reply (or an object, sent as JSON) or raises LlmError."""

    def __init__(
        self,
        answer: Answer,
        *,
        latency_s: float = 0.0,
        tasks: Sequence[Task] | None = None,
        finish_reason: FinishReason = "stop",
    ) -> None:
        self.answer = answer
        self.latency_s = latency_s
        self.tasks = tasks
        self.finish_reason = finish_reason
        self.requests: list[ChatRequest] = []
        self.bills = Bills()

    def has_model(self, task: Task) -> bool:
        return self.tasks is None or task in self.tasks

    def ladder(self, task: Task) -> Sequence[LanguageModel]:
        return ()

    async def complete(self, task: Task, request: ChatRequest, whose: Attribution, *, deadline_s: float) -> Completion:
        self.requests.append(request)
        bill = self.bills.of(whose.execution_id)
        assert bill is not None, "every run has one"
        bill.add(COST_USD)
        if self.latency_s > deadline_s:
            await asyncio.sleep(deadline_s)
            raise LlmError("llm_timeout", "too slow", retryable=True)
        await asyncio.sleep(self.latency_s)
        answer = self.answer(request)
        text = answer if isinstance(answer, str) else msgspec.json.encode(answer).decode()
        return Completion(
            text=text,
            finish_reason=self.finish_reason,
            provider="fake",
            model="fake-model",
            usage=Usage(400, 100),
            latency_ms=self.latency_s * 1000,
            cost_usd=COST_USD,
        )


class KeptRows:
    """A tracker that shows what it was given."""

    def __init__(self) -> None:
        self.rows: list[TrackedRecord] = []

    def record(self, row: TrackedRecord) -> None:
        self.rows.append(row)

    def of(self, kind: type) -> list[Any]:
        return [row for row in self.rows if isinstance(row, kind)]
