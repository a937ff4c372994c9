"""The simulated outside world on one port: every provider over its true wire protocol.

Vendors are told apart by path, as each client library lets its base URL be set; ``RunningSimulators.settings`` are
the environment settings that point the product's server here.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from simulators.apollo import Apollo
from simulators.close.provider import Close
from simulators.company_site import CompanySite
from simulators.config import SimulatorConfig
from simulators.control import Control, explain_config_errors
from simulators.errors import ConfigError
from simulators.flow import end_dropped
from simulators.registry import PROVIDERS
from simulators.simulation import BaseUrls, Provider, Simulation
from simulators.telnyx.provider import Telnyx
from simulators.twilio.provider import Twilio

_LARGEST_BODY = 32 * 1024 * 1024
_SHUTDOWN_S = 0.5

SIMULATION = web.AppKey("simulation", Simulation)
_BUILT = web.AppKey("providers", list[Provider])


def create_app(config: SimulatorConfig) -> web.Application:
    """All providers and the control door. Raises ConfigError."""
    delays = {name: value for kind in PROVIDERS for name, value in kind.delays.items()}
    simulation = Simulation(config, delays)
    if unknown := set(config.models) - set(simulation.seen):
        raise ConfigError(f"models: unknown provider {min(unknown)!r}; there are: {', '.join(simulation.seen)}")
    app = web.Application(middlewares=[end_dropped, explain_config_errors], client_max_size=_LARGEST_BODY)
    app[SIMULATION] = simulation
    app[_BUILT] = [kind(simulation) for kind in PROVIDERS]
    app.add_routes(Control(simulation).routes())
    for provider in app[_BUILT]:
        app.add_routes(provider.routes())
        if isinstance(provider, Close):
            app.cleanup_ctx.append(provider.webhooks.running)  # tells its subscribers, as the real one does
        if isinstance(provider, Apollo):
            app.cleanup_ctx.append(provider.phones.running)
        if isinstance(provider, Twilio | Telnyx):
            app.cleanup_ctx.append(provider.running)
    return app


class RunningSimulators:
    """A served set of simulators. Close it, or use it as an asynchronous context manager."""

    def __init__(
        self,
        runner: web.AppRunner,
        simulation: Simulation,
        urls: BaseUrls,
        settings: Mapping[str, str],
        providers: list[Provider],
    ) -> None:
        self._runner = runner
        self.simulation = simulation
        """The state behind the control door, for use in the same process."""
        self.urls = urls
        self.settings = dict(settings)
        self.company_site = next(provider for provider in providers if isinstance(provider, CompanySite))
        """A company that people may be with, for use in the same process."""
        self.twilio = next(provider for provider in providers if isinstance(provider, Twilio))
        """Whom the server calls, for use in the same process."""
        self.crm = next(provider for provider in providers if isinstance(provider, Close))
        """The CRM, for use in the same process."""
        self.telnyx = next(provider for provider in providers if isinstance(provider, Telnyx))
        """Who carries calls to the server, for use in the same process."""

    @property
    def port(self) -> int:
        return int(self.urls.http.rpartition(":")[2])

    async def aclose(self) -> None:
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def start(config: SimulatorConfig, host: str = "127.0.0.1", port: int = 0) -> RunningSimulators:
    """Serve on ``host``; port 0 lets the system choose. Raises ConfigError, OSError."""
    app = create_app(config)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_S, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    urls = _reachable(host, runner.addresses[0][1])
    settings = {name: value for provider in app[_BUILT] for name, value in provider.settings(urls).items()}
    return RunningSimulators(runner, app[SIMULATION], urls, settings, app[_BUILT])


def _reachable(host: str, port: int) -> BaseUrls:
    """Addresses that a client on this machine can use, also when all interfaces are served."""
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return BaseUrls(f"http://{name}:{port}", f"ws://{name}:{port}")
