"""One speech context: its inputs are spoken one after the other, chunk by chunk, in the time a real voice takes.

https://docs.cartesia.ai/use-the-api/tts-websocket/contexts
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from msgspec import structs

from simulators.audio.voice import Style
from simulators.audio.words import TimedWord
from simulators.cartesia.chunks import CHUNK_MS, Chunk, cut
from simulators.cartesia.errors import CartesiaError, invalid, of_fault
from simulators.cartesia.generation import Generation
from simulators.cartesia.inputs import DEFAULT_BUFFER_MS, Inputs, Piece
from simulators.flow import Flow
from simulators.simulation import Simulation

NAME = "cartesia-tts"
_CATCH_UP_S = 0.05
_MOST_INPUTS = 2000
_PATIENCE_S = 300.0
"""A context that never spoke is given up after this long without input."""


class Line(Protocol):
    """Where a context's messages go."""

    async def tell(self, event: dict[str, Any]) -> None: ...

    async def tell_chunk(self, data: str, flush_id: int, step_ms: float) -> None: ...

    async def tell_error(self, error: CartesiaError) -> None: ...


class Pacing:
    """When each chunk leaves: the first after the time to first audio, the others at the voice's speed."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._due = 0.0

    def begin(self) -> None:
        """The voice was at rest and starts to work now."""
        self._due = self._simulation.clock.now() + self._draw("first_audio_ms") / 1000

    async def wait(self) -> None:
        """Until the next chunk is made."""
        clock = self._simulation.clock
        await clock.sleep_until(self._due)
        self._due = max(self._due, clock.now() - _CATCH_UP_S)  # time lost in a stall is not made up for
        self._due += CHUNK_MS / 1000 / self._draw("realtime_factor")

    def _draw(self, what: str) -> float:
        return self._simulation.delays.draw(NAME, what)


class Context:
    """One context of a socket. Whoever made it awaits ``run``."""

    def __init__(self, simulation: Simulation, flow: Flow, line: Line, first: Generation, style: Style) -> None:
        self._simulation = simulation
        self._flow = flow
        self._line = line
        self._first = first
        self._style = style
        self._pacing = Pacing(simulation)
        delay_ms = first.max_buffer_delay_ms
        self._inputs = Inputs(DEFAULT_BUFFER_MS if delay_ms is None else delay_ms)
        self._wake = asyncio.Event()
        self._cancelled = False
        self._tail = simulation.config.cartesia.cancel_tail_chunks
        self._flush_id = 1
        self._spoken_ms = 0.0
        self._chunks = 0
        self._last_audio: float | None = None

    @property
    def takes_input(self) -> bool:
        return not self._inputs.ended and not self._cancelled

    def push(self, generation: Generation) -> None:
        """An input. Raises CartesiaError when far more waits than can be spoken, and when it is to be spoken otherwise
        than the first one."""
        if _manner(generation) != _manner(self._first):
            raise invalid("All fields of a context but transcript, continue and flush must stay the same.")
        if self._inputs.waiting >= _MOST_INPUTS:
            raise invalid("Too many inputs wait to be spoken.")
        now = self._simulation.clock.now()
        self._inputs.push(generation.transcript, flush=bool(generation.flush), last=not generation.continue_, now=now)
        self._wake.set()

    def cancel(self) -> None:
        """Make no more speech. What was made already still goes out."""
        self._cancelled = True
        self._inputs.drop()
        self._wake.set()

    async def run(self) -> None:
        """Speak until the inputs end, the context is cancelled or expires; then say ``done``."""
        try:
            await self._speak_all()
        except CartesiaError as error:
            await self._line.tell_error(error)
            return
        await self._line.tell({"type": "done", "done": True, "status_code": 200})

    async def _speak_all(self) -> None:
        while not self._cancelled:
            resting = False
            while (piece := self._inputs.take(self._simulation.clock.now())) is None:
                resting = True
                if not await self._wait():
                    return
            if resting or self._last_audio is None:
                self._pacing.begin()
            await self._speak(piece)
            if piece.ends:
                return

    async def _wait(self) -> bool:
        """Until there may be something to speak. False: the context is cancelled or has expired."""
        clock = self._simulation.clock
        due = self._inputs.due()
        expires = None
        if due is None:
            expiry_s = self._simulation.delays.draw(NAME, "context_expiry_ms") / 1000
            expires = clock.now() + _PATIENCE_S if self._last_audio is None else self._last_audio + expiry_s
            due = expires
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), max(due - clock.now(), 0))
        except TimeoutError:
            return expires is None
        return not self._cancelled

    async def _speak(self, piece: Piece) -> None:
        if piece.text.strip():
            spoken = cut(piece.text, self._style, split_samples=self._simulation.config.cartesia.split_samples)
            for number, chunk in enumerate(spoken.chunks):
                await self._pacing.wait()
                if self._cancelled and not self._goes_out_late():
                    return
                await self._pass(number, len(spoken.chunks))
                await self._send(chunk)
            self._spoken_ms += spoken.duration_ms
        if piece.flushes and not self._cancelled:
            done = {"type": "flush_done", "done": False, "flush_done": True, "flush_id": self._flush_id}
            await self._line.tell({**done, "status_code": 206})
            self._flush_id += 1

    def _goes_out_late(self) -> bool:
        """A chunk that was under way when the context was cancelled."""
        self._tail -= 1
        return self._chunks > 0 and self._tail >= 0

    async def _pass(self, number: int, count: int) -> None:
        """The context's first chunk is its ``first`` moment, the middle of its first piece ``mid``."""
        if self._chunks == 0:
            await raise_fault(self._flow.reach("first"))
        if self._chunks == number == count // 2:
            await raise_fault(self._flow.reach("mid"))
        await self._flow.pace()

    async def _send(self, chunk: Chunk) -> None:
        if chunk.words:
            await self._tell_times(chunk.words)
        draw = self._simulation.delays.draw(NAME, "step_ms")
        await self._line.tell_chunk(chunk.data, self._flush_id, draw)
        self._chunks += 1
        self._last_audio = self._simulation.clock.now()
        self._simulation.seen[NAME].count("audio_bytes", len(chunk.audio))

    async def _tell_times(self, words: tuple[TimedWord, ...]) -> None:
        common = {"done": False, "status_code": 206, "flush_id": self._flush_id}
        if self._first.add_timestamps:
            times = word_timestamps(words, self._spoken_ms)
            await self._line.tell({"type": "timestamps", **common, "word_timestamps": times})
        if self._first.add_phoneme_timestamps:
            times = phoneme_timestamps(words, self._spoken_ms)
            await self._line.tell({"type": "phoneme_timestamps", **common, "phoneme_timestamps": times})


