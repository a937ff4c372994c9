"""What conversations cost and how fast they are answered, at the caller's ear; the bare relay beside it.

The server is the real one as ``sales-agent serve`` starts it, everything on: voice activity, intent, storage, metrics;
its providers are Deepgram Flux, Cerebras and Cartesia, simulated over their true protocols with fixed delays
(``stage``). Callers speak 2.6 s of real speech and hear replies of about 8 s; every third utterance interrupts. The
server has one core; simulators, callers and the database share another. ``relay`` makes the same provider calls with
no feature at all: ratios to it can be read on any machine.

``added``: response latency less what the delays make unavoidable. ``stop``: from the first audible sample of an
interruption to the last audible one of the agent, for a plain client. ``gaps``: silences within replies. ``agree``:
share of turns whose latency as the server reports it is within 20 ms of the caller's. ``cpu``: processor seconds a
call-minute. ``late``: worst delay of the callers' own frames; past some 15 ms the callers are what is measured.

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
import numpy as np
import stage
from calling import Called, Plan
from conditions import Conditions, conditions
from msgspec import Struct

CYCLE_S = 11.5
"""One utterance and the reply to it."""

AGREE_MS = 20.0
FULL = "1,10,20,50,60,100,150,200"
STAGES = ("model_start_ms", "first_token_ms", "first_audio_ms", "turn_end_ms")


class Result(Struct):
    """One server at one number of calls. ``stages``: medians, counted from the end of the caller's speech as the
    server saw it. ``loop_lag_ms``: mean of the server's own measurements."""

    server: str
    calls: int
    turns: int
    failed: int
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    added_p50_ms: float
    added_p95_ms: float
    stop_p50_ms: float
    stop_p95_ms: float
    gaps: int
    agree_percent: float
    cpu_s_per_call_minute: float
    cpu_percent: float
    memory_mb: float
    mb_per_call: float
    loop_lag_ms: float
    others_cpu_percent: float
    callers_late_ms: float
    stages: dict[str, float]
    errors: list[str]


class Report(Struct):
    conditions: Conditions
    unavoidable_ms: float
    first_start_s: float
    ready_s: float
    relay_ready_s: float
    first_process_mb: float
    mb_per_call: float | None
    results: list[Result]


class Measured(Struct):
    """What was sampled around the calls."""

    cpu_s: float
    wall_s: float
    before_mb: float
    peak_mb: float
    loop_lag_ms: float
    others_busy: float


def percentile(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1) if values else float("nan")


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
    plan = Plan(server.url, stage.KEY, calls, turns, interrupt_every=3, spread_s=spread_s)
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


def summary(server: str, calls: int, called: Called, seen: Measured) -> Result:
    turns = [turn for caller in called.callers for turn in caller.turns]
    latencies = [turn.latency_ms for turn in turns]
    added = [latency - stage.UNAVOIDABLE_MS for latency in latencies]
    stops = [stop for caller in called.callers for stop in caller.stop_ms]
    off = [abs(turn.latency_ms - turn.reported_ms) for turn in turns if turn.reported_ms is not None]
    minutes = sum(caller.seconds for caller in called.callers) / 60
    stages = {name: [turn.stages[name] for turn in turns if name in turn.stages] for name in STAGES}
    return Result(
        server=server,
        calls=calls,
        turns=len(turns),
        failed=sum(caller.failed_turns for caller in called.callers),
        latency_p50_ms=percentile(latencies, 50),
        latency_p95_ms=percentile(latencies, 95),
        latency_p99_ms=percentile(latencies, 99),
        added_p50_ms=percentile(added, 50),
        added_p95_ms=percentile(added, 95),
        stop_p50_ms=percentile(stops, 50),
        stop_p95_ms=percentile(stops, 95),
        gaps=sum(len(caller.gaps_ms) for caller in called.callers),
        agree_percent=round(100 * sum(value <= AGREE_MS for value in off) / len(off), 1) if off else float("nan"),
        cpu_s_per_call_minute=round(seen.cpu_s / minutes, 3) if minutes else float("nan"),
        cpu_percent=round(100 * seen.cpu_s / seen.wall_s, 1),
        memory_mb=round(seen.peak_mb, 1),
        mb_per_call=round((seen.peak_mb - seen.before_mb) / calls, 2),
        loop_lag_ms=round(seen.loop_lag_ms, 2),
        others_cpu_percent=round(100 * seen.others_busy, 1),
        callers_late_ms=round(max(caller.late_ms for caller in called.callers), 1),
        stages={name: percentile(values, 50) for name, values in stages.items() if values},
        errors=sorted({error for caller in called.callers for error in caller.errors}),
    )


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


