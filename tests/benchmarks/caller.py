"""A caller for benchmarks: speaks real audio in real time, listens, and marks what it hears and when.

It plays what it gets as a plain client does: audio deltas one behind the other, dropped when the server says that the
caller speaks. Every figure is taken here, at the caller's ear.
"""

import asyncio
import base64
import time
import wave
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct, field
from wire_client import LineClosedError, RefusedError, WireClient, text_frame

from pipelines.audio.level import AudibleSpan
from pipelines.audio.resample import resampler

FRAME_MS = 20
RATE = 24_000
FRAME_BYTES = RATE * 2 * FRAME_MS // 1000
SPEECH = Path(__file__).parents[1] / "data" / "speech"
UTTERANCE = "utterance-finished"

_PAUSE_S = 0.3
_INTERRUPT_AFTER_S = 1.0
_ANSWER_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 5.0
_REFUSED_S = 2.0
"""Before another call is tried."""

_GAP_S = 0.010
"""What a caller does not notice: less than one frame missing."""

_SESSION = text_frame(
    '{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":'
    '{"type":"semantic_vad","eagerness":"high"}}}}}'
)


class Turn(Struct):
    """One answer, as the caller had it. Milliseconds; ``stages`` and ``reported_ms`` are the server's own."""

    latency_ms: float
    interrupted: bool = False
    reported_ms: float | None = None
    stages: dict[str, float] = {}


class CallerFigures(Struct):
    """What one caller measured. ``refused``: the server was busy and said so. ``stop_ms``: from the first audible
    sample of an interruption to the last one of the agent; ``gaps_ms``: silence within replies that belonged to none of
    them; ``late_ms``: how late this caller itself was with its worst frame."""

    turns: list[Turn] = []
    stop_ms: list[float] = []
    gaps_ms: list[float] = []
    failed_turns: int = 0
    refused: bool = False
    errors: list[str] = []
    seconds: float = 0.0
    late_ms: float = 0.0


class _Event(Struct):
    type: str
    item_id: str = ""


class _AudioDelta(Struct):
    item_id: str
    delta: bytes


class _Timings(Struct):
    item_id: str
    response_latency_ms: float | None = None
    speech_end_ms: float | None = None
    turn_end_ms: float | None = None
    model_start_ms: float | None = None
    first_token_ms: float | None = None
    first_audio_ms: float | None = None


class _Error(Struct):
    error: dict[str, object] = field(default_factory=dict)


_event = msgspec.json.Decoder(_Event).decode
_audio = msgspec.json.Decoder(_AudioDelta).decode
_timings = msgspec.json.Decoder(_Timings).decode
_error = msgspec.json.Decoder(_Error).decode


@cache
def speech_pcm(name: str) -> bytes:
    """A recording at the session's rate in whole frames; it must end on its last audible sample."""
    with wave.open(str(SPEECH / f"{name}.wav")) as wav:
        convert = resampler(wav.getframerate(), RATE)
        pcm = convert.feed(wav.readframes(wav.getnframes())) + convert.flush()
    return pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]


@cache
def speech_frames(name: str) -> tuple[bytes, ...]:
    """A recording as append events of 20 ms, ready for the wire."""
    pcm = speech_pcm(name)
    return tuple(_append(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES))


@cache
def onset_s(name: str) -> float:
    """Where the first audible sample of a recording lies."""
    span = AudibleSpan(RATE)
    span.feed(speech_pcm(name))
    assert span.first_ms is not None
    return span.first_ms / 1000


