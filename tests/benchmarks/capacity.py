"""What ``bench_conversations`` finds out of one server at one number of calls: figures, their table and their plot."""

from pathlib import Path

import numpy as np
import stage
from calling import Called
from conditions import Conditions
from msgspec import Struct

AGREE_MS = 20.0
STAGES = ("model_start_ms", "first_token_ms", "first_audio_ms", "turn_end_ms")


class Result(Struct):
    """One server at one number of calls, of which it ``refused`` some. ``stages``: medians, counted from the end of the
    caller's speech as the server saw it. ``loop_lag_ms``: mean of the server's own measurements."""

    server: str
    calls: int
    refused: int
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


def summary(server: str, calls: int, called: Called, seen: Measured) -> Result:
    refused = sum(caller.refused for caller in called.callers)
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
        refused=refused,
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
        mb_per_call=round((seen.peak_mb - seen.before_mb) / max(1, calls - refused), 2),
        loop_lag_ms=round(seen.loop_lag_ms, 2),
        others_cpu_percent=round(100 * seen.others_busy, 1),
        callers_late_ms=round(max(caller.late_ms for caller in called.callers), 1),
        stages={name: percentile(values, 50) for name, values in stages.items() if values},
        errors=sorted({error for caller in called.callers for error in caller.errors}),
    )


def memory_slope(results: list[Result]) -> float | None:
    """Megabytes a call from the least to the most calls; what is allocated once for good is in neither."""
    if len(results) < 2:
        return None
    taken = [result.calls - result.refused for result in results]
    slope, _ = np.polyfit(taken, [result.memory_mb for result in results], 1)
    return round(float(slope), 3)


COLUMNS = (
    ("server", "server", 8),
    ("calls", "calls", 6),
    ("refused", "refused", 8),
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
