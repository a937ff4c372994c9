"""Whole replies for work that can wait: the next provider when one fails, and another try later when all did."""

import asyncio
import random
from contextlib import aclosing
from typing import Any, cast

import stamina
from msgspec import Struct

from pipelines.llm.gateway.attempt import Attempt, Desk, Patience
from pipelines.llm.gateway.choice import Choose
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.folding import Folded
from pipelines.llm.gateway.port import Attribution, Completion, Task
from pipelines.llm.port import ChatRequest, LlmError


class RetrySettings(Struct, frozen=True):
    """``rounds``: how often all providers are gone through. Seconds: the first wait between rounds, which doubles, and
    the longest. ``share``: of the time left that one provider may take while others are still to be asked."""

    rounds: int = 3
    first_wait_s: float = 2.0
    longest_wait_s: float = 60.0
    jitter: float = 0.25
    share: float = 0.6


def wait_before(settings: RetrySettings, round_number: int, wanted_s: float | None, chance: float) -> float:
    """Seconds before round ``round_number`` (1: the second). ``wanted_s``: the provider's own wish, which is kept;
    ``chance``: 0 to 1, spreads the tries of many processes."""
    wait_s = min(settings.longest_wait_s, settings.first_wait_s * 2.0 ** (round_number - 1))
    wait_s *= 1.0 - settings.jitter * chance
    return max(wait_s, wanted_s or 0.0)


class Work:
    """One request for a whole reply."""

    def __init__(
        self,
        desk: Desk,
        choose: Choose,
        task: Task,
        request: ChatRequest,
        whose: Attribution,
        *,
        deadline_s: float,
        settings: RetrySettings,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._desk = desk
        self._choose = choose
        self._task = task
        self._request = request
        self._whose = whose
        self._settings = settings
        self._clock = loop.time
        self._began = loop.time()
        self._due = self._began + deadline_s
        self._rounds = 0
        self._calls: list[Attempt] = []
        self._hopeless: set[str] = set()
        self._last: LlmError | None = None

    async def done(self) -> Completion:
        """Raises LlmError: the last one, or ``llm_timeout`` at the deadline."""
        try:
            async with asyncio.timeout_at(self._due):
                async for attempt in stamina.retry_context(
                    on=self._wait_after, attempts=self._settings.rounds, timeout=None
                ):
                    with attempt:
                        return await self._round()
        except TimeoutError:
            raise LlmError("llm_timeout", "no model answered in time", retryable=True) from None
        except LlmError as error:
            # That nobody can be asked any more is less of a reason than why.
            raise self._last or error from None
        raise AssertionError("the retries end with a result or an error")

    def _wait_after(self, error: Exception) -> float | bool:
        """Seconds until the next round; False: give up."""
        if not isinstance(error, LlmError) or not error.retryable:
            return False
        self._rounds += 1
        wait_s = wait_before(self._settings, self._rounds, error.retry_after_s, random.random())  # noqa: S311
        return wait_s if self._clock() + wait_s < self._due else False

    async def _round(self) -> Completion:
        """Ask one provider after the other."""
        failed: set[str] = set(self._hopeless)
        last: LlmError | None = None
        while True:
            try:
                endpoints = self._choose(frozenset(failed))
            except LlmError as error:
                raise last or error from None
            endpoint = endpoints[0]
            try:
                return await self._ask(endpoint, others_left=len(endpoints) > 1)
            except LlmError as error:
                last = self._last = error
                failed.add(endpoint.key)
                if not error.retryable:
                    self._hopeless.add(endpoint.key)

    async def _ask(self, endpoint: Endpoint, *, others_left: bool) -> Completion:
        left_s = self._due - self._clock()
        whole_s = left_s * self._settings.share if others_left else left_s
        attempt = Attempt(
            self._desk,
            endpoint,
            self._request,
            task=self._task,
            whose=self._whose,
            patience=Patience(first_token_s=whole_s, silence_s=whole_s),
        )
        self._calls.append(attempt)
        reply = Folded()
        async with aclosing(cast("Any", attempt.events())) as events:
            async for event in events:
                reply.feed(event)
        costs = [call.call.cost_usd for call in self._calls]
        return Completion(
            text=reply.text,
            tool_calls=reply.tool_calls,
            finish_reason=reply.finish_reason,
            provider=attempt.call.provider,
            model=attempt.call.model,
            usage=reply.usage,
            latency_ms=(self._clock() - self._began) * 1000,
            cost_usd=sum(cost for cost in costs if cost is not None),
            cost_is_known=None not in costs,
            attempts=len(self._calls),
        )
