"""What conversations cost and how fast they are answered: 1, 10 and 50 at once, the server on one core.

The server is the real one: voice activity (Silero), intent, storage, metrics. Recognition, model and voice are timed
stand-ins inside its process (``timed_engines``), so that the figures are the server's own. Callers speak 2.6 s of real
speech and hear replies of about 8 s; every third reply is interrupted. They run on another core, with PostgreSQL.

``cpu``: processor seconds a call-minute. ``added``: response latency less what the delays make unavoidable: the
silence that ends a turn (317 ms for a finished sentence with eagerness "high") or, when that is longer, the pause
that settles the words, 20 ms for the final text, 150 ms to the first token and 60 ms to the first audio.
``stop``: from the caller's first sample to the last audible sample of the agent's, for a plain client.
``agree``: share of turns whose latency as reported by the server is within 20 ms of the caller's own.

    python tests/benchmarks/bench_conversations.py --calls 1,10,50 --turns 4 --json conversations.json
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import msgspec
import numpy as np
import psutil
import uvloop
from caller import Caller, CallerFigures
from timed_engines import FINAL_S, FIRST_AUDIO_S, FIRST_TOKEN_S

KEY = "sk_bench_conversations_0123456789"
SERVER = Path(__file__).with_name("conversation_server.py")
ROOT = Path(__file__).parents[2]
SETTLE_MS = 158.0
"""Silence after which a finished sentence is settled with eagerness "high"."""
END_MS = 317.0
UNAVOIDABLE_MS = max(END_MS, SETTLE_MS + 1000 * (FINAL_S + FIRST_TOKEN_S + FIRST_AUDIO_S))


class Result(msgspec.Struct):
    calls: int
    turns: int
    failed_turns: int
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float
    added_p50_ms: float
    added_p95_ms: float
    stop_p50_ms: float
    stop_p95_ms: float
    last_sent_p50_ms: float
    underruns: int
    agree_percent: float
    cpu_s_per_call_minute: float
    mb_per_call: float
    errors: list[str]


class Report(msgspec.Struct):
    ready_s: float
    first_process_mb: float
    results: list[Result]


def percentile(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1) if values else float("nan")


def rss_mb(process: psutil.Process) -> float:
    return process.memory_full_info().uss / 2**20


async def measure(process: psutil.Process, url: str, calls: int, turns: int) -> Result:
    before_mb = rss_mb(process)
    cpu = process.cpu_times()
    began = time.perf_counter()
    # Callers begin spread over one turn, as they would in life: not all speak in the same moment.
    callers = [
        Caller(url, KEY, turns=turns, interrupt_every=3, start_after_s=9.0 * n / calls if calls > 1 else 0.0)
        for n in range(calls)
    ]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, asyncio.TaskGroup() as group:
        running = [group.create_task(caller.run(http)) for caller in callers]
        await asyncio.sleep(11.0)
        peak_mb = rss_mb(process)
    spent = process.cpu_times()
    minutes = sum(caller.seconds for caller in callers) / 60
    figures = [task.result() for task in running]
    return summary(
        figures,
        calls,
        cpu=(spent.user + spent.system - cpu.user - cpu.system) / minutes,
        mb_per_call=(peak_mb - before_mb) / calls,
        _took_s=time.perf_counter() - began,
    )


def summary(figures: list[CallerFigures], calls: int, *, cpu: float, mb_per_call: float, _took_s: float) -> Result:
    latencies = [value for one in figures for value in one.latencies_ms]
    added = [value - UNAVOIDABLE_MS for value in latencies]
    stops = [value for one in figures for value in one.stop_ms]
    last_sent = [value for one in figures for value in one.last_sent_ms]
    differences = [
        abs(mine - theirs) for one in figures for mine, theirs in zip(one.latencies_ms, one.reported_ms, strict=False)
    ]
    agree = 100 * sum(difference <= 20 for difference in differences) / max(1, len(differences))
    return Result(
        calls=calls,
        turns=sum(one.turns for one in figures),
        failed_turns=sum(one.failed_turns for one in figures),
        latency_p50_ms=percentile(latencies, 50),
        latency_p95_ms=percentile(latencies, 95),
        latency_p99_ms=percentile(latencies, 99),
        added_p50_ms=percentile(added, 50),
        added_p95_ms=percentile(added, 95),
        stop_p50_ms=percentile(stops, 50),
        stop_p95_ms=percentile(stops, 95),
        last_sent_p50_ms=percentile(last_sent, 50),
        underruns=sum(one.underruns for one in figures),
        agree_percent=round(agree, 1),
        cpu_s_per_call_minute=round(cpu, 3),
        mb_per_call=round(mb_per_call, 2),
        errors=sorted({error for one in figures for error in one.errors}),
    )


async def run(counts: list[int], turns: int) -> Report:
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(SERVER), str(Path(directory) / "data"), KEY, str(cores[0])),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        port, ready_s = (await process.stdout.readline()).decode().split()
        os.sched_setaffinity(0, {cores[-1]})
        server = psutil.Process(process.pid)
        for child in server.children(recursive=True):
            child.cpu_affinity([cores[-1]])
        first_mb = rss_mb(server)
        results = []
        for calls in counts:
            result = await measure(server, f"http://127.0.0.1:{port}/v1/realtime", calls, turns)
            results.append(result)
            print_row(result)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
    return Report(float(ready_s), round(first_mb, 1), results)


COLUMNS = (
    ("calls", 6),
    ("turns", 6),
    ("failed_turns", 7),
    ("latency_p50_ms", 9),
    ("latency_p95_ms", 9),
    ("added_p50_ms", 9),
    ("added_p95_ms", 9),
    ("stop_p50_ms", 8),
    ("stop_p95_ms", 8),
    ("last_sent_p50_ms", 9),
    ("underruns", 9),
    ("agree_percent", 8),
    ("cpu_s_per_call_minute", 8),
    ("mb_per_call", 8),
)
TITLES = "calls turns failed lat_p50 lat_p95 add_p50 add_p95 stop50 stop95 sent50 underruns agree% cpu_s MB"


def print_row(result: Result) -> None:
    print("".join(f"{getattr(result, name):>{width}}" for name, width in COLUMNS), *result.errors, flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", default="1,10,50")
    arguments.add_argument("--turns", type=int, default=4)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    print("".join(f"{title:>{width}}" for title, (_, width) in zip(TITLES.split(), COLUMNS, strict=True)))
    report = uvloop.run(run([int(calls) for calls in given.calls.split(",")], given.turns))
    print(f"ready in {report.ready_s:.2f} s; first process {report.first_process_mb:.0f} MB")
    print(f"unavoidable with these delays: {UNAVOIDABLE_MS:.0f} ms")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))


if __name__ == "__main__":
    main()
