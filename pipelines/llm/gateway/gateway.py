"""The gateway at work: puts routing, breakers, hedging and the ledger together around the configured endpoints."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, cast

from msgspec import Struct
from prometheus_client import Gauge

from pipelines.bill import Bills
from pipelines.llm.gateway.attempt import Attempt, Desk, Patience
from pipelines.llm.gateway.background import RetrySettings, Work
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.ledger import Ledger
from pipelines.llm.gateway.live import FailedInTurn, LiveRung, LiveSettings
from pipelines.llm.gateway.port import Attribution, Completion, Task
from pipelines.llm.gateway.race import Race, Runner
from pipelines.llm.gateway.routing import DEFAULT_ROUTES, Plan, Route, plan, serves
from pipelines.llm.port import ChatRequest, LanguageModel, LlmError, LlmEvent, Message

log = logging.getLogger(__name__)

BREAKER_STATE = Gauge(
    "sales_agent_model_breaker_open",
    "1 while a provider is left alone.",
    ["provider"],
    multiprocess_mode="livemax",
)

MOST_RUNGS = 3
WARM = ChatRequest(messages=(Message(role="user", content="Hi"),), max_output_tokens=1)
NOBODY = Attribution()


class GatewaySettings(Struct, frozen=True):
    """``warm_after_s``: a connection idle for so long is used when a call begins, lest the provider has closed it."""

    live: LiveSettings = LiveSettings()
    retries: RetrySettings = RetrySettings()
    probe: Patience = Patience(first_token_s=2.5, silence_s=2.5)
    warm_after_s: float = 50.0
    warmed: int = 2
    """How many providers of live turns are kept warm: the first choice and who stands in for it."""


class ModelGateway:
    """Implements ``Gateway``. Use it within one event loop; close it at the end, before the adapters."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        ledger: Ledger,
        breakers: ProviderBreakers,
        routes: Mapping[Task, Route] = DEFAULT_ROUTES,
        settings: GatewaySettings = GatewaySettings(),  # noqa: B008 - frozen
    ) -> None:
        """``endpoints`` in the order that decides where nothing is preferred and nothing measured."""
        self.endpoints = tuple(endpoints)
        self.breakers = breakers
        self.ledger = ledger
        self._by_key = {endpoint.key: endpoint for endpoint in endpoints}
        self._routes = {**DEFAULT_ROUTES, **routes}
        self._settings = settings
        self._desk = Desk(breakers, ledger, self._look_after)
        self._failed = FailedInTurn()
        self._tasks: set[asyncio.Task[None]] = set()
        self._mending: set[str] = set()
        for endpoint in endpoints:
            BREAKER_STATE.labels(endpoint.provider).set_function(partial(_is_open, breakers, endpoint.provider))

    @property
    def bills(self) -> Bills:
        return self.ledger.bills

    def has_model(self, task: Task) -> bool:
        return any(self._serves(task, endpoint) for endpoint in self.endpoints)

    def ladder(self, task: Task) -> Sequence[LanguageModel]:
        """One rung for each provider that could stand in after the first words, three at most."""
        rungs = min(MOST_RUNGS, sum(self._serves(task, endpoint) for endpoint in self.endpoints))
        return tuple(self._rung(task, rung) for rung in range(rungs))

    async def complete(self, task: Task, request: ChatRequest, whose: Attribution, *, deadline_s: float) -> Completion:
        """See ``Gateway.complete``."""
        if not self.has_model(task):
            raise LlmError("no_model_configured", f"no model is configured for {task}", retryable=False)
        work = Work(
            self._desk,
            partial(self._choose, task),
            task,
            request,
            whose,
            deadline_s=deadline_s,
            settings=self._settings.retries,
        )
        return await work.done()

    def plan(self, task: Task, without: frozenset[str] = frozenset()) -> Plan:
        """Who would be asked now."""
        candidates = [endpoint.candidate(self.breakers) for endpoint in self.endpoints]
        return plan(task, self._routes[task], candidates, without=without)

    def warm(self, task: Task) -> None:
        """See ``Gateway.warm``: of the first few providers, where they may have grown cold."""
        now = asyncio.get_running_loop().time()
        for endpoint in self._ready(task, frozenset())[: self._settings.warmed]:
            is_cold = endpoint.used_at is None or now - endpoint.used_at > self._settings.warm_after_s
            if is_cold and endpoint.is_settled:  # the others are being prepared anyway
                endpoint.used_at = now
                self._own(self._probe(endpoint, "warm_up"), f"warm up {endpoint.key}")

    async def aclose(self) -> None:
        """End what runs beside the conversations. The adapters are closed by who made them."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        await self.breakers.aclose()

    def _serves(self, task: Task, endpoint: Endpoint) -> bool:
        return serves(task, self._routes[task], endpoint.candidate(self.breakers))

    def _choose(self, task: Task, without: frozenset[str]) -> list[Endpoint]:
        """In order. Raises LlmError when nobody can be asked."""
        if endpoints := self._ready(task, without):
            return endpoints
        wait_s = self.plan(task, without).wait_s
        raise LlmError("llm_none_available", "no model provider can be asked now", retryable=True, retry_after_s=wait_s)

    def _ready(self, task: Task, without: frozenset[str]) -> list[Endpoint]:
        for endpoint in self.endpoints:
            if not self.breakers.is_closed(endpoint.provider):
                self._look_after(endpoint)  # it may have been another process that opened it, and that may be gone
        return [self._by_key[key] for key in self.plan(task, without).ready]

    def _rung(self, task: Task, rung: int) -> LiveRung:
        return LiveRung(
            task,
            rung,
            desk=self._desk,
            choose=partial(self._choose, task),
            settings=self._settings.live,
            failed=self._failed,
            after_race=self._watch_losers,
        )

    # Beside the conversations

    def _watch_losers(self, race: Race) -> None:
        """Who lost is heard to its first token: only so is slow told from dead, and the measure not of the fast alone.
        Its deadline is that of the attempt; more than a token it does not cost."""
        for first, runner in race.losers:
            self._own(_to_first_token(first, runner), f"loser {runner.endpoint.key}")

    def _look_after(self, endpoint: Endpoint) -> None:
        """Who failed is probed until it answers or its breaker opens, and then again after each cool-down: callers'
        turns do no probing."""
        if endpoint.key not in self._mending:
            self._mending.add(endpoint.key)
            self._own(self._mend(endpoint), f"mend {endpoint.key}")

    async def _mend(self, endpoint: Endpoint) -> None:
        try:
            while endpoint.suspect or not self.breakers.is_closed(endpoint.provider):
                wait_s = 0.5
                if not self.breakers.is_closed(endpoint.provider):
                    wait_s = await self.breakers.admit_probe(endpoint.provider)
                    if wait_s > 0:
                        await asyncio.sleep(wait_s)
                        continue
                if not await self._probe(endpoint, "probe"):
                    await asyncio.sleep(wait_s)
        finally:
            self._mending.discard(endpoint.key)

    async def _probe(self, endpoint: Endpoint, task: str) -> bool:
        """A real request of one token. Whether it was answered."""
        attempt = Attempt(
            self._desk, endpoint, WARM, task=task, whose=NOBODY, patience=self._settings.probe, is_probe=True
        )
        try:
            async with aclosing(cast("Any", attempt.events())) as events:
                async for _ in events:
                    pass
        except LlmError as error:
            log.info("%s did not answer a probe: %s", endpoint.key, error.code)
            return False
        return True

    def _own(self, work: Coroutine[Any, Any, None] | Coroutine[Any, Any, bool], name: str) -> None:
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_open(breakers: ProviderBreakers, provider: str) -> float:
    return 1.0 if breakers.state(provider).open_until else 0.0


async def _to_first_token(first: asyncio.Task[LlmEvent], runner: Runner) -> None:
    try:
        await asyncio.wait([first])
        if not first.cancelled():
            first.exception()  # noted by the attempt itself
    finally:
        first.cancel()
        await asyncio.wait([first])
        async with aclosing(cast("Any", runner.events)):
            pass
