"""The program as a process of its own, as a shell starts it, or within the test, which is half a second faster."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from typer.testing import CliRunner

from agent_server.cli.program import program

DEADLINE_S = 60.0
# Nothing of the machine's own settings reaches the program, so that a test means the same everywhere.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


class Result(Struct):
    code: int
    out: str
    err: str

    def events(self) -> list[dict[str, Any]]:
        """The lines of ``--json``."""
        return [msgspec.json.decode(line) for line in self.out.splitlines()]


async def start(*arguments: str, cwd: Path, **environment: str) -> Process:
    """Start ``python -m agent_server`` in ``cwd``; environment variables may be added."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_server", *arguments),
        cwd=cwd,
        env={**inherited, "COLUMNS": "200", **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def result_of(process: Process) -> Result:
    """Wait for its end. Kills it past the deadline, which fails the test."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Result(process.returncode, out.decode(), err.decode())


async def run(*arguments: str, cwd: Path, **environment: str) -> Result:
    return await result_of(await start(*arguments, cwd=cwd, **environment))


async def invoke(*arguments: str, cwd: Path, **environment: str) -> Result:
    """Run the program in a thread of the test's own process, for commands that take no signals."""
    hidden = {name: None for name in os.environ if name not in _INHERITED}
    with contextlib.chdir(cwd):
        result = await asyncio.to_thread(
            CliRunner().invoke, program, list(arguments), env={**hidden, "COLUMNS": "200", **environment}
        )
    return Result(result.exit_code, result.stdout, result.stderr)
