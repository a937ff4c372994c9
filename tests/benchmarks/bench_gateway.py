"""What the model gateway costs a live turn: the breaker's question, the routing, and a whole reply through it.

python tests/benchmarks/bench_gateway.py --json gateway.json
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, cast

import fakeredis
import msgspec
from result_file import result_file

from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.gateway import ModelGateway
from pipelines.llm.gateway.ledger import Ledger
from pipelines.llm.port import ChatRequest, Completed, LanguageModel, LlmEvent, Message, TextDelta, Usage
from pipelines.llm.prices import PriceList
from storage.ledger.records import TrackedRecord
from storage.shared.state import SharedState

PROVIDERS = ("cerebras", "openai", "anthropic", "deepseek", "openrouter", "runpod", "ollama")
TOKENS = 188
"""A reply of about 8 s."""
QUESTIONS = 20_000
REPLIES = 300
REQUEST = ChatRequest(messages=(Message("system", "You sell umbrellas. " * 100), Message("user", "Do you?")))


class Result(msgspec.Struct):
    case: str
    us: float
    repeats: int


class Instant:
    """A model that takes no time, so that what is measured is the way to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model = "instant"

    async def list_models(self) -> tuple[str, ...]:
        return (self.model,)

    def use(self, model: str) -> None:
        self.model = model

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        for _ in range(TOKENS):
            yield TextDelta("word ")
        yield Completed("stop", Usage(500, TOKENS))

    async def aclose(self) -> None:
        pass


class Rows:
    def record(self, row: TrackedRecord) -> None:
        pass


def gateway() -> ModelGateway:
    prices = PriceList()
    ledger = Ledger(prices, lambda: datetime.now(UTC))
    ledger.tracker = Rows()
    endpoints = [Endpoint(Instant(name), prices) for name in PROVIDERS]
    return ModelGateway(endpoints, ledger=ledger, breakers=ProviderBreakers())


def each_us(ask: Callable[[], object], repeats: int = QUESTIONS) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        ask()
    return (time.perf_counter() - began) / repeats * 1e6


async def reply_us(model: LanguageModel) -> tuple[float, float]:
    """Medians over many replies: to the first word, and to the end."""
    firsts, wholes = [], []
    for _ in range(REPLIES):
        began = time.perf_counter()
        first = 0.0
        async with aclosing(cast("Any", model.stream(REQUEST))) as events:
            async for event in events:
                if not first and isinstance(event, TextDelta):
                    first = time.perf_counter() - began
        firsts.append(first * 1e6)
        wholes.append((time.perf_counter() - began) * 1e6)
    return statistics.median(firsts), statistics.median(wholes)


async def measure() -> list[Result]:
    made = gateway()
    shared = ProviderBreakers(SharedState(fakeredis.FakeAsyncRedis()))
    shared.is_closed("cerebras")
    await asyncio.sleep(0.1)
    direct_first, direct_whole = await reply_us(Instant("cerebras"))
    routed_first, routed_whole = await reply_us(made.ladder("conversation")[0])
    results = [
        Result("breaker, this process alone", each_us(lambda: made.breakers.is_closed("cerebras")), QUESTIONS),
        Result("breaker, shared by Redis", each_us(lambda: shared.is_closed("cerebras")), QUESTIONS),
        Result("routing over 7 providers", each_us(lambda: made.plan("conversation"), 2000), 2000),
        Result("added to the first token", routed_first - direct_first, REPLIES),
        Result(f"added to a reply of {TOKENS} tokens", routed_whole - direct_whole, REPLIES),
    ]
    await made.aclose()
    await shared.aclose()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=result_file)
    arguments = parser.parse_args()
    results = asyncio.run(measure())
    print(f"{'':36}{'us':>9}")
    for result in results:
        print(f"{result.case:36}{result.us:9.1f}")
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))


if __name__ == "__main__":
    main()
