"""What making conversations durable costs: calls being spoken to, each reporting what was heard four times a second.

Real time on one event loop, against a PostgreSQL in a directory of its own with fsync on. ``cpu``: processor seconds
a second, the benchmark's own pacing subtracted; ``client`` is our process, ``server`` all of PostgreSQL's. ``submit``:
time of one call of ``item``. ``lag``: from handing a state over to its being on the disk. Every reply is closed by one
finished state every eight seconds, so finished and progressing states are mixed as in real calls.

    python tests/benchmarks/bench_conversation_log.py --seconds 8 --json log.json
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import psutil
import uvloop
from result_file import result_file

from storage.conversations.records import ConversationRecord, ItemRecord
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate

UPDATES_A_SECOND = 4
UPDATES_A_REPLY = 32
REPLY = "We can have that up and running for your team within a week, and the first month is on us. " * 3


class Result(msgspec.Struct):
    calls: int
    client_cpu: float
    server_cpu: float
    submit_us: float
    lag_p50_ms: float
    lag_p95_ms: float
    transactions_a_second: float


def state(reply: int, step: int) -> ItemRecord:
    now = datetime.now(UTC)
    return ItemRecord(
        id=f"item_{reply}",
        position=float(reply),
        role="assistant",
        status="completed",
        channel="phone",
        modality="audio",
        content=[{"type": "output_audio", "transcript": REPLY}],
        generated_text=REPLY,
        synthesised_text=REPLY,
        sent_text=REPLY,
        heard_text=REPLY[: len(REPLY) * step // UPDATES_A_REPLY],
        audio_ms=8000.0,
        heard_ms=250.0 * step,
        created_at=now,
        updated_at=now,
    )


async def speak(call: int, submit: Callable[[int, int], None], phase_s: float, seconds: float) -> None:
    start = time.perf_counter() + phase_s
    for update in range(int(seconds * UPDATES_A_SECOND)):
        await asyncio.sleep(max(0.0, start + update / UPDATES_A_SECOND - time.perf_counter()))
        submit(call, update + call)


async def run(calls: int, submit: Callable[[int, int], None], seconds: float) -> float:
    cpu = time.process_time()
    async with asyncio.TaskGroup() as group:
        for call in range(calls):
            group.create_task(speak(call, submit, call / calls / UPDATES_A_SECOND, seconds))
    return time.process_time() - cpu


def server_cpu_s(directory: Path) -> float:
    pid = int((directory / "postmaster.pid").read_text().split()[0])
    total = 0.0
    for process in (psutil.Process(pid), *psutil.Process(pid).children()):
        times = process.cpu_times()
        total += times.user + times.system
    return total


async def measure(dsn: str, directory: Path, calls: int, seconds: float) -> Result:
    lags: list[float] = []
    submits: list[float] = []
    lag_tasks: set[asyncio.Task[None]] = set()
    database = await open_database(dsn, max_connections=2)
    watcher = await open_database(dsn)
    async with ConversationLog(database) as log:

        async def lag(name: str, handed_over: float) -> None:
            if await log.flush(name, 5.0):
                lags.append((time.perf_counter() - handed_over) * 1000)

        def submit(call: int, update: int) -> None:
            reply, step = divmod(update, UPDATES_A_REPLY)
            name, item = f"conv_{calls}_{call}", state(reply, step + 1)
            started = time.perf_counter()
            log.item(name, item, progress=step + 1 < UPDATES_A_REPLY)
            submits.append(time.perf_counter() - started)

        def submit_watched(call: int, update: int) -> None:
            submit(call, update)
            task = asyncio.create_task(lag(f"conv_{calls}_{call}", time.perf_counter()))
            lag_tasks.add(task)
            task.add_done_callback(lag_tasks.discard)

        now = datetime.now(UTC)
        for call in range(calls):
            log.conversation(
                ConversationRecord(id=f"conv_{calls}_{call}", channel="phone", created_at=now, updated_at=now)
            )
            assert await log.flush(f"conv_{calls}_{call}", 5.0)
        own = await run(calls, lambda call, update: (state(call, update), None)[1], min(seconds, 2.0))
        server, transactions = server_cpu_s(directory), await commits(watcher)
        client = await run(calls, submit, seconds)
        server, transactions = server_cpu_s(directory) - server, await commits(watcher) - transactions
        # Watching every state costs more than writing it and hurries the writer: lags are taken apart, of one call.
        await asyncio.gather(
            run(calls - 1, submit, 2.0), run(1, lambda _, update: submit_watched(calls - 1, update), 2.0)
        )
        await asyncio.gather(*lag_tasks)
    await database.aclose()
    await watcher.aclose()
    p50, p95 = np.percentile(lags, [50, 95]).tolist()
    return Result(
        calls,
        client / seconds - own / min(seconds, 2.0),
        server / seconds,
        float(np.mean(submits)) * 1e6,
        p50,
        p95,
        transactions / seconds,
    )


async def commits(database) -> int:
    async with database.transaction() as transaction:
        return await transaction._connection.fetchval(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )


async def main(seconds: float) -> list[Result]:
    with tempfile.TemporaryDirectory() as home:
        return await measure_all(Path(home) / "postgres", seconds)


async def measure_all(directory: Path, seconds: float) -> list[Result]:
    results = []
    async with EmbeddedPostgres(directory) as embedded:
        await migrate(embedded.dsn)
        write = sys.stdout.write
        write(" calls  client cpu  server cpu  submit us  lag p50  p95 ms    tx/s\n")
        for calls in (1, 20, 100, 200):
            r = await measure(embedded.dsn, directory, calls, seconds)
            results.append(r)
            write(
                f"{calls:6} {r.client_cpu:11.4f} {r.server_cpu:11.4f} {r.submit_us:10.1f} {r.lag_p50_ms:8.2f}"
                f" {r.lag_p95_ms:7.2f} {r.transactions_a_second:7.0f}\n"
            )
    return results


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8.0)
    arguments.add_argument("--json", type=result_file)
    options = arguments.parse_args()
    measured = uvloop.run(main(options.seconds))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
