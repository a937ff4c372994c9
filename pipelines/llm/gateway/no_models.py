"""A gateway without any model: agents go by their rules, and conversations by the playbook."""

from collections.abc import Sequence

from pipelines.bill import Bills
from pipelines.llm.gateway.port import Attribution, Completion, Task
from pipelines.llm.port import ChatRequest, LanguageModel, LlmError


class NoModels:
    """Implements ``Gateway``."""

    def __init__(self) -> None:
        self.bills = Bills()

    def has_model(self, _task: Task) -> bool:
        return False

    def ladder(self, _task: Task) -> Sequence[LanguageModel]:
        return ()

    def warm(self, _task: Task) -> None:
        pass

    async def complete(
        self, task: Task, _request: ChatRequest, _whose: Attribution, *, deadline_s: float
    ) -> Completion:
        raise LlmError("no_model_configured", f"no model is configured for {task}", retryable=False)
