"""What the simulated providers cost: hundreds of conversations on one core, and whether they keep their times.

Each conversation streams a caller's audio to Flux in real time (a sentence, then a pause), asks the model at each end
of turn, and has the answer spoken. The simulators have a core of their own; the load is made on the other. ``late`` is
what came later than the delay that was set, at the simulators' clients.

    python tests/benchmarks/bench_simulators.py --conversations 200 --json bench-results/simulators.json
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import msgspec
import psutil
import uvloop
from msgspec import Struct
from result_file import result_file

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live"), str(HERE.parents[1])]

from conditions import conditions
from live_server import speech
from stage import FIRST_AUDIO_MS, FIRST_TOKEN_MS, cores, simulators

from pipelines.stt.deepgram_flux import DeepgramFlux
from pipelines.stt.port import SttOptions, TurnEnded
from pipelines.tts.cartesia import CartesiaSpeech
from pipelines.tts.port import Audio, TtsOptions

RATE = 24_000
FRAME_MS = 40
FRAME_BYTES = RATE * 2 * FRAME_MS // 1000
PAUSE_MS = 9_400
SETTLE_S = 5.0
OPENING_S = 0.1
"""Between two conversations that begin."""


class Late(Struct):
    """Milliseconds beyond the delays that were set."""

    token: list[float]
    audio: list[float]
    turns: int = 0


class Result(Struct, frozen=True):
    conversations: int
    core_share: float
    """Of one core, by the simulators."""
    cpu_s_per_call_minute: float
    turns_per_minute: float
    token_late_p50_ms: float
    token_late_p95_ms: float
    audio_late_p50_ms: float
    audio_late_p95_ms: float
    memory_mb: float


class Conversation:
    """One caller's use of the three providers."""

    def __init__(
        self,
        settings: Mapping[str, str],
        flux: DeepgramFlux,
        voice: CartesiaSpeech,
        http: aiohttp.ClientSession,
        late: Late,
    ) -> None:
        self._url = f"{settings['CEREBRAS_API_BASE']}/chat/completions"
        self._key = settings["CEREBRAS_API_KEY"]
        self._flux = flux
        self._voice = voice
        self._http = http
        self._late = late
        self._now = asyncio.get_running_loop().time

    async def run(self, begins_s: float) -> None:
        await asyncio.sleep(begins_s)
        stream = await self._flux.open(SttOptions())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._talk(stream))
                async for event in stream:
                    if isinstance(event, TurnEnded):
                        self._late.turns += 1
                        group.create_task(self._answer(event.text))
        finally:
            await stream.aclose()

    async def _talk(self, stream) -> None:  # type: ignore[no-untyped-def]
        pcm = speech() + bytes(RATE * 2 * PAUSE_MS // 1000)
        due, utterance = self._now(), 0
        while True:
            utterance += 1
            stream.begin(utterance)
            for at in range(0, len(pcm), FRAME_BYTES):
                stream.send_audio(pcm[at : at + FRAME_BYTES])
                due += FRAME_MS / 1000
                await asyncio.sleep(max(0.0, due - self._now()))

    async def _answer(self, text: str) -> None:
        body = {"model": "llama3.1-8b", "stream": True, "messages": [{"role": "user", "content": text}]}
        asked = self._now()
        words, first = [], True
        headers = {"Authorization": f"Bearer {self._key}"}
        async with self._http.post(self._url, json=body, headers=headers) as reply:
            reply.raise_for_status()
            async for line in reply.content:
                if not line.startswith(b"data: {"):
                    continue
                delta = msgspec.json.decode(line[6:])["choices"][0]["delta"].get("content")
                if delta and first:
                    self._late.token.append((self._now() - asked) * 1000 - FIRST_TOKEN_MS)
                    first = False
                words.append(delta or "")
        await self._speak("".join(words))

    async def _speak(self, text: str) -> None:
        context = self._voice.open(TtsOptions())
        asked = self._now()
        context.send_text(text)
        context.finish()
        first = True
        async for event in context:
            if first and isinstance(event, Audio):
                self._late.audio.append((self._now() - asked) * 1000 - FIRST_AUDIO_MS)
                first = False


async def measure(conversations: int, seconds: float) -> Result:
    core = cores()
    os.sched_setaffinity(0, {core.others})
    with tempfile.TemporaryDirectory() as directory:
        async with (
            simulators(Path(directory), core.server) as settings,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        ):
            process = _simulators_process()
            flux = DeepgramFlux(
                api_key=settings["DEEPGRAM_API_KEY"], base_url=settings["DEEPGRAM_BASE_URL"], sample_rate=RATE
            )
            voice = CartesiaSpeech(api_key=settings["CARTESIA_API_KEY"], base_url=settings["CARTESIA_BASE_URL"])
            late, ramp_s = Late([], []), max(PAUSE_MS / 1000, conversations * OPENING_S)
            callers = [
                asyncio.create_task(
                    Conversation(settings, flux, voice, http, late).run(number * ramp_s / conversations)
                )
                for number in range(conversations)
            ]
            await asyncio.sleep(ramp_s + SETTLE_S)
            late.token.clear(), late.audio.clear()
            late.turns, before = 0, process.cpu_times()
            await asyncio.sleep(seconds)
            after, memory = process.cpu_times(), process.memory_info().rss
            broken = [task for task in callers if task.done()]
            for task in callers:
                task.cancel()
            await asyncio.wait(callers)
            await voice.aclose()
            await flux.aclose()
            if broken:
                raise SystemExit(f"{len(broken)} conversations broke: {broken[0].exception()!r}")
    cpu_s = after.user + after.system - before.user - before.system
    return Result(
        conversations=conversations,
        core_share=cpu_s / seconds,
        cpu_s_per_call_minute=cpu_s / (conversations * seconds / 60),
        turns_per_minute=late.turns / seconds * 60,
        token_late_p50_ms=statistics.median(late.token),
        token_late_p95_ms=_p95(late.token),
        audio_late_p50_ms=statistics.median(late.audio),
        audio_late_p95_ms=_p95(late.audio),
        memory_mb=memory / 2**20,
    )


def _simulators_process() -> psutil.Process:
    (process,) = [child for child in psutil.Process().children(recursive=True) if "simulate" in child.cmdline()]
    return process


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--json", type=result_file)
    wanted = parser.parse_args()
    under = conditions()
    print(under)
    print("conversations  of one core  CPU-s/call-min  turns/min  token late p50 p95  audio late p50 p95  memory")
    results = []
    for number in wanted.conversations:
        got = uvloop.run(measure(number, wanted.seconds))
        results.append(got)
        print(
            f"{got.conversations:13} {got.core_share:11.0%} {got.cpu_s_per_call_minute:15.3f}"
            f" {got.turns_per_minute:10.0f}"
            f" {got.token_late_p50_ms:11.1f} {got.token_late_p95_ms:6.1f}"
            f" {got.audio_late_p50_ms:11.1f} {got.audio_late_p95_ms:6.1f} {got.memory_mb:6.0f} MB"
        )
    if wanted.json:
        result = {"conditions": msgspec.to_builtins(under), "results": msgspec.to_builtins(results)}
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
