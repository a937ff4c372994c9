"""The parts of the server as ``/api/health`` shows them."""

from collections.abc import Awaitable, Callable
from typing import Literal

from msgspec import Struct


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
