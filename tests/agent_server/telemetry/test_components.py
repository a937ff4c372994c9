"""What the server tells of its parts unasked: a line when one changes, and a figure."""

import asyncio
import logging
from itertools import chain, repeat

import pytest

from agent_server.telemetry import components as module
from agent_server.telemetry.components import STATE, Component, ComponentState, states_of, watch


async def test_an_outage_is_two_lines_however_often_it_is_looked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    ok, slow, down = ComponentState("ok"), ComponentState("degraded", "slow"), ComponentState("down", "Is it running?")
    figures: list[float] = []
    coming = iter([ok, down, down, down, ok, ok, slow, ok, ok, slow, slow, ok, ok])

    async def check() -> ComponentState:
        figures.append(STATE.labels("database")._value.get())
        if (state := next(coming, None)) is None:
            raise asyncio.CancelledError
        return state

    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await watch([Component("database", check)])
    again = "database is as it should be again"
    assert caplog.messages == ["database is down: Is it running?", again, "database is degraded: slow", again]
    assert figures[1:] == [0, 2, 2, 2, 0, 0, 1, 0, 0, 1, 1, 0, 0], "of the one that was slow once nothing is told"


async def test_each_part_is_told_for_itself(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)

    def part(name: str, *states: ComponentState) -> Component:
        coming = chain(states, repeat(states[-1]))

        async def check() -> ComponentState:
            return next(coming)

        return Component(name, check)

    down = ComponentState("down", "gone")
    watching = asyncio.create_task(watch([part("voice", ComponentState("ok")), part("redis", down)]))
    with caplog.at_level(logging.WARNING):
        await asyncio.sleep(0.02)
    watching.cancel()
    assert caplog.messages == ["redis is down: gone"]


async def test_a_check_that_hangs_counts_as_down(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> ComponentState:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(module, "CHECK_TIMEOUT_S", 0.01)
    assert await states_of([Component("stuck", hang)]) == [ComponentState("down", "no_answer")]
