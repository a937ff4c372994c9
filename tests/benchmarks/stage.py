"""The processes of a benchmark, each on its core: simulated providers, the server that is measured, its callers.

The server has a core of its own; everything else shares another. Delays are those of the project's budgets, so that
figures compare from one machine and one month to the next.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import psutil
from calling import Called, Plan
from msgspec import Struct

KEY = "sk_bench_conversations_0123456789"
HERE = Path(__file__).parent
PYTHON = Path(sys.executable)
SALES_AGENT = PYTHON.with_name("sales-agent")

EAGER_MS = 150.0
END_MS = 350.0
FIRST_TOKEN_MS = 150.0
TOKENS_PER_S = 400.0
FIRST_AUDIO_MS = 60.0
DELAYS = {
    "deepgram-flux.start_ms": 200.0,
    "deepgram-flux.eager_ms": EAGER_MS,
    "deepgram-flux.end_ms": END_MS,
    "cerebras.first_token_ms": FIRST_TOKEN_MS,
    "cerebras.tokens_per_s": TOKENS_PER_S,
    "cartesia-tts.first_audio_ms": FIRST_AUDIO_MS,
    "cartesia-tts.realtime_factor": 5.0,
}
FRAME_MS = 20.0
UNAVOIDABLE_MS = -(-EAGER_MS // FRAME_MS) * FRAME_MS + FIRST_TOKEN_MS + FIRST_AUDIO_MS
"""The eager end of a turn is known with the frame that completes its silence; then the model, then the voice."""

REPLIES = (
    "Sure. I can help you with that. Most teams your size begin with the standard plan. How many people would use it?",
    "Good question. We usually see results within the first two weeks. Which tool are you using at the moment?",
    "Of course. It takes about a day to set everything up for you. Would next Tuesday work for a short call?",
)
"""About 8 s each, and a first clause of a word or two, as people begin: how soon a longer one is spoken is decided by
the model's speed."""

SCRIPT = {
    "script": {
        "sentences": ["What does it cost for a team of twenty people?"],
        "replies": [{"text": text} for text in REPLIES],
    }
}
_START_S = 60.0
_STOP_S = 30.0
_SLACK_S = 120.0


class Cores(Struct, frozen=True):
    server: int
    others: int


def cores() -> Cores:
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[-1])


class Server(Struct):
    """A running server. ``ready_s``: from its start to the moment it takes calls."""

    name: str
    url: str
    process: psutil.Process
    ready_s: float
    log: Path

    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_mb(self) -> float:
        """What would be free if it were gone."""
        return float(self.process.memory_full_info().uss) / 2**20


class StartFailedError(Exception):
    """A process did not come up; the message ends with its last lines."""


@asynccontextmanager
async def _process(
    command: list[str], environment: Mapping[str, str], core: int, directory: Path, log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=directory,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{HERE.parents[1]}:{HERE}", **environment},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process, pattern: str, log: Path) -> re.Match[str]:
    """The first line of its output that matches. Raises StartFailedError."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            while line := (await process.stdout.readline()).decode():
                if found := re.search(pattern, line):
                    return found
    except TimeoutError:
        pass
    raise StartFailedError(f"no line like {pattern!r}; {log.name}: {log.read_text()[-2000:]}")


@asynccontextmanager
async def simulators(directory: Path, core: int, delays: Mapping[str, float] = DELAYS) -> AsyncIterator[dict[str, str]]:
    """The simulated providers; yields the settings that point a server at them."""
    config, log = directory / "simulators.json", directory / "simulators.log"
    config.write_bytes(msgspec.json.encode(SCRIPT))
    text = ";".join(f"{name}={value:g}" for name, value in delays.items())
    command = [str(SALES_AGENT), "simulate", "--port", "0", "--config", str(config), "--delays", text]
    async with _process(command, {}, core, directory, log) as process:
        assert process.stdout is not None
        await _line(process, "^#", log)
        settings: dict[str, str] = {}
        while True:
            try:
                line = await asyncio.wait_for(process.stdout.readline(), 0.5)
            except TimeoutError:
                break
            name, _, value = line.decode().strip().partition("=")
            settings[name] = value
        wanted = ("DEEPGRAM_", "CARTESIA_", "CEREBRAS_")
        yield {name: value for name, value in settings.items() if name.startswith(wanted)}


@asynccontextmanager
async def product(directory: Path, settings: Mapping[str, str], core: int, others: int) -> AsyncIterator[Server]:
    """The real server with everything on; its database is moved to the other core."""
    log = directory / "server.log"
    environment = {
        **settings,
        "SALES_AGENT_API_KEY": KEY,
        "DATA_DIR": str(directory / "data"),
        "PORT": "0",
        "MAX_CONVERSATIONS": "1000",
        "LOG_LEVEL": "warning",
        "DRAIN_SECONDS": "1",
    }
    began = time.perf_counter()
    async with _process([str(SALES_AGENT), "serve"], environment, core, directory, log) as process:
        port = (await _line(process, r"ready: http://[^:]+:(\d+)", log))[1]
        ready_s = time.perf_counter() - began
        _move_database(directory / "data" / "postgres", others)
        yield Server("product", f"http://127.0.0.1:{port}/v1/realtime", psutil.Process(process.pid), ready_s, log)


@asynccontextmanager
async def relay(directory: Path, settings: Mapping[str, str], core: int) -> AsyncIterator[Server]:
    """The bare floor."""
    log = directory / "relay.log"
    began = time.perf_counter()
    command = [str(PYTHON), str(HERE / "bare_relay.py"), str(core)]
    async with _process(command, settings, core, directory, log) as process:
        port = (await _line(process, r"^(\d+)$", log))[1]
        ready_s = time.perf_counter() - began
        yield Server("relay", f"http://127.0.0.1:{port}/v1/realtime", psutil.Process(process.pid), ready_s, log)


def _move_database(directory: Path, core: int) -> None:
    for found in directory.rglob("postmaster.pid"):
        postmaster = psutil.Process(int(found.read_text().split()[0]))
        for process in (postmaster, *postmaster.children(recursive=True)):
            process.cpu_affinity([core])


async def called(plan: Plan, directory: Path, core: int, expected_s: float) -> Called:
    """Run calls in a process of their own. Raises StartFailedError when it breaks, TimeoutError when it hangs."""
    log = directory / "callers.log"
    command = [str(PYTHON), str(HERE / "calling.py"), msgspec.json.encode(plan).decode()]
    async with _process(command, {}, core, directory, log) as process:
        assert process.stdout is not None
        output = await asyncio.wait_for(process.stdout.read(), expected_s + _SLACK_S)
    if not output:
        raise StartFailedError(f"the callers broke: {log.read_text()[-2000:]}")
    return msgspec.json.decode(output, type=Called)
