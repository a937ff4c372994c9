"""What voice activity costs: callers x gate x batch size, in real time on one event loop.

Every caller loops over real speech with pauses, in frames of 20 ms, each at its own phase: voice half of the time.
``cpu``: processor seconds a call-minute, the benchmark's own feeding subtracted. ``lag``: from the last sample of a
window being fed to its report.

    python tests/benchmarks/bench_vad.py --seconds 4 --json vad.json
"""

import argparse
import asyncio
import random
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import uvloop
from result_file import result_file

from pipelines.audio.resample import resampler
from pipelines.vad.gate import GateRules
from pipelines.vad.port import SAMPLE_RATE, Window
from pipelines.vad.silero import SileroVoiceActivity

SPEECH = Path(__file__).parents[1] / "data" / "speech"
FRAME_MS = 20
FRAME_BYTES = SAMPLE_RATE * FRAME_MS // 1000 * 2


class Result(msgspec.Struct):
    callers: int
    gate: bool
    batch_windows: int
    cpu_s_per_call_minute: float
    lag_p50_ms: float
    lag_p95_ms: float
    windows: int


def conversation() -> bytes:
    """Speech and the silence of listening, by turns; line noise of -60 dBFS under both."""
    parts = []
    for name in ("utterance-finished", "utterance-unfinished", "librivox-0930"):
        with wave.open(str(SPEECH / f"{name}.wav")) as wav:
            stream = resampler(wav.getframerate(), SAMPLE_RATE)
            parts += [stream.feed(wav.readframes(wav.getnframes())), bytes(SAMPLE_RATE * 2 * 3)]
    samples = np.frombuffer(b"".join(parts), np.int16).astype(float)
    samples += np.random.default_rng(1).standard_normal(len(samples)) * 33
    return samples.clip(-32768, 32767).astype(np.int16).tobytes()


async def feed(send: Callable[[bytes], None], sound: bytes, start_s: float, seconds: float) -> None:
    offset = random.Random(start_s).randrange(len(sound) // FRAME_BYTES) * FRAME_BYTES
    due = start_s
    while due < start_s + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        send(sound[offset : offset + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
        offset = (offset + FRAME_BYTES) % len(sound)
        due += FRAME_MS / 1000


async def feeding_cost_s(callers: int, sound: bytes, seconds: float) -> float:
    return await run(callers, lambda _: lambda _pcm: None, sound, seconds)


async def run(callers: int, sender: Callable[[int], Callable[[bytes], None]], sound: bytes, seconds: float) -> float:
    start = time.perf_counter() + 0.05
    cpu = time.process_time()
    async with asyncio.TaskGroup() as group:
        for caller in range(callers):
            phase = FRAME_MS / 1000 * caller / callers
            group.create_task(feed(sender(caller), sound, start + phase, seconds))
    return time.process_time() - cpu


async def measure(callers: int, gate: bool, batch_windows: int, sound: bytes, seconds: float) -> Result:
    detector = SileroVoiceActivity(gate=GateRules() if gate else None, batch_windows=batch_windows)
    lags: list[float] = []

    def sender(_caller: int) -> Callable[[bytes], None]:
        fed_at: list[float] = []

        def on_window(window: Window) -> None:
            frame = int(window.end_ms - 1) // FRAME_MS
            lags.append((time.perf_counter() - fed_at[frame]) * 1000)

        stream = detector.open(on_window)

        def send(pcm: bytes) -> None:
            fed_at.append(time.perf_counter())
            stream.feed(pcm)

        return send

    own = await feeding_cost_s(callers, sound, min(seconds, 2.0)) * seconds / min(seconds, 2.0)
    cpu = await run(callers, sender, sound, seconds) - own
    await detector.aclose()
    p50, p95 = np.percentile(lags, [50, 95]).tolist()
    return Result(callers, gate, batch_windows, cpu * 60 / (callers * seconds), p50, p95, len(lags))


async def main(seconds: float) -> list[Result]:
    sound = conversation()
    write = sys.stdout.write
    write(f"{'callers':>8} {'gate':>5} {'batch':>6} {'cpu s/call-min':>15} {'lag p50 ms':>11} {'lag p95 ms':>11}\n")
    results = []
    for callers in (1, 20, 100, 200):
        for gate in (False, True):
            for batch_windows in (1, 16, 32):
                result = await measure(callers, gate, batch_windows, sound, seconds)
                results.append(result)
                write(
                    f"{callers:8} {'on' if gate else 'off':>5} {batch_windows:6} {result.cpu_s_per_call_minute:15.3f}"
                    f" {result.lag_p50_ms:11.2f} {result.lag_p95_ms:11.2f}\n"
                )
    return results


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=4.0)
    arguments.add_argument("--json", type=result_file)
    options = arguments.parse_args()
    measured = uvloop.run(main(options.seconds))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
