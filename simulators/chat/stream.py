"""Writing a reply as it is generated: first the time to the first token, then the model's tokens a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from aiohttp import web
from msgspec import Struct

from simulators.faults import Fault, Moment
from simulators.flow import Flow, end_tasks
from simulators.simulation import Simulation

_STEP_S = 0.005
"""Tokens that fall within a step leave together, with the last of them."""


class Wire(Struct, frozen=True):
    """A whole streamed reply. ``comment``: sent at once and every ``comment_ms`` until the first piece."""

    pieces: Sequence[bytes]
    ending: bytes
    garbage: bytes
    comment: bytes | None = None
    comment_ms: float = 0.0


class Out(Struct, frozen=True):
    """Where a reply goes."""

    simulation: Simulation
    name: str
    request: web.Request
    flow: Flow


class Pace(Struct, frozen=True):
    """Drawn once for each reply."""

    first_token_ms: float
    tokens_per_s: float


def draw_pace(simulation: Simulation, name: str) -> Pace:
    draw = simulation.delays.draw
    return Pace(draw(name, "first_token_ms"), max(draw(name, "tokens_per_s"), 0.001))


async def batches(simulation: Simulation, pace: Pace, count: int) -> AsyncIterator[tuple[int, int]]:
    """Ranges of pieces, each yielded at the time its last piece is due."""
    first_due = simulation.clock.now() + pace.first_token_ms / 1000
    size = max(1, int(pace.tokens_per_s * _STEP_S))
    start, end = 0, min(1, count)
    while start < count:
        await simulation.clock.sleep_until(first_due + (end - 1) / pace.tokens_per_s)
        yield start, end
        start, end = end, min(end + size, count)


async def send_stream(
    out: Out, wire: Wire, headers: dict[str, str], word: Callable[[Fault], bytes]
) -> web.StreamResponse:
    """Send it all, as faults allow. ``word``: an error within the stream, which ends it."""
    simulation, flow = out.simulation, out.flow
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", **headers})
    response.headers["Cache-Control"] = "no-cache"
    await response.prepare(out.request)

    async def garble() -> None:
        await response.write(wire.garbage)

    flow.garble = garble
    if flow.garbled:
        await garble()
    comments = [asyncio.create_task(_comment(simulation, response, wire), name=f"{out.name} comments")]
    middle = len(wire.pieces) // 2
    try:
        async for start, end in batches(simulation, draw_pace(simulation, out.name), len(wire.pieces)):
            fault = None
            if start == 0:
                await end_tasks(comments)
                fault = await flow.reach("first")
            if fault is None and start <= middle < end:
                fault = await flow.reach("mid")
            if fault is not None:
                await response.write(word(fault))
                break
            await flow.pace()
            await response.write(b"".join(wire.pieces[start:end]))
        else:
            await response.write(wire.ending)
        await response.write_eof()
    finally:
        await end_tasks(comments)
    await flow.reach("idle")
    return response


async def think(out: Out, pieces: int, reach: Callable[[Flow, Moment], Awaitable[None]]) -> None:
    """The time a reply takes that is sent in one piece. ``reach`` words the faults on the way."""
    async for start, _ in batches(out.simulation, draw_pace(out.simulation, out.name), pieces):
        if start == 0:
            await reach(out.flow, "first")
        await out.flow.pace()
    await reach(out.flow, "mid")


async def send_whole(out: Out, body: bytes, headers: dict[str, str]) -> web.StreamResponse:
    """A reply in one piece; half of it when it is garbled."""
    if out.flow.garbled:
        body = body[: len(body) // 2]
    response = web.StreamResponse(headers={"Content-Type": "application/json", **headers})
    response.content_length = len(body)
    await response.prepare(out.request)
    await response.write(body)
    await response.write_eof()
    await out.flow.reach("idle")
    return response


async def _comment(simulation: Simulation, response: web.StreamResponse, wire: Wire) -> None:
    while wire.comment is not None:
        await response.write(wire.comment)
        await simulation.clock.sleep_ms(wire.comment_ms)
