"""A fixture for tests of the adapters: providers over their true wire protocols."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from simulators.app import RunningSimulators, start
from simulators.config import parse_config

Simulate = Callable[..., Awaitable[RunningSimulators]]


@pytest.fixture
async def simulate() -> AsyncIterator[Simulate]:
    """Starts simulators from a configuration document and the two switches; stops them after the test."""
    running: list[RunningSimulators] = []

    async def run(document: str = "{}", *, delays: str = "", faults: str = "") -> RunningSimulators:
        simulators = await start(parse_config(document, delays=delays, faults=faults))
        running.append(simulators)
        return simulators

    yield run
    for simulators in running:
        await simulators.aclose()
