"""Which providers are asked for a task, in which order. Pure: what is configured and measured in, an order out.

Preferred ones come first in their own order, the others by measured latency or by price. Who lately failed or is slow
beyond measure goes behind who is well; who has an open circuit or asked for a pause is not asked at all.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from pipelines.llm.gateway.port import Task

ALL_TASKS: frozenset[Task] = frozenset({"conversation", "reasoning", "research", "private"})

SLOW_MS = 1000.0
"""A first token later than this, and at least ``SLOW_FACTOR`` times later than another's, costs the preference."""
SLOW_FACTOR = 2.0


class Candidate(Struct, frozen=True, kw_only=True):
    """One model of one provider, as it stands now.

    ``key``: ``provider/model`` · ``private``: on the operator's own machines · ``price``: US dollars per million
    tokens, None: not known · ``first_token_ms``: its median of late, None: not measured · ``wait_s``: until it is worth
    asking, 0: now · ``suspect``: its last request failed, and no other has succeeded since.
    """

    key: str
    provider: str
    private: bool = False
    tasks: frozenset[Task] = ALL_TASKS
    price: float | None = None
    first_token_ms: float | None = None
    wait_s: float = 0.0
    suspect: bool = False


class Route(Struct, frozen=True):
    """How a task is served. ``preferred``: providers, or single models as ``provider/model``, the first choice first.

    ``then``: what orders the others; None: nobody else is asked.
    """

    preferred: tuple[str, ...] = ()
    then: Literal["latency", "price"] | None = "latency"
    private_only: bool = False


DEFAULT_ROUTES: Mapping[Task, Route] = {
    "conversation": Route(("cerebras",)),
    "reasoning": Route(("anthropic", "openai"), "price"),
    "research": Route(("deepseek", "openrouter"), "price"),
    "private": Route(private_only=True),
}


class Plan(Struct, frozen=True):
    """``ready``: keys to ask, in order. ``wait_s``: when nobody is, the seconds until somebody may be; None: nobody
    serves the task."""

    ready: tuple[str, ...] = ()
    wait_s: float | None = None


def serves(task: Task, route: Route, candidate: Candidate) -> bool:
    """Whether the task may go there. Privacy is never given up for availability."""
    if route.private_only and not candidate.private:
        return False
    return task in candidate.tasks and (route.then is not None or _rank(route, candidate) < len(route.preferred))


def plan(task: Task, route: Route, candidates: Sequence[Candidate], *, without: frozenset[str] = frozenset()) -> Plan:
    """``candidates`` in the order they are configured, which decides where nothing else does. ``without``: keys that
    failed this very request."""
    serving = [one for one in candidates if serves(task, route, one) and one.key not in without]
    ready = [one for one in serving if one.wait_s <= 0]
    if not ready:
        return Plan(wait_s=min((one.wait_s for one in serving), default=None))
    fastest_ms = min((one.first_token_ms for one in ready if one.first_token_ms is not None), default=math.inf)

    def place(candidate: Candidate) -> tuple[bool, int, float]:
        late = candidate.suspect or _is_slow(candidate, fastest_ms)
        figure = candidate.price if route.then == "price" else candidate.first_token_ms
        return late, _rank(route, candidate), math.inf if figure is None else figure

    return Plan(tuple(one.key for one in sorted(ready, key=place)))


def _rank(route: Route, candidate: Candidate) -> int:
    named = (candidate.key, candidate.provider)
    return next((at for at, name in enumerate(route.preferred) if name in named), len(route.preferred))


def _is_slow(candidate: Candidate, fastest_ms: float) -> bool:
    measured = candidate.first_token_ms
    return measured is not None and measured > SLOW_MS and measured > SLOW_FACTOR * fastest_ms
