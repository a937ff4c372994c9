"""The demo's server: a process of its own, which ends with this one however that ends."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from agent_server.cli.outcome import CommandError

READY_S: Final = 60.0
STOP_S: Final = 20.0
LOG_FILE: Final = "server.log"
_TOLD_LINES: Final = 3


@asynccontextmanager
async def running_server(
    settings: Mapping[str, str], environment: Mapping[str, str], data_dir: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Serves when the block begins, and is gone when it ends. Its directory is the demo's own, where no ``.env`` of an
    installation lies. Raises CommandError."""
    log = data_dir / LOG_FILE
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent_server.cli.workers.worker"),
            stdin=asyncio.subprocess.PIPE,  # open for as long as this process lives
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
            cwd=data_dir,
            start_new_session=True,  # the terminal's Ctrl-C is for this process
        )
    try:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(settings) + b"\n")
        with suppress(ConnectionError):
            await process.stdin.drain()
        await _ready(process, log)
        yield process
    finally:
        await _stop(process)


async def _ready(process: asyncio.subprocess.Process, log: Path) -> None:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S):
            while line := await process.stdout.readline():
                if line.startswith(b"Sales agent is ready"):
                    return
    except TimeoutError:
        raise CommandError(f"The server does not get ready within {READY_S:.0f} s; {log} says why.") from None
    last = "; ".join(await asyncio.to_thread(_last_lines, log))
    raise CommandError(f"The server ended before it was ready ({last}); {log} has all of it.")


def _last_lines(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix("error: ") for line in lines if line.strip()][-_TOLD_LINES:]


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    if process.stdin is not None:
        process.stdin.close()
