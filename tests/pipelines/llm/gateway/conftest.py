"""Gateways whose providers are simulators, over the vendors' true protocols."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from msgspec import Struct

from agent_server.engines.cloud_models import make_endpoints, routes
from agent_server.settings import read_settings
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.gateway import GatewaySettings, ModelGateway
from pipelines.llm.gateway.ledger import Ledger
from pipelines.llm.prices import PriceList
from storage.ledger.records import ModelCallRecord, TrackedRecord

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


class Rows:
    """A tracker in memory."""

    def __init__(self) -> None:
        self.calls: list[ModelCallRecord] = []

    def record(self, row: TrackedRecord) -> None:
        assert isinstance(row, ModelCallRecord)
        self.calls.append(row)

    def of(self, *tasks: str) -> list[tuple[str, str, str | None]]:
        """Provider, status and error of the calls for these tasks, in the order they ended."""
        return [(row.provider, row.status, row.error_code) for row in self.calls if row.task in tasks]


class Placed(Struct):
    gateway: ModelGateway
    rows: Rows


DEFAULTS = GatewaySettings()
ALL = ("cerebras", "anthropic", "deepseek", "openrouter", "openai", "ollama", "runpod")
_VARIABLES = {
    "cerebras": ("CEREBRAS_API_KEY", "CEREBRAS_API_BASE"),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    "deepseek": ("DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE"),
    "openrouter": ("OPENROUTER_API_KEY", "OPENROUTER_API_BASE"),
    "openai": ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
    "ollama": ("OLLAMA_BASE_URL",),
    "runpod": ("RUNPOD_API_KEY", "RUNPOD_VLLM_API_BASE"),
}


def variables(simulators, providers) -> dict[str, str]:
    """Settings that point at the simulators of these providers alone."""
    own = {"OLLAMA_MODEL": "llama3.2", "RUNPOD_VLLM_MODEL": "simulated-vllm"}
    return own | {name: simulators.settings[name] for provider in providers for name in _VARIABLES[provider]}


@pytest.fixture
async def place() -> AsyncIterator[Callable]:
    """Makes a gateway on the simulators of some providers; closes it after the test."""
    made: list[ModelGateway] = []

    async def gateway(simulators, *providers, settings=DEFAULTS, breakers=None, **more: str) -> Placed:
        models = read_settings({**variables(simulators, providers or ALL), **more}, {}, {}).models
        rows, prices = Rows(), PriceList()
        ledger = Ledger(prices, lambda: NOW)
        ledger.tracker = rows
        one = ModelGateway(
            make_endpoints(models, prices),
            ledger=ledger,
            breakers=breakers or ProviderBreakers(),
            routes=routes(models),
            settings=settings,
        )
        made.append(one)
        for endpoint in one.endpoints:
            await endpoint.adapter.load()
        return Placed(one, rows)

    yield gateway
    for one in made:
        await one.aclose()
        for endpoint in one.endpoints:
            await endpoint.adapter.aclose()
