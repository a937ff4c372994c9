"""One process that serves, as its parent sees it."""

import asyncio
import os
import sys
from contextlib import suppress
from typing import Self

import msgspec

from agent_server.parts import StartError
from agent_server.telemetry.metrics import SHARED_DIRECTORY


class WorkerProcess:
    """Start it with ``start``; ``kill`` it in any case, which does nothing to one that has ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, overrides: dict[str, str], figures: str) -> Self:
        """``overrides``: settings by variable that win over the environment. ``figures``: the directory where the
        processes keep what they count for Prometheus. Raises StartError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agent_server.cli.workers.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, SHARED_DIRECTORY: figures},
                start_new_session=True,  # the terminal's Ctrl-C is for the parent, which tells its processes
            )
        except OSError as error:
            raise StartError("worker_start_failed", f"A process could not be started: {error.strerror}.") from error
        worker = cls(process)
        assert process.stdin is not None
        # Not in the environment or the arguments: the database's address may hold a password.
        process.stdin.write(msgspec.json.encode(overrides) + b"\n")
        with suppress(ConnectionError):
            await process.stdin.drain()
        return worker

    async def ready(self, timeout_s: float) -> bool:
        """Whether it says within this time that it serves."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                return bool(await self._process.stdout.readline())
        except TimeoutError:
            return False

    async def wait(self) -> int:
        """Its exit code, negative for a signal."""
        return await self._process.wait()

    def signal_stop(self) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()

    def signal_kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def kill(self) -> None:
        if self._process.returncode is None:
            self.signal_kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
