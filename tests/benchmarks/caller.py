"""A caller for benchmarks: speaks real audio in real time, listens, and marks what it hears and when.

It plays what it gets as a plain client does: audio deltas one behind the other, dropped when the server says that the
caller speaks. Every figure is taken here, at the caller's ear.
"""

import asyncio
import base64
import time
import wave
from pathlib import Path

import aiohttp
import msgspec
import numpy as np
from msgspec import Struct

from pipelines.audio.level import AudibleSpan
from pipelines.audio.resample import resampler

FRAME_MS = 20
FRAME_BYTES = 48 * FRAME_MS
SPEECH = Path(__file__).parents[1] / "data" / "speech"


class CallerFigures(Struct):
    """What one caller measured. Milliseconds."""

    latencies_ms: list[float] = []
    reported_ms: list[float] = []
    stop_ms: list[float] = []
    last_sent_ms: list[float] = []
    underruns: int = 0
    turns: int = 0
    failed_turns: int = 0
    errors: list[str] = []


class Event(Struct):
    """The fields of server events that matter here."""

    type: str
    delta: bytes = b""
    response_latency_ms: float | None = None
    response: dict[str, object] | None = None
    error: dict[str, object] | None = None


_AUDIO = msgspec.json.Decoder(Event)


class _Kind(Struct):
    type: str


_kind = msgspec.json.Decoder(_Kind)


def speech_frames(name: str) -> list[str]:
    """A recording as append events of 20 ms; it must end on its last audible sample."""
    with wave.open(str(SPEECH / f"{name}.wav")) as wav:
        convert = resampler(wav.getframerate(), 24_000)
        pcm = convert.feed(wav.readframes(wav.getnframes())) + convert.flush()
    pcm = pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]
    return [_append(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES)]


def onset_s(frames: list[str]) -> float:
    """Where the first audible sample of a recording lies."""
    span = AudibleSpan(24_000)
    for frame in frames:
        span.feed(base64.b64decode(frame.split('"audio":"')[1][:-2]))
    assert span.first_ms is not None
    return span.first_ms / 1000


