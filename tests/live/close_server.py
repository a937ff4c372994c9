"""Close's simulator on a port of its own, in this process, so that a test can look at what it holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from msgspec import Struct

from simulators.close.provider import PREFIX, Close
from simulators.config import SimulatorConfig
from simulators.faults import parse_faults
from simulators.flow import end_dropped
from simulators.simulation import Simulation

CLOSE_KEY = "simulated-close-key"
SIGNATURE_KEY = "7a" * 32


class CloseServer(Struct):
    close: Close
    simulation: Simulation
    url: str

    @property
    def settings(self) -> dict[str, str]:
        """The variables that point a server here."""
        return {
            "CLOSE_API_KEY": CLOSE_KEY,
            "CLOSE_API_BASE": f"{self.url}{PREFIX}",
            "CLOSE_WEBHOOK_SIGNATURE_KEY": SIGNATURE_KEY,
        }

    def faults(self, text: str) -> None:
        self.simulation.faults.replace(parse_faults(text))

    def make(self, name: str, email: str, company: str = "") -> tuple[str, str]:
        """Somebody enters a lead with one contact; ids of both."""
        person = {"name": name, "emails": [{"email": email, "type": "office"}]}
        lead = self.close.store.create_lead({"name": company, "contacts": [person]})
        return lead["id"], lead["contacts"][0]["id"]

    def emails(self) -> set[str]:
        return {entry["email"] for row in self.close.store.contacts.values() for entry in row["emails"]}


@asynccontextmanager
async def serving_close() -> AsyncIterator[CloseServer]:
    simulation = Simulation(SimulatorConfig(), dict(Close.delays))
    close = Close(simulation)
    app = web.Application(middlewares=[end_dropped])
    app.add_routes(close.routes())
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield CloseServer(close, simulation, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()
