"""The parts of the server as ``/api/health`` shows them, and as its log and ``/metrics`` tell of them unasked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct
from prometheus_client import Gauge

log = logging.getLogger(__name__)

CHECK_TIMEOUT_S = 2.0
LOOK_EVERY_S = 5.0

_RANKS: Final = {"ok": 0, "degraded": 1, "down": 2}

STATE: Final = Gauge(
    "sales_agent_component_state",
    "How a part of the server is: 0 as it should be, 1 on something less good, 2 down.",
    ["component"],
    multiprocess_mode="livemax",
)


class ComponentState(Struct, frozen=True):
    """How a part of the server is. ``degraded``: it works, on something less good than it should.

    ``detail`` is for operators and names no customer and no secret.
    """

    status: Literal["ok", "degraded", "down"]
    detail: str | None = None
    latency_ms: float | None = None


class Component(Struct, frozen=True):
    """A part whose state ``/api/health`` shows. While it is down the server is not ready."""

    name: str
    check: Callable[[], Awaitable[ComponentState]]


async def states_of(components: Iterable[Component]) -> list[ComponentState]:
    """One that does not answer in time is down."""
    return await asyncio.gather(*(_state(component) for component in components))


async def watch(components: Sequence[Component]) -> None:
    """Until cancelled: a line when a part is found twice not to be as it should, however long it lasts, and one when it
    is again."""
    told = {component.name: "ok" for component in components}
    seen = dict(told)
    while True:
        for component, state in zip(components, await states_of(components), strict=True):
            STATE.labels(component.name).set(_RANKS[state.status])
            if state.status == seen[component.name] != told[component.name]:
                _tell(component.name, state)
                told[component.name] = state.status
            seen[component.name] = state.status
        await asyncio.sleep(LOOK_EVERY_S)


async def _state(component: Component) -> ComponentState:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await component.check()
    except TimeoutError:
        return ComponentState("down", "no_answer")


def _tell(name: str, state: ComponentState) -> None:
    match state.status:
        case "ok":
            log.warning("%s is as it should be again", name)
        case "degraded":
            log.warning("%s is degraded: %s", name, state.detail)
        case "down":
            log.error("%s is down: %s", name, state.detail)
