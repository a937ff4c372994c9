"""Running simulators, and sound to speak to them."""

import array
from collections.abc import AsyncIterator, Awaitable, Callable
from math import pi, sin

import pytest

from simulators.app import RunningSimulators, start
from simulators.config import parse_config

RATE = 16_000

Run = Callable[..., Awaitable[RunningSimulators]]


@pytest.fixture
async def run_simulators() -> AsyncIterator[Run]:
    """Starts simulators from a configuration document and the two switches; stops them after the test."""
    running: list[RunningSimulators] = []

    async def run(document: str = "{}", *, delays: str = "", faults: str = "") -> RunningSimulators:
        simulators = await start(parse_config(document, delays=delays, faults=faults))
        running.append(simulators)
        return simulators

    yield run
    for simulators in running:
        await simulators.aclose()


@pytest.fixture
def voice() -> Callable[[float], bytes]:
    """So many ms of a loud tone, 16 kHz 16-bit mono: enough to count as speech."""

    def make(duration_ms: float) -> bytes:
        samples = int(RATE * duration_ms / 1000)
        return array.array("h", (int(8000 * sin(2 * pi * 200 * n / RATE)) for n in range(samples))).tobytes()

    return make


@pytest.fixture
def silence() -> Callable[[float], bytes]:
    def make(duration_ms: float) -> bytes:
        return bytes(int(RATE * duration_ms / 1000) * 2)

    return make
