"""What conversations leave behind: memory over thousands of short ones, one after the other on many lines.

Each caller connects, speaks 2.6 s, hears the reply begin and hangs up in the middle of it, which leaves the most to be
cleaned up: a recogniser's socket, a voice's context, a reply half sent, items half written. The first half warms up;
the slope is that of the rest.

    python tests/benchmarks/bench_soak.py
    python tests/benchmarks/bench_soak.py --conversations 20000 --json bench-results/soak.json
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import stage
from calling import Plan
from conditions import Conditions, conditions
from msgspec import Struct
from result_file import result_file

CONVERSATION_S = 4.2
SAMPLE_EVERY_S = 2.0
WARM_UP = 0.5


class Result(Struct):
    """``slope``: megabytes a thousand conversations."""

    conditions: Conditions
    conversations: int
    failed: int
    seconds: float
    first_mb: float
    last_mb: float
    slope_mb_per_1000: float
    open_files: int
    open_files_after: int
    threads: int
    threads_after: int
    errors: list[str]
    samples: list[tuple[float, float]]


async def run(conversations: int, lines: int) -> Result:
    core = stage.cores()
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        async with (
            stage.simulators(directory, core.others) as settings,
            stage.product(directory, settings, core.server, core.others) as server,
        ):
            rounds = -(-conversations // lines)
            await stage.called(Plan(server.url, stage.KEY, 2, 1, brief=True), directory, core.others, CONVERSATION_S)
            files, threads = server.process.num_fds(), server.process.num_threads()
            plan = Plan(server.url, stage.KEY, lines, 1, spread_s=CONVERSATION_S, rounds=rounds, brief=True)
            began = time.perf_counter()
            calling = asyncio.create_task(stage.called(plan, directory, core.others, CONVERSATION_S * (rounds + 1) * 2))
            samples: list[tuple[float, float]] = []
            while not calling.done():
                samples.append((time.perf_counter() - began, await asyncio.to_thread(server.memory_mb)))
                await asyncio.wait({calling}, timeout=SAMPLE_EVERY_S)
            seconds = time.perf_counter() - began
            figures = calling.result().callers
            await asyncio.sleep(SAMPLE_EVERY_S)
            kept = [(at_s, mb) for at_s, mb in samples if at_s > WARM_UP * seconds]
            for line in server.log.read_text().splitlines()[-5:]:
                print("server:", line)
            slope, _ = np.polyfit([at_s for at_s, _ in kept], [mb for _, mb in kept], 1)
            return Result(
                conditions=conditions(),
                conversations=len(figures),
                failed=sum(caller.failed_turns for caller in figures),
                seconds=round(seconds, 1),
                first_mb=round(kept[0][1], 1),
                last_mb=round(server.memory_mb(), 1),
                slope_mb_per_1000=round(float(slope) * seconds / len(figures) * 1000, 2),
                open_files=files,
                open_files_after=server.process.num_fds(),
                threads=threads,
                threads_after=server.process.num_threads(),
                errors=sorted({error for caller in figures for error in caller.errors}),
                samples=[(round(at_s, 1), round(mb, 2)) for at_s, mb in samples],
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--conversations", type=int, default=1000)
    arguments.add_argument("--lines", type=int, default=40, help="conversations at once")
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    print(conditions())
    result = asyncio.run(run(given.conversations, given.lines))
    print(
        f"{result.conversations} conversations in {result.seconds} s, {result.failed} failed {result.errors or ''}\n"
        f"memory {result.first_mb} MB after the warm-up, {result.last_mb} MB at the end: "
        f"{result.slope_mb_per_1000} MB a thousand conversations\n"
        f"open files {result.open_files} -> {result.open_files_after}, "
        f"threads {result.threads} -> {result.threads_after}"
    )
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
