"""Runs one call: the caller's decisions on one side, socket, clock, files and devices on the other."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent_server.cli.calling.actions import Action, CallEnded, Heard, Send, TurnBegan, TurnEnded
from agent_server.cli.calling.caller import Caller
from agent_server.cli.calling.connection import open_connection
from agent_server.cli.calling.devices import Devices, open_devices
from agent_server.cli.calling.plan import CallFailure, Plan, TurnReport
from agent_server.cli.calling.replies import Event
from agent_server.cli.calling.server_events import BrokenEventError, decode
from agent_server.cli.calling.view import CallResult, CallView
from agent_server.cli.calling.wav_file import WavWriter

TICK_S = 0.01
FAREWELL_TIMEOUT_S = 1.0
MAX_UNSENT = 1000
"""Events that wait for the network, 20 s of audio. Past this the server is taken not to read any more."""


async def place_call(
    plan: Plan, view: CallView, *, url: str, api_key: str | None, out: Path | None = None, hang_up: asyncio.Event
) -> CallResult:
    """Carry out the plan, or as much of it as goes before ``hang_up`` is set.

    Raises ConnectError, DeviceError, OSError when nothing could begin.
    """
    with ExitStack() as stack:
        devices = stack.enter_context(open_devices()) if plan.live else None
        recording = stack.enter_context(WavWriter(out)) if out is not None else None
        async with open_connection(url, api_key) as socket:
            call = _Call(plan, view, socket, devices=devices, recording=recording, hang_up=hang_up)
            view.connected(url)
            await call.run()
    result = CallResult(
        reports=tuple(call.reports),
        failure=call.failure,
        conversation_id=call.caller.conversation_id,
        duration_ms=call.now_ms(),
        recording=out,
    )
    view.ended(result)
    return result


class _Call:
    def __init__(
        self,
        plan: Plan,
        view: CallView,
        socket: ClientConnection,
        *,
        devices: Devices | None,
        recording: WavWriter | None,
        hang_up: asyncio.Event,
    ) -> None:
        self.caller = Caller(plan)
        self.reports: list[TurnReport] = []
        self.failure: CallFailure | None = None
        self._view = view
        self._socket = socket
        self._devices = devices
        self._recording = recording
        self._hang_up = hang_up
        self._unsent: asyncio.Queue[Event] = asyncio.Queue(MAX_UNSENT)
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._began_s = self._clock()

    def now_ms(self) -> float:
        return (self._clock() - self._began_s) * 1000

    async def run(self) -> None:
        """Until the caller's side is over; then what is still unsent goes out, if the server takes it soon."""
        try:
            async with asyncio.TaskGroup() as tasks:
                around = [
                    tasks.create_task(self._send(), name="sending events"),
                    tasks.create_task(self._read(), name="reading events"),
                ]
                await self._keep_time()
                with suppress(TimeoutError):
                    async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                        await self._unsent.join()
                for task in around:
                    task.cancel()
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _keep_time(self) -> None:
        while not self.caller.is_over:
            if self._hang_up.is_set():
                self._carry_out(self.caller.hang_up())
            if self._devices is not None:
                for frame in self._devices.take():
                    self._carry_out(self.caller.microphone(frame, self.now_ms()))
            self._carry_out(self.caller.advance(self.now_ms()))
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        """To the next tick, or to the caller's next frame: a late frame would look like a late caller."""
        frame_ms = self.caller.next_frame_ms
        if frame_ms is None:
            return TICK_S
        return min(TICK_S, max(0.0, frame_ms - self.now_ms()) / 1000)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                event, pcm = decode(message)
                at_ms = self.now_ms()
                self._view.event(event, at_ms)
                self._carry_out(self.caller.receive(event, pcm, at_ms))
            self._note_close()
        except ConnectionClosed:
            self._note_close()
        except BrokenEventError as error:
            self._carry_out(self.caller.fail(error.code, str(error)))

    def _note_close(self) -> None:
        code = self._socket.close_code or 1006
        self._carry_out(self.caller.closed(code, self._socket.close_reason or ""))

    async def _send(self) -> None:
        with suppress(ConnectionClosed):  # the reader notices too, and says why
            while True:
                event = await self._unsent.get()
                try:
                    await self._socket.send(msgspec.json.encode(event).decode())
                finally:
                    self._unsent.task_done()

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(event):
                    self._put(event)
                case Heard(pcm):
                    self._hear(pcm)
                case TurnBegan(turn):
                    self._view.turn_began(turn, self.now_ms())
                case TurnEnded(report):
                    self.reports.append(report)
                    self._view.turn_ended(report, self.now_ms())
                case CallEnded(failure):
                    self.failure = failure

    def _put(self, event: Event) -> None:
        try:
            self._unsent.put_nowait(event)
        except asyncio.QueueFull:
            self._carry_out(self.caller.fail("server_not_reading", "The server takes no more events."))

    def _hear(self, pcm: bytes) -> None:
        if self._devices is not None:
            self._devices.play(pcm)
        if self._recording is not None:
            self._recording.write(pcm)