def silence_frame() -> str:
    """A quiet line: noise at -66 dBFS."""
    noise = np.random.default_rng(3).normal(0, 16, FRAME_BYTES // 2).astype(np.int16)
    return _append(noise.tobytes())


def _append(pcm: bytes) -> str:
    return '{"type":"input_audio_buffer.append","audio":"' + base64.b64encode(pcm).decode() + '"}'


class Playout:
    """What a plain client would be playing."""

    def __init__(self) -> None:
        self.ends_at = 0.0
        self.first_audible_at: float | None = None
        self.last_arrival = 0.0
        self.gaps = 0
        self._span = AudibleSpan(24_000)
        self._started = False

    def add(self, pcm: bytes, now: float) -> None:
        begins = max(now, self.ends_at)
        if self._started and now > self.ends_at + 0.010:
            self.gaps += 1
        if self.first_audible_at is None:
            self._span.feed(pcm)
            if self._span.first_ms is not None:
                self.first_audible_at = begins + self._span.first_ms / 1000
        self._started = True
        self.last_arrival = now
        self.ends_at = begins + len(pcm) / 48_000

    def flush(self, now: float) -> float:
        """The client drops what it has not played; returns when the last of it was audible."""
        ended = min(now, self.ends_at)
        self.ends_at = now
        return ended


class Caller:
    """One call: ``turns`` times speak and hear the answer out; every ``interrupt_every``-th answer is interrupted."""

    def __init__(self, url: str, key: str, *, turns: int, interrupt_every: int = 0, start_after_s: float = 0.0) -> None:
        self._url = url
        self._key = key
        self._turns = turns
        self._interrupt_every = interrupt_every
        self._start_after_s = start_after_s
        self._speech = speech_frames("utterance-finished")
        self._silence = silence_frame()
        self._onset_s = onset_s(self._speech)
        self._playout = Playout()
        self._answered = asyncio.Event()
        self._audible = asyncio.Event()
        self._stopped = asyncio.Event()
        self._said = asyncio.Event()
        self._stopped_audible_at = 0.0
        self._spoken = list[str]()
        self._speech_ended_at = 0.0
        self._speech_started_at = 0.0
        self._closing = False
        self.figures = CallerFigures()
        self.seconds = 0.0

    async def run(self, session: aiohttp.ClientSession) -> CallerFigures:
        await asyncio.sleep(self._start_after_s)
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            async with session.ws_connect(self._url, headers=headers, max_msg_size=0) as socket:
                await socket.send_str(
                    '{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":'
                    '{"type":"semantic_vad","eagerness":"high"}}}}}'
                )
                async with asyncio.TaskGroup() as group:
                    listening = group.create_task(self._listen(socket))
                    talking = group.create_task(self._talk(socket))
                    began = time.perf_counter()
                    await self._script()
                    self.seconds = time.perf_counter() - began
                    self._closing = True
                    talking.cancel()
                    listening.cancel()
        except (aiohttp.ClientError, OSError) as error:
            self.figures.errors.append(type(error).__name__)
            self.figures.failed_turns += self._turns - self.figures.turns
        return self.figures

    async def _script(self) -> None:
        for turn in range(self._turns):
            self._answered.clear()
            self._audible.clear()
            self._playout = Playout()
            await self._say()
            interrupt = self._interrupt_every and turn % self._interrupt_every == self._interrupt_every - 1
            try:
                async with asyncio.timeout(20):
                    await (self._audible.wait() if interrupt else self._answered.wait())
            except TimeoutError:
                self.figures.failed_turns += 1
                continue
            self._note_turn()
            if interrupt:
                await self._interrupt()
            else:
                await asyncio.sleep(max(0.0, self._playout.ends_at - time.perf_counter()) + 0.3)

    def _note_turn(self) -> None:
        self.figures.turns += 1
        if self._playout.first_audible_at is None:
            self.figures.failed_turns += 1
            return
        self.figures.latencies_ms.append((self._playout.first_audible_at - self._speech_ended_at) * 1000)
        self.figures.underruns += self._playout.gaps

    async def _interrupt(self) -> None:
        await asyncio.sleep(1.0)
        self._stopped.clear()
        self._answered.clear()
        say = asyncio.create_task(self._say())
        try:
            async with asyncio.timeout(5):
                await self._stopped.wait()
            self.figures.stop_ms.append((self._stopped_audible_at - self._speech_started_at) * 1000)
            self.figures.last_sent_ms.append((self._playout.last_arrival - self._speech_started_at) * 1000)
        except TimeoutError:
            self.figures.failed_turns += 1
        await say
        self._playout = Playout()
        try:
            async with asyncio.timeout(20):
                await self._answered.wait()
        except TimeoutError:
            self.figures.failed_turns += 1
        await asyncio.sleep(max(0.0, self._playout.ends_at - time.perf_counter()) + 0.3)

    async def _say(self) -> None:
        self._said.clear()
        self._speech_started_at = 0.0
        self._spoken = list(self._speech)
        await self._said.wait()

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        due = time.perf_counter()
        while not self._closing:
            if self._spoken:
                frame = self._spoken.pop(0)
                if not self._speech_started_at:
                    self._speech_started_at = time.perf_counter() + self._onset_s
                self._speech_ended_at = time.perf_counter()
                if not self._spoken:
                    self._said.set()
            else:
                frame = self._silence
            await socket.send_str(frame)
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            now = time.perf_counter()
            match _kind.decode(message.data).type:
                case "response.output_audio.delta":
                    self._playout.add(_AUDIO.decode(message.data).delta, now)
                    self._audible.set()
                case "input_audio_buffer.speech_started":
                    if self._playout.ends_at > now - 5 and not self._stopped.is_set():
                        self._stopped_audible_at = self._playout.flush(now)
                        self._stopped.set()
                case "response.done":
                    self._answered.set()
                case "sales_agent.turn.timings":
                    reported = _AUDIO.decode(message.data).response_latency_ms
                    if reported is not None:
                        self.figures.reported_ms.append(reported)
                case "error":
                    error = _AUDIO.decode(message.data).error or {}
                    self.figures.errors.append(str(error.get("code")))
