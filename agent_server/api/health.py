"""Whether the server lives, and whether it can hold a conversation now."""

import time
from typing import Literal

from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.telemetry.components import ComponentState, states_of
from agent_server.version import program_version

health = Resource("health", "State of the server, for load balancers and operators.")

_STARTED_S = time.monotonic()


class Alive(Struct, frozen=True):
    """The process runs and answers."""

    status: Literal["ok"] = "ok"


class Capacity(Struct, frozen=True):
    """Conversations in this process: open ones, and how many there may be."""

    active: int
    limit: int


class Health(Struct, frozen=True, kw_only=True):
    """``unavailable``: do not send conversations here now. ``degraded``: they work, on something less good."""

    status: Literal["ok", "degraded", "unavailable"]
    version: str
    uptime_s: float
    draining: bool
    conversations: Capacity
    components: dict[str, ComponentState]


@health.get("/api/live", scope=None, summary="Liveness")
async def live(_call: Call) -> Alive:
    """Answers as long as the process does anything at all."""
    return Alive()


def _status_of(reply: Health) -> int:
    return 503 if reply.status == "unavailable" else 200


@health.get(
    "/api/health",
    scope=None,
    summary="Readiness, with the state of each component",
    other_statuses=(503,),
    status_of=_status_of,
)
async def ready(call: Call) -> Health:
    """503 with the same body while a component is down or the server is about to stop."""
    services = call.services
    states = await states_of(services.components)
    admission = services.admission
    return Health(
        status=_overall([state.status for state in states], draining=admission.draining),
        version=program_version(),
        uptime_s=round(time.monotonic() - _STARTED_S, 1),
        draining=admission.draining,
        conversations=Capacity(admission.active, admission.limit),
        components={component.name: state for component, state in zip(services.components, states, strict=True)},
    )


def _overall(statuses: list[str], *, draining: bool) -> Literal["ok", "degraded", "unavailable"]:
    if draining or "down" in statuses:
        return "unavailable"
    return "degraded" if "degraded" in statuses else "ok"
