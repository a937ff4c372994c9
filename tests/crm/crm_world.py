"""The vendors' simulators on a real port, and everything it takes to talk to them, on a clock the test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import fakeredis
from aiohttp import web

from crm.adapter import HttpAdapter
from crm.apollo.dialect import ApolloDialect
from crm.apollo.provider import ApolloProvider
from crm.authorization import Authorization, FixedAuthorization, basic_user
from crm.client import ApiClient, CallReport, Rim
from crm.close.dialect import CloseDialect
from crm.close.provider import CloseProvider
from crm.dialect import Dialect
from simulators.apollo import PREFIX as APOLLO_PREFIX
from simulators.apollo import Apollo
from simulators.browserbase import PREFIX as BROWSERBASE_PREFIX
from simulators.browserbase import Browserbase
from simulators.close.provider import PREFIX as CLOSE_PREFIX
from simulators.close.provider import Close
from simulators.config import SimulatorConfig
from simulators.faults import parse_faults
from simulators.flow import end_dropped
from simulators.linkedin import PREFIX as LINKEDIN_PREFIX
from simulators.linkedin import LinkedIn
from simulators.simulation import Simulation
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.rate_limit import RateLimiter
from storage.shared.state import SharedState

START = 1_790_000_000.0


class TestClock:
    """Seconds since the epoch; sleeping moves it on at once."""

    __test__ = False

    def __init__(self, now: float = START) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def rim(self) -> Rim:
        return Rim(clock=self, monotonic=self, sleep=self.sleep, chance=lambda: 0.0)


class CrmWorld:
    """One organisation at each vendor, one process of ours."""

    def __init__(self, simulation: Simulation, clock: TestClock) -> None:
        self.simulation = simulation
        self.clock = clock
        self.close = Close(simulation, clock)
        self.apollo = Apollo(simulation, clock)
        self.linkedin = LinkedIn(simulation, clock)
        self.browserbase = Browserbase(simulation, clock)
        self.url = ""
        self.adapter: HttpAdapter
        self.reports: list[CallReport] = []
        self.redis = fakeredis.FakeAsyncRedis()
        self.shared = SharedState(self.redis)
        self.limiter = RateLimiter(self.shared, clock=clock)
        self.breaker = CircuitBreaker(self.shared, clock=clock)

    def faults(self, text: str) -> None:
        """Set exactly these switches; see ``simulators.faults``."""
        self.simulation.faults.replace(parse_faults(text))

    def client(self, dialect: Dialect, prefix: str, authorization: Authorization, **options: Any) -> ApiClient:
        return ApiClient(
            dialect,
            base_url=f"{self.url}{prefix}",
            transport=self.adapter,
            authorization=authorization,
            limiter=self.limiter,
            breaker=self.breaker,
            rim=self.clock.rim,
            report=self.reports.append,
            **options,
        )

    def close_client(self, key: str = "simulated-close-key") -> ApiClient:
        return self.client(CloseDialect(), CLOSE_PREFIX, FixedAuthorization(basic_user(key)))

    def close_provider(self, **options: Any) -> CloseProvider:
        return CloseProvider(self.close_client(), **options)

    def apollo_client(self, key: str = "simulated-apollo-key") -> ApiClient:
        return self.client(ApolloDialect(), APOLLO_PREFIX, FixedAuthorization((("x-api-key", key),)))

    def apollo_provider(self, **options: Any) -> ApolloProvider:
        return ApolloProvider(self.apollo_client(), **options)

    def linkedin_base(self) -> str:
        return f"{self.url}{LINKEDIN_PREFIX}"

    def requests_to(self, vendor: str) -> list[str]:
        """Method and path of what the vendor saw, in order."""
        return [f"{seen['method']} {seen['path']}" for seen in self.simulation.seen[vendor].requests]


PREFIXES = {"close": CLOSE_PREFIX, "apollo": APOLLO_PREFIX, "browserbase": BROWSERBASE_PREFIX}


@asynccontextmanager
async def running_world(clock: TestClock | None = None) -> AsyncIterator[CrmWorld]:
    kinds = (Close, Apollo, LinkedIn, Browserbase)
    delays = {name: value for kind in kinds for name, value in kind.delays.items()}
    world = CrmWorld(Simulation(SimulatorConfig(), delays), clock or TestClock())
    app = web.Application(middlewares=[end_dropped])
    for vendor in (world.close, world.apollo, world.linkedin, world.browserbase):
        app.add_routes(vendor.routes())
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    world.adapter = HttpAdapter()
    try:
        yield world
    finally:
        await world.adapter.aclose()
        await runner.cleanup()
        await world.redis.aclose()
