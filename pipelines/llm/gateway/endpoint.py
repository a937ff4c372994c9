"""One model of one provider as the gateway keeps it: how to ask it, and how it has been doing."""

import asyncio
from typing import Protocol

from pipelines.llm.gateway.blame import blame
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.latency import FirstTokens
from pipelines.llm.gateway.port import Task
from pipelines.llm.gateway.routing import ALL_TASKS, Candidate
from pipelines.llm.port import LanguageModel, LlmError
from pipelines.llm.prices import PriceList, blended


class ServedModel(LanguageModel, Protocol):
    """A model at a provider. ``name`` is the provider's."""

    @property
    def model(self) -> str: ...

    async def list_models(self) -> tuple[str, ...]:
        """The names the provider serves. Raises LlmError."""

    def use(self, model: str) -> None:
        """Ask for this model from now on."""


_UNSETTLED_S = 1.0
_NOT_THE_PROVIDERS_YET = frozenset({"llm_not_found", "llm_timeout"})
"""Of an endpoint that is not settled: the name may be gone, and the time went into loading code."""


class Endpoint:
    """``tasks``: what it may be used for · ``private``: on the operator's own machines."""

    def __init__(
        self, adapter: ServedModel, prices: PriceList, *, tasks: frozenset[Task] = ALL_TASKS, private: bool = False
    ) -> None:
        self.adapter = adapter
        self.tasks = tasks
        self.private = private
        self.key = f"{adapter.name}/{adapter.model}"
        """The name it was configured by; stays when the provider serves another model instead."""
        self.first_tokens = FirstTokens()
        self.suspect = False
        self.is_settled = True
        """False while its SDK is being loaded, and while it is not known whether the provider serves the model."""
        self.used_at: float | None = None
        """On the event loop's clock."""
        self._paused_until = 0.0
        self._prices = prices

    @property
    def provider(self) -> str:
        return self.adapter.name

    @property
    def model(self) -> str:
        return self.adapter.model

    def candidate(self, breakers: ProviderBreakers) -> Candidate:
        """As routing sees it now."""
        now = asyncio.get_running_loop().time()
        # Without a name it is not settled yet what the provider serves.
        wait_s = max(self._paused_until - now, 0.0 if self.model else _UNSETTLED_S)
        if not breakers.is_closed(self.provider):
            wait_s = max(wait_s, breakers.wait_s(self.provider))
        return Candidate(
            key=self.key,
            provider=self.provider,
            private=self.private,
            tasks=self.tasks,
            price=blended(self._prices.price_of(self.provider, self.model)),
            first_token_ms=self.first_tokens.typical_ms(now),
            wait_s=max(0.0, wait_s),
            suspect=self.suspect,
        )

    def succeeded(self, breakers: ProviderBreakers, *, is_probe: bool) -> None:
        """A probe closes an open circuit, and leaves the count of a closed one: who answers one token and fails at
        whole replies must not look well."""
        self.suspect = False
        if not is_probe or not breakers.is_closed(self.provider):
            breakers.succeeded(self.provider)

    def failed(self, error: LlmError, breakers: ProviderBreakers) -> None:
        if not self.is_settled and error.code in _NOT_THE_PROVIDERS_YET:
            self.suspect = True
            return
        what = blame(error)
        if what.pause_s:
            self._paused_until = asyncio.get_running_loop().time() + what.pause_s
        if what.strikes or what.opens:
            self.suspect = True
            breakers.failed(self.provider, opens=what.opens)
