"""Breakers of this process, agreed with others."""

import asyncio

import fakeredis
import pytest
from eventually import eventually

from pipelines.llm.gateway.breakers import REFRESH_S, ProviderBreakers
from storage.shared.circuit_breaker import BreakerSettings
from storage.shared.state import SharedState

SETTINGS = BreakerSettings(failures_to_open=3, cool_down_s=10.0, probe_s=5.0)


class World:
    """Two processes on one Redis, and the time."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        server = fakeredis.FakeServer()
        self.breakers = [
            ProviderBreakers(SharedState(fakeredis.FakeAsyncRedis(server=server)), SETTINGS, clock=lambda: self.now)
            for _ in range(2)
        ]


@pytest.fixture
async def world():
    world = World()
    yield world
    for breakers in world.breakers:
        await breakers.aclose()


def alone(now: list[float]) -> ProviderBreakers:
    return ProviderBreakers(settings=SETTINGS, clock=lambda: now[0])


async def test_it_opens_waits_probes_and_closes():
    now = [1000.0]
    breakers = alone(now)
    for _ in range(2):
        breakers.failed("cerebras")
        assert breakers.is_closed("cerebras")
    breakers.failed("cerebras")
    assert not breakers.is_closed("cerebras")
    assert breakers.wait_s("cerebras") == 10.0
    assert await breakers.admit_probe("cerebras") == 10.0
    now[0] += 10.0
    assert not breakers.is_closed("cerebras"), "no caller's turn is the probe"
    assert await breakers.admit_probe("cerebras") == 0.0
    assert await breakers.admit_probe("cerebras") == 5.0
    breakers.failed("cerebras")
    assert breakers.wait_s("cerebras") == 20.0
    now[0] += 20.0
    assert await breakers.admit_probe("cerebras") == 0.0
    breakers.succeeded("cerebras")
    assert breakers.is_closed("cerebras")


async def test_providers_do_not_answer_for_each_other():
    breakers = alone([1000.0])
    breakers.failed("cerebras", opens=True)
    assert not breakers.is_closed("cerebras")
    assert breakers.is_closed("anthropic")


async def test_what_one_process_learns_the_other_knows_soon(world):
    here, there = world.breakers
    assert there.is_closed("cerebras")
    for _ in range(3):
        here.failed("cerebras")
    await asyncio.sleep(0.05)
    world.now += REFRESH_S
    assert there.is_closed("cerebras"), "nobody is kept waiting for the others' opinion"
    await eventually(lambda: not there.is_closed("cerebras"))
    world.now += 10.0
    assert await here.admit_probe("cerebras") == 0.0
    assert await there.admit_probe("cerebras") > 0.0
    here.succeeded("cerebras")
    await asyncio.sleep(0.05)
    world.now += REFRESH_S
    await eventually(lambda: there.is_closed("cerebras"))


async def test_failures_of_both_processes_add_up(world):
    here, there = world.breakers
    here.failed("cerebras")
    await asyncio.sleep(0.05)
    there.failed("cerebras")
    there.failed("cerebras")
    await eventually(lambda: not there.is_closed("cerebras"))


async def test_without_redis_each_process_goes_on_alone():
    server = fakeredis.FakeServer()
    server.connected = False
    breakers = ProviderBreakers(SharedState(fakeredis.FakeAsyncRedis(server=server)), SETTINGS)
    for _ in range(3):
        breakers.failed("cerebras")
        await asyncio.sleep(0.02)
    assert not breakers.is_closed("cerebras")
    await breakers.aclose()
