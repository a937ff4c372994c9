"""The first token, from whoever gives it first: the next provider is asked when one fails, or is silent too long."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct
from prometheus_client import Counter

from pipelines.deadline import granted_until
from pipelines.llm.gateway.attempt import Attempt
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.latency import HedgeSettings
from pipelines.llm.port import LlmError, LlmEvent

log = logging.getLogger(__name__)

HEDGES = Counter(
    "sales_agent_model_hedges",
    "Second requests for a slow first token, by who was late, and whether the second came first.",
    ["provider", "won"],
)

MOST_AT_ONCE = 3


class Runner(Struct, eq=False):
    """One provider in the race. ``events`` stand behind ``first`` once it is there."""

    attempt: Attempt
    events: AsyncIterator[LlmEvent]
    is_hedge: bool
    first: LlmEvent | None = None

    @property
    def endpoint(self) -> Endpoint:
        return self.attempt.endpoint


class Race:
    """Use once: ``winner``, then ``losers`` are somebody's to look after."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        attempt: Callable[[Endpoint], Attempt],
        *,
        hedging: HedgeSettings,
        on_failed: Callable[[Endpoint], None],
    ) -> None:
        """``on_failed`` hears of each endpoint that failed before the winner's first token."""
        self._waiting = list(endpoints)
        self._attempt = attempt
        self._hedging = hedging
        self._on_failed = on_failed
        self.asked: list[Endpoint] = []
        self._running: dict[asyncio.Task[LlmEvent], Runner] = {}
        self._hedge_at: float | None = None
        self._was_granted = False
        self._late: Endpoint | None = None

    @property
    def losers(self) -> list[tuple[asyncio.Task[LlmEvent], Runner]]:
        return list(self._running.items())

    async def winner(self) -> Runner:
        """Raises the LlmError of the last that failed. When it ends otherwise than with a winner, nobody runs."""
        try:
            return await self._run()
        except BaseException:
            await self._stop()
            raise

    async def _run(self) -> Runner:
        loop = asyncio.get_running_loop()
        self._start(is_hedge=False)
        while True:
            wait_s = None if self._hedge_at is None else max(0.0, self._hedge_at - loop.time())
            done, _ = await asyncio.wait(self._running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                if self._hedge_at is not None and not self._was_granted:
                    due, self._hedge_at = self._hedge_at, granted_until(self._hedge_at, loop.time())
                    self._was_granted = True
                    if self._hedge_at != due:
                        continue  # this process was late: the answer may be here
                self._start(is_hedge=True)
                continue
            first, failure = None, None
            for task in done:
                runner = self._running[task]
                failure = task.exception()
                if failure is None and first is None:
                    del self._running[task]
                    runner.first = task.result()
                    first = runner
                elif failure is not None:
                    del self._running[task]
                    if not isinstance(failure, LlmError):
                        raise failure
                    self._on_failed(runner.endpoint)
            if first is not None:
                self._note(first)
                return first
            if not self._running and not self._waiting:
                assert failure is not None
                raise failure
            if self._waiting:
                self._start(is_hedge=False)

    def _start(self, *, is_hedge: bool) -> None:
        loop = asyncio.get_running_loop()
        if is_hedge:
            self._late = next(iter(self._running.values())).endpoint
        endpoint = self._waiting.pop(0)
        self.asked.append(endpoint)
        attempt = self._attempt(endpoint)
        events = attempt.events()
        task = loop.create_task(_next(events), name=f"first token of {endpoint.key}")
        self._running[task] = Runner(attempt, events, is_hedge)
        more = bool(self._waiting) and len(self._running) < MOST_AT_ONCE
        wait_ms = endpoint.first_tokens.hedge_after_ms(self._hedging, loop.time())
        self._hedge_at = loop.time() + wait_ms / 1000 if more else None
        self._was_granted = False

    def _note(self, winner: Runner) -> None:
        if self._late is not None:
            HEDGES.labels(self._late.provider, "yes" if winner.is_hedge else "no").inc()
            log.debug("%s was late; %s answered first", self._late.key, winner.endpoint.key)

    async def _stop(self) -> None:
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        self._running.clear()


async def _next(events: AsyncIterator[LlmEvent]) -> LlmEvent:
    return await anext(events)
