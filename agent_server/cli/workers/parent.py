"""Starts the processes that serve, keeps them alive, and stops them: the parent of ``serve --workers N``.

The parent owns what there is once: the embedded database, the schema, the machine's own key, and the port, which it
keeps bound so that nobody takes it while a process is being replaced. The kernel spreads connections over the
processes (SO_REUSEPORT).
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory

import uvloop

from agent_server.cli.workers.process import WorkerProcess
from agent_server.cli.workers.shares import conversation_shares
from agent_server.parts import StartError
from agent_server.server import SHUTDOWN_TIMEOUT_S, bind, page_url
from agent_server.settings import ProcessSettings, Settings
from agent_server.startup import check_exposure
from agent_server.stores.database_watch import keep_running
from agent_server.stores.first_key import FILE_NAME, own_key
from agent_server.telemetry.logging import configure_logging
from agent_server.telemetry.metrics import SHARED_DIRECTORY, forget_process
from pipelines.engines.restarts import RestartRules, Restarts
from storage.postgres.database import open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate

log = logging.getLogger(__name__)

READY_TIMEOUT_S = 60.0
STOP_MARGIN_S = SHUTDOWN_TIMEOUT_S + 10.0
"""Past its time to drain, what a process may take to end before it is killed."""


def run_workers(settings: Settings, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises SettingsError, StartError, StorageError."""
    configure_logging(settings.process.log_level, settings.process.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Parent(settings, workers).run())


class _Parent:
    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._shares = conversation_shares(settings.process, workers)
        self._running: dict[int, WorkerProcess] = {}
        self._stopping = asyncio.Event()
        self._signals = 0
        self._figures = TemporaryDirectory(prefix="sales-agent-figures-")

    async def run(self) -> None:
        process = self._settings.process
        check_exposure(process)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        if process.redis_url is None:
            log.warning("several processes without REDIS_URL: what one of them counts or announces stays in it")
        with self._figures:
            await self._run(process)

    async def _run(self, process: ProcessSettings) -> None:
        async with _reserved_port(process) as port, _watched_database(process) as dsn:
            await migrate(dsn)
            self._make_key()
            places = {"DATABASE_URL": dsn, "DATA_DIR": str(process.data_dir)}
            overrides = {"HOST": process.host, "PORT": str(port), **places}
            await self._serve(overrides, port)

    async def _serve(self, overrides: dict[str, str], port: int) -> None:
        """Raises StartError when a process does not get ready the first time."""
        ready = [asyncio.Event() for _ in self._shares]
        try:
            async with asyncio.TaskGroup() as tasks:
                keepers = [
                    tasks.create_task(self._keep(index, overrides, event), name=f"worker {index}")
                    for index, event in enumerate(ready)
                ]
                for event in ready:
                    await event.wait()
                if not self._stopping.is_set():
                    _say(f"Sales agent is ready: {page_url(self._settings.process, port)} ({len(keepers)} processes)")
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await asyncio.gather(*(worker.kill() for worker in self._running.values()))

    async def _keep(self, index: int, overrides: dict[str, str], ready: asyncio.Event) -> None:
        """Keep one place filled until the server stops."""
        share = self._shares[index]
        if share is not None:
            overrides = {**overrides, "MAX_CONVERSATIONS": str(share)}
        restarts = Restarts(RestartRules())
        while not self._stopping.is_set():
            lived_s, code = await self._run_one(index, overrides, ready)
            if self._stopping.is_set():
                break
            if not ready.is_set():
                raise StartError("worker_start_failed", f"A process ended with code {code} before it was ready.")
            delay_s = restarts.delay_s(lived_s)
            log.error("process %d ended with code %s; the next one starts in %.1f s", index, code, delay_s)
            await self._sleep(delay_s)
        ready.set()  # whoever waits for the start waits no longer

    async def _run_one(self, index: int, overrides: dict[str, str], ready: asyncio.Event) -> tuple[float, int]:
        """One process from start to end: how long it served, and its exit code."""
        worker = await WorkerProcess.start(overrides, {**os.environ, SHARED_DIRECTORY: self._figures.name})
        self._running[index] = worker
        served_since = None
        try:
            if self._stopping.is_set():
                worker.signal_stop()
            if await worker.ready(READY_TIMEOUT_S):
                served_since = time.monotonic()
                ready.set()
            else:
                worker.signal_kill()
            code = await worker.wait()
        finally:
            await worker.kill()
            del self._running[index]
            forget_process(worker.pid, self._figures.name)
        return (0.0 if served_since is None else time.monotonic() - served_since), code

    def _on_signal(self) -> None:
        """The first drains, the second ends every conversation at once, the third kills."""
        self._signals += 1
        self._stopping.set()
        for worker in self._running.values():
            if self._signals <= 2:
                worker.signal_stop()
            else:
                worker.signal_kill()
        if self._signals == 1:
            left_s = self._settings.process.drain_seconds + STOP_MARGIN_S
            asyncio.get_running_loop().call_later(left_s, self._kill_all)

    def _kill_all(self) -> None:
        for worker in self._running.values():
            log.error("process %d does not stop; killing it", worker.pid)
            worker.signal_kill()

    async def _sleep(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()
        except TimeoutError:
            pass

    def _make_key(self) -> None:
        process = self._settings.process
        if process.api_key is not None:
            return
        key, made = own_key(process.data_dir)
        if made:
            _say(f"API key of this machine (kept in {process.data_dir / FILE_NAME}, shown this once): {key}")


@asynccontextmanager
async def _reserved_port(process: ProcessSettings) -> AsyncIterator[int]:
    """The port, held by bound sockets that listen to nobody. Raises StartError when another program has it."""
    # Among sockets that all allow sharing, another server of this user would go unnoticed.
    _close(bind(process.host, process.port))
    sockets = bind(process.host, process.port, reuse_port=True)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        _close(sockets)


@asynccontextmanager
async def _watched_database(process: ProcessSettings) -> AsyncIterator[str]:
    """The database's address. The embedded one is started, and started again when it dies. Raises StorageError."""
    if process.database_url is not None:
        yield process.database_url
        return
    async with (
        EmbeddedPostgres(process.embedded_database) as embedded,
        await open_database(embedded.dsn, max_connections=1) as database,
    ):
        watch = asyncio.create_task(keep_running(embedded, database), name="database watch")
        try:
            yield embedded.dsn
        finally:
            watch.cancel()
            await asyncio.wait([watch])


def _close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
