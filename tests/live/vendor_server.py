"""Simulated vendors on a port of their own, in this process, so that a test can look at what they hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from msgspec import Struct

from simulators.apollo import Apollo
from simulators.browserbase import Browserbase
from simulators.close.provider import Close
from simulators.config import SimulatorConfig
from simulators.flow import end_dropped
from simulators.linkedin import LinkedIn
from simulators.simulation import BaseUrls, Simulation


class VendorServer(Struct):
    """``settings`` are the variables that point a server at all of them."""

    close: Close
    apollo: Apollo
    linkedin: LinkedIn
    browserbase: Browserbase
    simulation: Simulation
    settings: dict[str, str]


@asynccontextmanager
async def serving_vendors() -> AsyncIterator[VendorServer]:
    kinds = (Close, Apollo, LinkedIn, Browserbase)
    simulation = Simulation(SimulatorConfig(), {name: value for kind in kinds for name, value in kind.delays.items()})
    close, apollo, linkedin, browserbase = (kind(simulation) for kind in kinds)
    app = web.Application(middlewares=[end_dropped])
    for vendor in (close, apollo, linkedin, browserbase):
        app.add_routes(vendor.routes())
    app.cleanup_ctx.append(apollo.phones.running)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"127.0.0.1:{runner.addresses[0][1]}"
    urls = BaseUrls(f"http://{address}", f"ws://{address}")
    settings = {
        name: value
        for vendor in (close, apollo, linkedin, browserbase)
        for name, value in vendor.settings(urls).items()
    }
    try:
        yield VendorServer(close, apollo, linkedin, browserbase, simulation, settings)
    finally:
        await runner.cleanup()
