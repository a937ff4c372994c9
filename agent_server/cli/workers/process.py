"""One process that serves, as its parent sees it."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import msgspec

from agent_server.parts import StartError
from agent_server.server import READY


class WorkerProcess:
    """Start it with ``start``; ``kill`` it in any case, which does nothing to one that has ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        overrides: Mapping[str, str],
        environment: Mapping[str, str],
        *,
        directory: Path | None = None,
        errors: IO[bytes] | None = None,
    ) -> Self:
        """``overrides``: settings by variable that win over the environment · ``directory``: where it looks for its
        ``.env`` · ``errors``: where its log goes. None: as for this process. Raises StartError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agent_server.cli.workers.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment,
                cwd=directory,
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
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while line := await self._process.stdout.readline():
                    if line.startswith(READY.encode()):
                        return True
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
