"""What conversations cost and how fast they are answered, at the caller's ear; the bare relay beside it.

The server is the real one as ``sales-agent serve`` starts it, everything on: voice activity, intent, storage, metrics;
its providers are Deepgram Flux, Cerebras and Cartesia, simulated over their true protocols with fixed delays
(``stage``). Callers speak 2.6 s of real speech and hear replies of about 8 s; the third utterance
interrupts, and every second after it. The server has one core; simulators, callers and the database share another.
``relay`` makes the same provider calls with no feature at all: ratios to it can be read on any machine.

``added``: response latency less what the delays make unavoidable. ``stop``: from the first audible sample of an
interruption to the last audible one of the agent, for a plain client. ``gaps``: silences within replies. ``agree``:
share of turns whose latency as the server reports it is within 20 ms of the caller's. ``cpu``: processor seconds a
call-minute. ``refused``: the server said that it is busy, as it is to do before those it has get slower. ``late``:
worst delay of the callers' own frames; past some 15 ms the callers are what is measured.

    python tests/benchmarks/bench_conversations.py                      # a few minutes
    python tests/benchmarks/bench_conversations.py --full --json bench-results/conversations.json
"""

import argparse
import asyncio
import os
import tempfile
import time
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import stage
from calling import Called, Plan
from capacity import Measured, Report, Result, memory_slope, plot, print_row, print_summary, print_titles, summary
from conditions import conditions
from result_file import result_file

CYCLE_S = 11.5
"""One utterance and the reply to it."""

INTERRUPT_EVERY = 2
FULL = "1,10,20,50,60,100,150,200"


def loop_lag(server: stage.Server) -> tuple[float, float]:
    """Sum of seconds and number of the server's own measurements of its event loop."""
    if server.name != "product":
        return 0.0, 0.0
    request = urllib.request.Request(
        server.url.replace("/v1/realtime", "/metrics"), headers={"Authorization": f"Bearer {stage.KEY}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = dict(line.split() for line in lines if line.startswith("sales_agent_event_loop_lag_seconds_"))
    return tuple(float(found[f"sales_agent_event_loop_lag_seconds_{what}"]) for what in ("sum", "count"))  # type: ignore[return-value]


def core_busy_s(core: int) -> float:
    """Seconds a core has worked."""
    fields = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith(f"cpu{core} "))
    user, nice, system, _idle, _iowait, irq, softirq, *_ = (float(value) for value in fields.split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


async def measure(
    server: stage.Server, directory: Path, core: stage.Cores, calls: int, turns: int
) -> tuple[Called, Measured]:
    """Callers begin spread over one turn, as they would in life: not all speak in the same moment."""
    spread_s = CYCLE_S if calls > 1 else 0.0
    plan = Plan(server.url, stage.KEY, calls, turns, interrupt_every=INTERRUPT_EVERY, spread_s=spread_s)
    before_mb = await asyncio.to_thread(server.memory_mb)
    lag_sum, lag_count = await asyncio.to_thread(loop_lag, server)
    cpu, busy, began = server.cpu_s(), core_busy_s(core.others), time.perf_counter()
    calling = asyncio.create_task(stage.called(plan, directory, core.others, spread_s + turns * CYCLE_S))
    peak_mb = before_mb
    while not calling.done():
        await asyncio.wait({calling}, timeout=5.0)
        peak_mb = max(peak_mb, await asyncio.to_thread(server.memory_mb))
    wall_s = time.perf_counter() - began
    cpu_s, busy_s = server.cpu_s() - cpu, core_busy_s(core.others) - busy
    lag_end, count_end = await asyncio.to_thread(loop_lag, server)
    lag_ms = 1000 * (lag_end - lag_sum) / max(1.0, count_end - lag_count)
    return calling.result(), Measured(cpu_s, wall_s, before_mb, peak_mb, lag_ms, busy_s / wall_s)


async def run(counts: list[int], relay_counts: list[int], turns: int) -> Report:
    core = stage.cores()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        async with stage.simulators(directory, core.others) as settings:
            async with stage.product(directory, settings, core.server, core.others) as server:
                first_start_s = server.ready_s  # makes the database
            async with AsyncExitStack() as stack:
                product = await stack.enter_async_context(stage.product(directory, settings, core.server, core.others))
                first_mb = product.memory_mb()
                relay = await stack.enter_async_context(stage.relay(directory, settings, core.server))
                for server in (product, relay):  # connections, code loaded late
                    await stage.called(Plan(server.url, stage.KEY, 2, 1), directory, core.others, CYCLE_S)
                print_titles()
                for calls in counts:
                    for server in (product, relay):
                        if server is relay and calls not in relay_counts:
                            continue
                        results.append(
                            summary(server.name, calls, *await measure(server, directory, core, calls, turns))
                        )
                        print_row(results[-1])
                for line in product.log.read_text().splitlines()[-5:]:
                    print("server:", line)
    return Report(
        conditions=conditions(),
        unavoidable_ms=stage.UNAVOIDABLE_MS,
        first_start_s=round(first_start_s, 2),
        ready_s=round(product.ready_s, 2),
        relay_ready_s=round(relay.ready_s, 2),
        first_process_mb=round(first_mb, 1),
        mb_per_call=memory_slope([result for result in results if result.server == "product"]),
        results=results,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", default="1,60", help="how many at once")
    arguments.add_argument("--relay-calls", help="where the relay is measured too; default: everywhere")
    arguments.add_argument("--turns", type=int, default=3, help="utterances of each call; from 3 on some interrupt")
    arguments.add_argument("--full", action="store_true", help=f"up to saturation: {FULL}, four utterances each")
    arguments.add_argument("--json", type=result_file, help="result; a plot goes beside it")
    given = arguments.parse_args()
    counts = [int(calls) for calls in (FULL if given.full else given.calls).split(",")]
    relay_counts = (
        counts if given.relay_calls is None else [int(calls) for calls in given.relay_calls.split(",") if calls]
    )
    print(conditions())
    report = asyncio.run(run(counts, relay_counts, 4 if given.full else given.turns))
    print_summary(report)
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
        plot(report, given.json.with_suffix(".png"))


if __name__ == "__main__":
    main()