def _manner(generation: Generation) -> Generation:
    return structs.replace(generation, transcript="", continue_=False, flush=None)


async def raise_fault(reaching: Awaitable[Any]) -> None:
    """Turn a fault that is to be worded into Cartesia's error. Raises CartesiaError."""
    if fault := await reaching:
        raise of_fault(fault)


def word_timestamps(words: tuple[TimedWord, ...], shift_ms: float) -> dict[str, Any]:
    """Seconds from the start of the context's audio."""
    return {
        "words": [word.text for word in words],
        "start": [round((word.start_ms + shift_ms) / 1000, 4) for word in words],
        "end": [round((word.end_ms + shift_ms) / 1000, 4) for word in words],
    }


def phoneme_timestamps(words: tuple[TimedWord, ...], shift_ms: float) -> dict[str, Any]:
    """Letters stand for phonemes, each with an equal share of its word."""
    phonemes: list[str] = []
    starts: list[float] = []
    ends: list[float] = []
    for word in words:
        letters = [letter for letter in word.text.lower() if letter.isalnum()]
        step_ms = (word.end_ms - word.start_ms) / max(len(letters), 1)
        for number, letter in enumerate(letters):
            phonemes.append(letter)
            starts.append(round((word.start_ms + shift_ms + number * step_ms) / 1000, 4))
            ends.append(round((word.start_ms + shift_ms + (number + 1) * step_ms) / 1000, 4))
    return {"phonemes": phonemes, "start": starts, "end": ends}
