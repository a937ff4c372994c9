"""One answer on its way out, and the faults that strike it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.faults import Fault, Moment
from simulators.simulation import Simulation

_LONGEST_HANG_MS = 600_000
"""A client that left a hanging connection is not noticed; this frees it."""


class DroppedError(Exception):
    """A fault reset the connection: nothing can be sent any more."""


async def nothing_to_garble() -> None:
    """For moments at which no frame can be sent yet."""


class Flow:
    """Faults of one request, socket or speech context. ``reach`` the moments in order; ``pace`` before each piece."""

    def __init__(
        self,
        simulation: Simulation,
        provider: str,
        request: web.Request,
        garble: Callable[[], Awaitable[None]] = nothing_to_garble,
    ) -> None:
        self._simulation = simulation
        self._provider = provider
        self._request = request
        self.garble = garble
        self.garbled = False
        self.pause_ms = 0.0
        self._last_piece = 0.0

    async def reach(self, moment: Moment) -> Fault | None:
        """Pass a moment. Returns a fault that the provider words itself (refuse, rate limit, server error).

        Waits here while a stall lasts. Raises DroppedError.
        """
        fault = self._simulation.faults.strike(self._provider, moment)
        if fault is None:
            return None
        self._simulation.seen[self._provider].count(f"fault_{fault.kind}")
        match fault.kind:
            case "drop":
                self._reset()
            case "refuse" if fault.status == 0:
                self._reset()
            case "stall" | "hang":
                await self._stall(fault)
            case "garbage":
                self.garbled = True
                await self.garble()
            case "slow_drip":
                self.pause_ms = fault.pause_ms
            case _:
                return fault
        return None

    async def pace(self) -> None:
        """Wait until the next piece may leave."""
        if self.pause_ms:
            clock = self._simulation.clock
            await clock.sleep_until(self._last_piece + self.pause_ms / 1000)
            self._last_piece = clock.now()

    def _reset(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
        raise DroppedError

    async def _stall(self, fault: Fault) -> None:
        clock = self._simulation.clock
        if fault.kind == "stall":
            if fault.duration_ms is None:
                await asyncio.Event().wait()  # ends when the client gives up: its handler is cancelled
            else:
                await clock.sleep_ms(fault.duration_ms)
            return
        transport = self._request.transport
        if transport is None:
            return
        transport.pause_reading()  # pings go unanswered, and so does the client's goodbye
        await clock.sleep_ms(_LONGEST_HANG_MS if fault.duration_ms is None else fault.duration_ms)
        if fault.duration_ms is None:
            self._reset()
        transport.resume_reading()


async def end_tasks(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel what still runs, wait for it, and raise what went wrong other than by the connection's end."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, (DroppedError, ConnectionError)):
            raise outcome


@web.middleware
async def end_dropped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a reset connection end without an error in the log."""
    try:
        return await handler(request)
    except DroppedError:
        return web.Response(status=500)
