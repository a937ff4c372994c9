"""One speech-to-text connection: audio and commands in, messages out in order, each at its time, as faults allow."""

import asyncio
from abc import ABC, abstractmethod

from aiohttp import WSMsgType, web
from msgspec import Struct
from msgspec.structs import replace

from simulators.audio.hearing import Ears
from simulators.audio.loudness import WINDOW_MS, Loudness
from simulators.audio.pcm import Decoder, UndecodableError
from simulators.audio.recordings import NOTHING_KNOWN
from simulators.faults import Fault, Moment
from simulators.flow import Flow, end_tasks
from simulators.simulation import Simulation

_LONGEST_QUEUE = 2000
"""Messages that wait for a client that does not read. Beyond, the connection is reset."""
_WALL_TICK_MS = 20
_VOICE_LEVEL = 2000
_GARBAGE_TEXTS = ('{"type":"Res', '{"type":"NoSuchType","n":1}')
_GARBAGE_BYTES = b"\x00\xff\x00"


class Message(Struct, frozen=True):
    """A message with the moments it marks: ``before`` it is sent and ``after``."""

    text: str
    before: Moment | None = None
    after: Moment | None = None


class Goodbye(Struct, frozen=True):
    """Close the connection. ``code`` None: a close frame without a code."""

    code: int | None
    reason: str = ""


