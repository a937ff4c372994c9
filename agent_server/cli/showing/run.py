"""The demo from its beginning to Ctrl-C: the outside world, the server, the filling, and people who keep coming."""

import asyncio
import os
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
from msgspec import Struct

from agent_server.cli.outcome import CommandError
from agent_server.cli.showing import news
from agent_server.cli.showing.cast import Cast, load_cast
from agent_server.cli.showing.choosing import Coming
from agent_server.cli.showing.crm_side import CrmSide
from agent_server.cli.showing.crowd import Crowd
from agent_server.cli.showing.doors import ANSWER_S, Doors
from agent_server.cli.showing.filling import FIRST_STEPS, STEPS, Filling, Step
from agent_server.cli.showing.past.filling import with_past
from agent_server.cli.showing.place import Mark, claimed, emptied, read_mark, write_mark
from agent_server.cli.showing.server import LOG_FILE, running_server
from agent_server.cli.showing.street import Street, seed_of
from agent_server.cli.showing.surroundings import child_environment, prices_file, server_settings, simulated_prices
from agent_server.cli.stop_signal import stop_signal
from agent_server.cli.workers.process import WorkerProcess
from agent_server.parts import StartError
from agent_server.server import bind
from agent_server.stores.first_key import read_own_key
from simulators.app import RunningSimulators, start
from simulators.audio.said_now import SaidNow
from simulators.config import SimulatorConfig
from simulators.script import Script

HOST: Final = "127.0.0.1"
USUAL_PORT: Final = 8080
_CLOSE_KEPT_EVERY_S: Final = 30.0


class Wish(Struct, frozen=True, kw_only=True):
    """``cast``: a file of other people. ``port`` None: the usual one where it is free, else any. ``command``: how the
    demo is called, to be told."""

    data_dir: Path
    port: int | None = None
    every_s: float = 20.0
    fresh: bool = False
    cast: Path | None = None
    command: str = "sales-agent demo"


async def show(wish: Wish) -> None:
    """Until SIGINT or SIGTERM. Raises CommandError, StartError, OSError."""
    cast = load_cast(wish.cast)
    with stop_signal() as stop, claimed(wish.data_dir.resolve()) as place:
        mark = _mark(place, fresh=wish.fresh)
        port = free_port(wish.port)
        work = asyncio.create_task(_day(wish, cast, place, mark, port), name="the day")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            work.cancel()
            await asyncio.wait({work, stopping})
        if not work.cancelled():
            work.result()
    news.say()
    for line in news.farewell(wish.command):
        news.say(line)


def free_port(wanted: int | None) -> int:
    """Raises StartError for one that is asked for and taken."""
    if wanted:
        return _tried(wanted)
    try:
        return _tried(0 if wanted == 0 else USUAL_PORT)
    except StartError:
        port = _tried(0)
        news.say(f"Port {USUAL_PORT} is taken by another program, so the demo is at {port}.")
        return port


def _tried(port: int) -> int:
    sockets = bind(HOST, port)
    found = int(sockets[0].getsockname()[1])
    for each in sockets:
        each.close()
    return found


def _mark(place: Path, *, fresh: bool) -> Mark:
    """What there is to go on with; what was only begun is begun anew."""
    mark = read_mark(place)
    if fresh or not mark.filled:
        emptied(place)
        mark = Mark()
    else:
        news.say("Going on with the data there are (--fresh begins anew).")
    mark = Mark(filled=mark.filled, days=mark.days + 1)
    write_mark(place, mark)
    return mark


async def _day(wish: Wish, cast: Cast, place: Path, mark: Mark, port: int) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(
            await start(SimulatorConfig(seed=_new_ids(), script=Script(sentences=())))
        )
        crm = CrmSide(world.crm.store, place)
        crm.load()
        crowd = Crowd(seed_of(mark.days))
        prices_file(place).write_bytes(simulated_prices())
        async with AsyncExitStack() as held:
            if not mark.filled:
                await news.step("Past", lambda: held.enter_async_context(with_past(place, crowd)), news.past)
            doors, process = await _opened(stack, world, place, port)
        ears = SaidNow(asyncio.get_running_loop().time)
        world.simulation.library = ears
        street = Street(doors, world.settings["TWILIO_AUTH_TOKEN"], ears)
        stack.push_async_callback(street.aclose)
        stack.callback(crm.keep)
        for line in news.opening_words(doors.url, doors.key, place):
            news.say(line)
        news.say()
        if not mark.filled:
            await _fill(doors, crm, street, cast)
            write_mark(place, Mark(filled=True, days=mark.days))
        news.say(news.going_on(wish.every_s))
        coming = Coming(
            cast.callers(),
            every_s=wish.every_s,
            seed=seed_of(mark.days),
            strangers=crowd.visits() if wish.cast is None else None,
        )
        for visit in cast.opening():
            coming.was_here(visit.name)
        await _first_to_end(
            street.keep_coming(coming), street.tell_who_waits(), _keep(crm), _ended(process, place / LOG_FILE)
        )


async def _opened(
    stack: AsyncExitStack, world: RunningSimulators, place: Path, port: int
) -> tuple[Doors, WorkerProcess]:
    settings = server_settings(world.settings, data_dir=place, host=HOST, port=port)
    server = running_server(settings, child_environment(os.environ), place)
    process = await news.step("Server", lambda: stack.enter_async_context(server), lambda _: "ready")
    key = read_own_key(place)
    if key is None:
        raise CommandError(f"The server's key is not in {place}.")
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))
    return Doors(f"http://{HOST}:{port}", key, await stack.enter_async_context(session)), process


async def _fill(doors: Doors, crm: CrmSide, street: Street, cast: Cast) -> None:
    filling = Filling(doors, crm)
    await _take(FIRST_STEPS, filling)
    opening = cast.opening()

    def told(typed: int) -> str:
        return f"{news.count_of(typed, 'conversation')}, and {len(opening) - typed} that go on now"

    await news.step("Talks", lambda: street.open(opening), told)
    street.let_in(opening)
    await _take(STEPS, filling)


async def _take(steps: Sequence[Step], filling: Filling) -> None:
    for name, make in steps:
        await news.step(name, partial(make, filling), str)


async def _keep(crm: CrmSide) -> None:
    while True:
        await asyncio.sleep(_CLOSE_KEPT_EVERY_S)
        await asyncio.to_thread(crm.keep)


async def _ended(process: WorkerProcess, log: Path) -> None:
    code = await process.wait()
    raise CommandError(f"The server has ended (code {code}); {log} says why.")


async def _first_to_end(*endless: Coroutine[Any, Any, None]) -> None:
    """All of them, until one fails."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in endless:
                group.create_task(each)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _new_ids() -> int:
    """The simulated CRM's ids must not be those of another day."""
    return time.time_ns()
