"""How soon a server takes calls, what it weighs then, and whether its first call is slower than its tenth.

python tests/benchmarks/bench_start.py --starts 5 --json bench-results/start.json
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

import msgspec
import stage
from calling import Plan
from conditions import Conditions, conditions
from msgspec import Struct
from result_file import result_file

CALL_S = 4.2


class Result(Struct):
    """Seconds from the start of the program; ``call_ms``: response latency of each call after the last start."""

    conditions: Conditions
    new_database_s: float
    ready_s: list[float]
    memory_mb: float
    call_ms: list[float]


async def run(starts: int, calls: int) -> Result:
    core = stage.cores()
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        ready: list[float] = []
        latencies: list[float] = []
        async with stage.simulators(directory, core.others) as settings:
            for number in range(starts + 1):
                async with stage.product(directory, settings, core.server, core.others) as server:
                    ready.append(round(server.ready_s, 2))
                    memory_mb = server.memory_mb()
                    if number == starts:
                        plan = Plan(server.url, stage.KEY, 1, 1, rounds=calls, brief=True)
                        called = await stage.called(plan, directory, core.others, calls * CALL_S)
                        latencies = [round(turn.latency_ms, 1) for caller in called.callers for turn in caller.turns]
    return Result(conditions(), ready[0], ready[1:], round(memory_mb, 1), latencies)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--starts", type=int, default=5)
    arguments.add_argument("--calls", type=int, default=10)
    arguments.add_argument("--json", type=result_file)
    given = arguments.parse_args()
    print(conditions())
    result = asyncio.run(run(given.starts, given.calls))
    print(f"ready in {statistics.median(result.ready_s)} s (median of {result.ready_s}), {result.memory_mb} MB")
    print(f"with a new database {result.new_database_s} s")
    print(f"calls one after the other, ms to the reply: {result.call_ms}")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