def memory_slope(results: list[Result]) -> float | None:
    """Megabytes a call from the least to the most calls; what is allocated once for good is in neither."""
    if len(results) < 2:
        return None
    slope, _ = np.polyfit([result.calls for result in results], [result.memory_mb for result in results], 1)
    return round(float(slope), 3)


COLUMNS = (
    ("server", "server", 8),
    ("calls", "calls", 6),
    ("turns", "turns", 6),
    ("failed", "failed", 7),
    ("latency_p50_ms", "p50", 8),
    ("latency_p95_ms", "p95", 8),
    ("latency_p99_ms", "p99", 8),
    ("added_p50_ms", "add50", 7),
    ("added_p95_ms", "add95", 7),
    ("stop_p50_ms", "stop50", 7),
    ("stop_p95_ms", "stop95", 7),
    ("gaps", "gaps", 6),
    ("agree_percent", "agree%", 7),
    ("cpu_s_per_call_minute", "cpu", 7),
    ("cpu_percent", "core%", 7),
    ("loop_lag_ms", "lag", 6),
    ("memory_mb", "MB", 7),
    ("callers_late_ms", "late", 6),
    ("others_cpu_percent", "other%", 7),
)


def print_titles() -> None:
    print("".join(f"{title:>{width}}" for _, title, width in COLUMNS), flush=True)


def print_row(result: Result) -> None:
    print("".join(f"{getattr(result, name):>{width}}" for name, _, width in COLUMNS), *result.errors, flush=True)


def print_summary(report: Report) -> None:
    print(f"unavoidable with these delays: {report.unavoidable_ms:.0f} ms")
    print(
        f"ready in {report.ready_s} s (new database: {report.first_start_s}; the relay: {report.relay_ready_s}); "
        f"first process {report.first_process_mb} MB; a call {report.mb_per_call} MB"
    )
    by_server = {(result.server, result.calls): result for result in report.results}
    for result in report.results:
        floor = by_server.get(("relay", result.calls))
        if result.server == "product":
            told = ", ".join(f"{name.removesuffix('_ms')} {value:.0f}" for name, value in result.stages.items())
            ratio = result.cpu_s_per_call_minute / floor.cpu_s_per_call_minute if floor else float("nan")
            print(f"{result.calls} calls: {ratio:.2f} times the relay's cpu; ms after the caller's last sound: {told}")


def plot(report: Report, path: Path) -> None:
    """The capacity curve: latency and load over the number of calls."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (latency, load) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for name, colour in (("product", "tab:blue"), ("relay", "tab:grey")):
        rows = [result for result in report.results if result.server == name]
        calls = [row.calls for row in rows]
        for percent, style in ((50, "-"), (95, "--"), (99, ":")):
            values = [getattr(row, f"latency_p{percent}_ms") for row in rows]
            latency.plot(calls, values, style, color=colour, marker="o", markersize=3, label=f"{name} p{percent}")
        load.plot(calls, [row.cpu_percent for row in rows], color=colour, marker="o", markersize=3, label=name)
    latency.axhline(report.unavoidable_ms, color="tab:red", linewidth=0.8, label="providers' delays")
    latency.set(xlabel="calls at once", ylabel="end of speech to first audible reply, ms")
    load.set(xlabel="calls at once", ylabel="load of the server's core, %", ylim=(0, 105))
    latency.legend(fontsize=7)
    load.legend(fontsize=7)
    figure.suptitle(f"{report.conditions.processor}, one core; commit {report.conditions.commit}", fontsize=9)
    figure.savefig(path, dpi=120)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", default="1,20,60", help="how many at once")
    arguments.add_argument("--relay-calls", help="where the relay is measured too; default: everywhere")
    arguments.add_argument("--turns", type=int, default=2, help="utterances of each call; from 4 on some interrupt")
    arguments.add_argument("--full", action="store_true", help=f"up to saturation: {FULL}, four utterances each")
    arguments.add_argument("--json", type=Path, help="result; a plot goes beside it")
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