@cache
def silence_frame() -> bytes:
    """A quiet line: noise at -66 dBFS."""
    return _append(np.random.default_rng(3).normal(0, 16, FRAME_BYTES // 2).astype(np.int16).tobytes())


def _append(pcm: bytes) -> bytes:
    return text_frame('{"type":"input_audio_buffer.append","audio":"' + base64.b64encode(pcm).decode() + '"}')


class Playout:
    """What a plain client would be playing of one reply."""

    def __init__(self) -> None:
        self.ends_at = 0.0
        self.first_audible_at: float | None = None
        self.gaps_ms: list[float] = []
        self._span = AudibleSpan(RATE)

    def add(self, pcm: bytes, now: float, *, gaps_count: bool) -> None:
        begins = max(now, self.ends_at)
        if gaps_count and self.ends_at and now > self.ends_at + _GAP_S:
            self.gaps_ms.append((now - self.ends_at) * 1000)
        if self.first_audible_at is None:
            before_ms = self._span.position_ms
            self._span.feed(pcm)
            if self._span.first_ms is not None:
                self.first_audible_at = begins + (self._span.first_ms - before_ms) / 1000
        self.ends_at = begins + len(pcm) / (2 * RATE)


class Microphone:
    """Sends a frame every 20 ms, silence where nothing is said."""

    def __init__(self, line: WireClient) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._frames: tuple[bytes, ...] = ()
        self._at = 0
        self._due = self._loop.time()
        self._next: asyncio.TimerHandle | None = None
        self._said = asyncio.Event()
        self._silence = silence_frame()
        self.started_at = 0.0
        self.ended_at = 0.0
        self.late_s = 0.0

    def open(self) -> None:
        self._tick()

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def say(self, frames: tuple[bytes, ...]) -> asyncio.Event:
        """Begin with the next frame; the event is set with the last."""
        self.started_at = 0.0
        self._said.clear()
        self._frames, self._at = frames, 0
        return self._said

    def _tick(self) -> None:
        if self._at < len(self._frames):
            frame = self._frames[self._at]
            self._at += 1
            now = time.perf_counter()
            self.started_at = self.started_at or now
            self.ended_at = now
            if self._at == len(self._frames):
                self._said.set()
        else:
            frame = self._silence
        self._line.send(frame)
        self._due += FRAME_MS / 1000
        self.late_s = max(self.late_s, self._loop.time() - self._due)
        self._next = self._loop.call_at(self._due, self._tick)


class Caller:
    """One call of ``turns`` utterances. Every ``interrupt_every``-th begins a second into the reply before it.

    ``brief``: it hangs up as soon as the last reply is heard.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        turns: int,
        interrupt_every: int = 0,
        start_after_s: float = 0.0,
        brief: bool = False,
    ) -> None:
        self._url = url
        self._key = key
        self._turns = turns
        self._interrupt_every = interrupt_every
        self._start_after_s = start_after_s
        self._brief = brief
        self._playouts: dict[str, Playout] = {}
        self._item_id = ""
        """The reply being heard."""
        self._heard: dict[str, Turn] = {}
        self._answered = asyncio.Event()
        self._audible = asyncio.Event()
        self._stopped = asyncio.Event()
        self._interrupting = False
        self._lost = False
        self.figures = CallerFigures()

    async def run(self) -> CallerFigures:
        await asyncio.sleep(self._start_after_s)
        began = time.perf_counter()
        try:
            line = await WireClient.connect(self._url, self._key, self._on_text, self._on_close)
        except RefusedError:
            self.figures.refused = True
            await asyncio.sleep(_REFUSED_S)
            return self.figures
        except (LineClosedError, OSError, TimeoutError) as error:
            self.figures.errors.append(f"{type(error).__name__}: {error}")
            self.figures.failed_turns = self._turns
            await asyncio.sleep(_REFUSED_S)
            return self.figures
        line.send(_SESSION)
        microphone = Microphone(line)
        microphone.open()
        try:
            await self._converse(microphone)
        finally:
            microphone.close()
            line.close()
        self.figures.seconds = time.perf_counter() - began
        self.figures.late_ms = microphone.late_s * 1000
        self.figures.turns = list(self._heard.values())
        self.figures.gaps_ms = [gap for playout in self._playouts.values() for gap in playout.gaps_ms]
        return self.figures

    async def _converse(self, microphone: Microphone) -> None:
        await asyncio.sleep(_PAUSE_S)
        for number in range(self._turns):
            if self._lost:
                self.figures.failed_turns += self._turns - number
                return
            wanted = self._interrupt_every and number and number % self._interrupt_every == 0
            interrupts = bool(wanted) and self._item_id in self._heard  # a reply that never came cannot be interrupted
            try:
                if number:
                    await self._wait_for_my_turn(interrupts=interrupts)
                await self._speak(microphone, interrupts=interrupts)
                await self._listen(microphone)
            except TimeoutError:
                self.figures.failed_turns += 1
        if not self._brief and not self._lost:
            try:
                await self._wait_for_my_turn(interrupts=False)
            except TimeoutError:
                self.figures.failed_turns += 1

    async def _wait_for_my_turn(self, *, interrupts: bool) -> None:
        """Into the reply for a second, or until it was heard to its end."""
        if interrupts:
            await asyncio.sleep(_INTERRUPT_AFTER_S)
            return
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            await self._answered.wait()
        playout = self._playouts.get(self._item_id)
        ends_at = playout.ends_at if playout is not None else 0.0
        await asyncio.sleep(max(0.0, ends_at - time.perf_counter()) + _PAUSE_S)

    async def _speak(self, microphone: Microphone, *, interrupts: bool) -> None:
        playing = self._playouts.get(self._item_id)
        self._interrupting = interrupts
        self._stopped.clear()
        said = microphone.say(speech_frames(UTTERANCE))
        try:
            if interrupts and playing is not None:
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await self._stopped.wait()
                self._heard[self._item_id].interrupted = True
                onset_at = microphone.started_at + onset_s(UTTERANCE)
                if playing.ends_at > onset_at:  # else there was nothing to stop
                    self.figures.stop_ms.append((playing.ends_at - onset_at) * 1000)
            self._audible.clear()
            self._item_id = ""
            await said.wait()
        finally:
            self._interrupting = False

    async def _listen(self, microphone: Microphone) -> None:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            await self._audible.wait()
        first_at = self._playouts[self._item_id].first_audible_at
        assert first_at is not None
        turn = Turn((first_at - microphone.ended_at) * 1000)
        self._heard[self._item_id] = turn

    # What the server says

    def _on_text(self, message: bytes) -> None:
        now = time.perf_counter()
        event = _event(message)
        match event.type:
            case "response.output_audio.delta":
                self._play(_audio(message), now)
            case "input_audio_buffer.speech_started":
                playing = self._playouts.get(self._item_id)
                if playing is not None and self._interrupting:
                    playing.ends_at = min(now, playing.ends_at)
                    self._stopped.set()
            case "response.done":
                self._answered.set()
            case "sales_agent.turn.timings":
                self._note_timings(_timings(message))
            case "error":
                self.figures.errors.append(str(_error(message).error.get("code")))

    def _play(self, delta: _AudioDelta, now: float) -> None:
        playout = self._playouts.get(delta.item_id)
        if playout is None:
            playout = self._playouts[delta.item_id] = Playout()
        elif self._interrupting and self._stopped.is_set():
            return  # a plain client drops what still comes of the reply it stopped
        playout.add(delta.delta, now, gaps_count=not self._interrupting)
        if playout.first_audible_at is not None and not self._audible.is_set() and delta.item_id not in self._heard:
            self._item_id = delta.item_id
            self._answered.clear()  # what ended before was the reply before
            self._audible.set()

    def _note_timings(self, timings: _Timings) -> None:
        turn = self._heard.get(timings.item_id)
        if turn is None:
            return
        turn.reported_ms = timings.response_latency_ms
        if timings.speech_end_ms is not None:
            turn.stages = {
                name: value - timings.speech_end_ms
                for name in ("model_start_ms", "first_token_ms", "first_audio_ms", "turn_end_ms")
                if (value := getattr(timings, name)) is not None
            }

    def _on_close(self) -> None:
        self._lost = True
        self._answered.set()
