"""Runs the server: binds, starts, says where it is, and on SIGTERM drains before it stops.

Imports nothing heavy by name, for the reason that ``startup`` gives.
"""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent_server.capacity.open_files import raise_open_files
from agent_server.engines.starting import start_engines
from agent_server.parts import StartError
from agent_server.settings import ProcessSettings, Settings
from agent_server.settings.process import server_address
from agent_server.startup import StartEngines, check_exposure, running_services
from agent_server.stores.first_key import FILE_NAME
from agent_server.telemetry.logging import configure_logging

if TYPE_CHECKING:
    from agent_server.services import Services
    from agent_server.web.http_server import HttpRunner

log = logging.getLogger(__name__)

SHUTDOWN_TIMEOUT_S = 3.0
"""For answers under way once the conversations have ended; clients that are gone without a word cost it twice."""

BACKLOG = 512
_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""``localhost`` has an IPv6 address also where the machine has no IPv6."""

READY = "Sales agent is ready"
"""What a server that takes calls says first; its address follows."""


def run_server(settings: Settings, *, start_engines: StartEngines = start_engines) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises SettingsError, StartError, StorageError or an engine's error."""
    import uvloop  # noqa: PLC0415 - only here

    configure_logging(settings.process.log_level, settings.process.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, start_engines=start_engines))


async def serve(
    settings: Settings,
    *,
    start_engines: StartEngines = start_engines,
    announce: Callable[[str], None] | None = None,
    reuse_port: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal stops at once.

    ``announce`` is given the lines meant for whoever started it: the address, and a key made just now.
    """
    process = settings.process
    announce = announce or _print
    for warning in settings.warnings:
        log.warning(warning)
    check_exposure(process)
    raise_open_files()
    sockets = bind(process.host, process.port, reuse_port=reuse_port)
    stop = _Signals()
    gc.disable()  # all that is made while starting stays: looking through it ten times costs a fifth of a second
    try:
        async with (
            running_services(
                settings, start_engines=start_engines, on_new_key=lambda key: announce(_key_line(process, key))
            ) as services,
            listening(services, sockets) as runner,
            services.agent_service.warming(is_busy=lambda: services.admission.active > 0),
        ):
            # What is there now stays: a full collection that looked at it would silence every caller for 50 to 100 ms.
            gc.freeze()
            # Small rounds, so that none holds up a frame; a full one for every 100,000 objects that came and stayed,
            # which is over (in about 100 ms) before the audio that callers have ahead is: three hundred calls leave as
            # many, in circles of libraries and of the core's parts.
            gc.set_threshold(1000, 5, 20)
            gc.enable()
            announce(f"{READY}: {page_url(process, sockets[0].getsockname()[1])}")
            await stop.first.wait()
            if not await _drain(services, process.drain_seconds, stop.second):
                runner.hurry()
    finally:
        gc.enable()
        stop.forget()
        for bound in sockets:
            bound.close()


@asynccontextmanager
async def listening(
    services: "Services", sockets: list[socket.socket], *, dist: Path | None = None
) -> "AsyncIterator[HttpRunner]":
    """Answer requests on bound sockets until the block ends; then answers under way may finish.

    ``dist``: the built web client, if it is not where it is built.
    """
    from aiohttp import web  # noqa: PLC0415 - loaded by now, see startup

    from agent_server.app import make_app  # noqa: PLC0415
    from agent_server.web.doorstep import THIS_MACHINE, DoorstepLimits  # noqa: PLC0415
    from agent_server.web.http_server import HttpRunner  # noqa: PLC0415

    process = services.settings.process
    limits = DoorstepLimits(
        process.connections_per_address,
        process.first_request_seconds,
        (*THIS_MACHINE, *map(ip_network, process.trusted_proxies)),
    )
    runner = HttpRunner(make_app(services, dist=dist), shutdown_timeout_s=SHUTDOWN_TIMEOUT_S, limits=limits)
    await runner.setup()
    try:
        for bound in sockets:
            await web.SockSite(runner, bound, backlog=BACKLOG).start()
        yield runner
    finally:
        services.admission.ending.set()
        await runner.cleanup()


def bind(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """Bound sockets, not listening yet, so that nobody is let in before the server is ready. Raises StartError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise StartError("host_unknown", f"HOST={host} is no address of this machine.") from error
    sockets: list[socket.socket] = []
    failure = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    for family, _, _, _, address in dict.fromkeys(found):
        # Port 0: the first address gets a free one, the host's others the same.
        wanted = port or (sockets[0].getsockname()[1] if sockets else 0)
        try:
            sockets.append(_bound(family, (address[0], wanted, *address[2:]), reuse_port=reuse_port))
        except OSError as error:
            failure = error
            if error.errno not in _NO_SUCH_ADDRESS:
                break
    else:
        if sockets:
            return sockets
    for bound in sockets:
        bound.close()
    advice = (
        "No address of this machine; set HOST."
        if failure.errno in _NO_SUCH_ADDRESS
        else "Another program may have it; set PORT."
    )
    message = f"Port {port} of {host} cannot be used ({failure.strerror}). {advice}"
    raise StartError("port_unavailable", message) from failure


def page_url(process: ProcessSettings, port: int) -> str:
    """The page to open first."""
    if process.public_url is not None:
        return f"{process.public_url}/talk"
    return f"{server_address(process.host, port)}/talk"


def _bound(family: int, address: tuple[Any, ...], *, reuse_port: bool) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


class _Signals:
    """SIGTERM and SIGINT as events: the first asks to stop, the second to stop at once."""

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_signal)

    def forget(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.remove_signal_handler(number)

    def _on_signal(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


async def _drain(services: "Services", timeout_s: float, at_once: asyncio.Event) -> bool:
    """False: a second signal cut it short."""
    admission = services.admission
    log.info("draining", extra={"fields": {"conversations": admission.active, "timeout_s": timeout_s}})
    drained = asyncio.create_task(admission.drained(timeout_s), name="drain")
    hurried = asyncio.create_task(at_once.wait(), name="second signal")
    await asyncio.wait({drained, hurried}, return_when=asyncio.FIRST_COMPLETED)
    for task in (drained, hurried):
        task.cancel()
    await asyncio.wait({drained, hurried})
    log.info("stopping", extra={"fields": {"conversations": admission.active}})
    return not at_once.is_set()


def _key_line(process: ProcessSettings, key: str) -> str:
    return f"API key of this machine (kept in {process.data_dir / FILE_NAME}, shown this once): {key}"


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
