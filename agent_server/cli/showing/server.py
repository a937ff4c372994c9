"""The demo's server: a process of its own, which ends with this one however that ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from agent_server.cli.outcome import CommandError
from agent_server.cli.workers.process import WorkerProcess

READY_S: Final = 60.0
STOP_S: Final = 20.0
LOG_FILE: Final = "server.log"
_TOLD_LINES: Final = 3


@asynccontextmanager
async def running_server(
    settings: Mapping[str, str], environment: Mapping[str, str], data_dir: Path
) -> AsyncIterator[WorkerProcess]:
    """Serves when the block begins, and is gone when it ends. Its directory is the demo's own, where no ``.env`` of an
    installation lies. Raises CommandError, StartError."""
    log = data_dir / LOG_FILE
    with log.open("ab") as errors:
        server = await WorkerProcess.start(settings, environment, directory=data_dir, errors=errors)
    try:
        if not await server.ready(READY_S):
            last = "; ".join(await asyncio.to_thread(_last_lines, log))
            raise CommandError(f"The server does not start ({last}); {log} has all of it.")
        yield server
    finally:
        server.signal_stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await server.wait()
        await server.kill()


def _last_lines(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix("error: ") for line in lines if line.strip()][-_TOLD_LINES:]