class SpeechSocket(ABC):
    """Base of the vendors' protocols. A subclass turns levels into messages and answers text commands."""

    def __init__(self, simulation: Simulation, name: str, request: web.Request, decoder: Decoder) -> None:
        self.simulation = simulation
        self.name = name
        self.seen = simulation.seen[name]
        self._request = request
        self._decoder = decoder
        self._scenario = simulation.next_scenario()
        self.ears = self._new_ears()
        self._flow = Flow(simulation, name, request, self._garble)
        self._outbox: asyncio.Queue[tuple[float, Message | Goodbye]] = asyncio.Queue()
        self._last_due = 0.0
        self._closing = False
        self._heard_from = simulation.clock.now()
        self._loudness: dict[int, Loudness] = {}
        self._position_ms = 0.0

    def _new_ears(self) -> Ears:
        simulation = self.simulation
        rate_wpm = simulation.config.speaking_rate_wpm
        if self._scenario is None:
            return Ears(simulation.script, simulation.library, rate_wpm)
        spoken = replace(simulation.script, sentences=tuple(turn.text for turn in self._scenario.turns))
        return Ears(spoken, NOTHING_KNOWN, rate_wpm)

    # What a vendor's protocol says and does.

    @abstractmethod
    def greet(self) -> None:
        """The connection is open."""

    @abstractmethod
    def hear(self, channel: int, levels: list[int]) -> None:
        """Windows of 10 ms that follow one another; level 0 is silence."""

    @abstractmethod
    def command(self, text: str) -> None:
        """A text frame came."""

    @abstractmethod
    def fail(self, fault: Fault) -> None:
        """Word a rate limit or server error within the open connection, and close it."""

    @abstractmethod
    def undecodable(self, reason: str) -> None:
        """The audio makes no sense."""

    @abstractmethod
    def idle(self) -> None:
        """Nothing came for ``idle_close_ms``."""

    def say(self, message: Message | Goodbye, delay_ms: float = 0.0) -> None:
        """Send in ``delay_ms``, and after everything said before."""
        if self._outbox.qsize() >= _LONGEST_QUEUE and self._request.transport is not None:
            self._request.transport.abort()
        self._last_due = max(self.simulation.clock.now() + delay_ms / 1000, self._last_due)
        self._outbox.put_nowait((self._last_due, message))

    @property
    def audio_ms(self) -> float:
        """How much audio has been received."""
        return self._position_ms

    # The rim.

    async def serve(self, headers: dict[str, str], subprotocols: tuple[str, ...] = ()) -> web.WebSocketResponse:
        """Run the connection to its end."""
        self._ws = web.WebSocketResponse(compress=False, max_msg_size=1 << 20, timeout=1.0, protocols=subprotocols)
        self._ws.headers.update(headers)
        await self._ws.prepare(self._request)
        self.seen.open += 1
        self.seen.count("connections")
        runs = [self._send(), self._receive(), self._watch()]
        if self._scenario is not None and self._scenario.clock == "wall":
            runs.append(self._play_by_the_wall_clock())
        tasks = [asyncio.create_task(run, name=f"{self.name} socket") for run in runs]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.seen.open -= 1
            await end_tasks(tasks)
        return self._ws

    async def _receive(self) -> None:
        async for message in self._ws:
            self._heard_from = self.simulation.clock.now()
            if message.type is WSMsgType.BINARY:
                self._take_audio(message.data)
            elif message.type is WSMsgType.TEXT:
                self.command(message.data)
        if not self._closing:
            self.seen.count("closed_by_client")

    def _take_audio(self, data: bytes) -> None:
        self.seen.count("audio_bytes", len(data))
        try:
            channels = self._decoder.feed(data)
        except UndecodableError as error:
            self.undecodable(str(error))
            return
        for number, pcm in enumerate(channels):
            loudness = self._loudness.get(number)
            if loudness is None:
                loudness = self._loudness[number] = self._new_loudness()
            levels = loudness.feed(pcm)
            if self._scenario is None:
                self._advance(number, levels)
            elif self._scenario.clock == "audio":
                self._advance(number, self._scenario_levels(len(levels)))

    def _new_loudness(self) -> Loudness:
        assert self._decoder.format is not None
        return Loudness(self._decoder.format.sample_rate, self.simulation.config.speech.threshold_dbfs)

    def _advance(self, channel: int, levels: list[int]) -> None:
        if channel == 0:
            self._position_ms += len(levels) * WINDOW_MS
        self.hear(channel, levels)

    def _scenario_levels(self, windows: int) -> list[int]:
        assert self._scenario is not None
        spans = [span for turn in self._scenario.turns for span in turn.spans]
        times = (self._position_ms + n * WINDOW_MS for n in range(windows))
        return [_VOICE_LEVEL if any(start <= at < end for start, end in spans) else 0 for at in times]

    async def _play_by_the_wall_clock(self) -> None:
        clock = self.simulation.clock
        begun = clock.now()
        while True:
            await clock.sleep_ms(_WALL_TICK_MS)
            windows = int((clock.now() - begun) * 1000 - self._position_ms) // WINDOW_MS
            self._advance(0, self._scenario_levels(windows))

    async def _watch(self) -> None:
        limit_s = self.simulation.delays.draw(self.name, "idle_close_ms") / 1000
        while (quiet_s := self.simulation.clock.now() - self._heard_from) < limit_s:
            await self.simulation.clock.sleep_ms((limit_s - quiet_s) * 1000)
        self.seen.count("closed_as_idle")
        self.idle()
        await asyncio.Event().wait()  # the sender ends the connection

    async def _send(self) -> None:
        if fault := await self._flow.reach("accepted"):
            self.fail(fault)
        self.greet()
        while True:
            due, message = await self._outbox.get()
            await self.simulation.clock.sleep_until(due)
            if isinstance(message, Goodbye):
                await self._close(message)
                return
            await self._pass(message.before)
            await self._flow.pace()
            await self._ws.send_str(message.text)
            await self._pass(message.after)

    async def _pass(self, moment: Moment | None) -> None:
        if moment is not None and (fault := await self._flow.reach(moment)):
            self._outbox = asyncio.Queue()  # what was still to be said is lost
            self.fail(fault)

    async def _close(self, goodbye: Goodbye) -> None:
        self._closing = True
        self.seen.count("closed_by_server")
        if goodbye.code is None:
            await self._ws.send_frame(b"", WSMsgType.CLOSE)
        else:
            await self._ws.close(code=goodbye.code, message=goodbye.reason.encode())

    async def _garble(self) -> None:
        for text in _GARBAGE_TEXTS:
            await self._ws.send_str(text)
        await self._ws.send_bytes(_GARBAGE_BYTES)
