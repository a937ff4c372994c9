"""Enters every request to a provider into the cost ledger and the metrics, whichever way it ended."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import msgspec
from msgspec import Struct
from prometheus_client import Counter, Histogram

from pipelines.bill import Bills, Charge
from pipelines.llm.gateway.port import Attribution
from pipelines.llm.port import ChatRequest, Usage
from pipelines.llm.prices import PriceList, cost_usd
from storage.ledger.records import CallStatus, ModelCallRecord, Tracker

CHARACTERS_A_TOKEN = 4
"""Of English text. Providers count only replies that end; of others the tokens are estimated."""

_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5, 4.0, 8.0, 20.0, 60.0)
FIRST_TOKEN_SECONDS = Histogram(
    "sales_agent_model_first_token_seconds",
    "Time from asking a model to its first text or tool call.",
    ["provider", "task"],
    buckets=_SECONDS,
)
CALL_SECONDS = Histogram(
    "sales_agent_model_call_seconds",
    "Time from asking a model to the end of its reply, or of the attempt.",
    ["provider", "task", "outcome"],
    buckets=_SECONDS,
)
FAILURES = Counter("sales_agent_model_failures", "Requests to models that failed.", ["provider", "code"])
TOKENS = Counter("sales_agent_model_tokens", "Tokens of requests to models.", ["provider", "kind"])
COST = Counter("sales_agent_model_cost_usd", "Cost of requests to models whose price is known.", ["provider", "task"])
UNPRICED = Counter("sales_agent_model_calls_without_price", "Requests to models of unknown price.", ["provider"])


class Call(Struct, kw_only=True):
    """One request to one provider. Times in milliseconds."""

    provider: str
    model: str
    task: str
    whose: Attribution
    request: ChatRequest
    usage: Usage | None = None
    """None: the provider did not count."""
    received_characters: int = 0
    first_token_ms: float | None = None
    latency_ms: float = 0.0
    status: CallStatus = "cancelled"
    error_code: str | None = None
    cost_usd: float | None = None
    charge: Charge | None = None
    """On the bill of the run that asks."""


class Ledger:
    """Writes to ``tracker``, once there is one: the first requests warm connections while the storage still starts.

    What a run of an agent asks is on its bill in ``bills`` from the moment it is asked.
    """

    def __init__(self, prices: PriceList, utc_now: Callable[[], datetime]) -> None:
        self._prices = prices
        self._utc_now = utc_now
        self.tracker: Tracker | None = None
        self.bills = Bills()

    def begin(self, call: Call) -> None:
        """Note a call that is about to be made."""
        bill = self.bills.of(call.whose.execution_id)
        if bill is not None:
            call.charge = bill.expect(self._cost(call, estimated(call), self._utc_now()))

    def enter(self, call: Call) -> None:
        """Note a call that is over; sets its ``usage`` and ``cost_usd``."""
        now = self._utc_now()
        call.usage = call.usage or estimated(call)
        call.cost_usd = self._cost(call, call.usage, now)
        _measure(call)
        if self.tracker is not None:
            self.tracker.record(_record(call, call.usage, now))
        if call.charge is not None:
            call.charge.settle(call.cost_usd)

    def _cost(self, call: Call, usage: Usage, at: datetime) -> float | None:
        price = self._prices.price_of(call.provider, call.model)
        return None if price is None else cost_usd(price, usage, at)


def estimated(call: Call) -> Usage:
    """What a call took that ended early. One that failed before it answered is not charged."""
    if call.status == "failed" and call.first_token_ms is None:
        return Usage()
    return Usage(
        _sent_characters(call.request) // CHARACTERS_A_TOKEN, -(-call.received_characters // CHARACTERS_A_TOKEN)
    )


def _sent_characters(request: ChatRequest) -> int:
    """Tools are most of a short conversation's prompt."""
    words = sum(
        len(message.content) + sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
        for message in request.messages
    )
    forms = (form for form in (request.tools, request.response_schema) if form)
    return words + sum(len(msgspec.json.encode(form)) for form in forms)


def _record(call: Call, usage: Usage, now: datetime) -> ModelCallRecord:
    return ModelCallRecord(
        id=f"call_{uuid4().hex}",
        provider=call.provider,
        model=call.model,
        task=call.task,
        conversation_id=call.whose.conversation_id,
        lead_id=call.whose.lead_id,
        execution_id=call.whose.execution_id,
        prompt_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.output_tokens,
        first_token_ms=call.first_token_ms,
        latency_ms=call.latency_ms,
        cost_usd=call.cost_usd,
        status=call.status,
        error_code=call.error_code,
        created_at=now,
    )


def _measure(call: Call) -> None:
    if call.first_token_ms is not None:
        FIRST_TOKEN_SECONDS.labels(call.provider, call.task).observe(call.first_token_ms / 1000)
    CALL_SECONDS.labels(call.provider, call.task, call.status).observe(call.latency_ms / 1000)
    if call.status == "failed":
        FAILURES.labels(call.provider, call.error_code or "unknown").inc()
    if call.usage is not None:
        TOKENS.labels(call.provider, "input").inc(call.usage.input_tokens)
        TOKENS.labels(call.provider, "cached").inc(call.usage.cached_tokens)
        TOKENS.labels(call.provider, "output").inc(call.usage.output_tokens)
    if call.cost_usd is None:
        UNPRICED.labels(call.provider).inc()
    else:
        COST.labels(call.provider, call.task).inc(call.cost_usd)
