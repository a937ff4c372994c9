"""A room without LiveKit: values in and out, in real time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent_server.livekit.job import Caller
from agent_server.livekit.line import LiveKitLine

FRAME = 960


class ScriptedRoom:
    """``come``: who is there, None: nobody comes."""

    def __init__(self, come: Caller | None = None) -> None:
        self.come = come
        self.is_alone_with_caller = True
        self.heard: list[bytes] = []
        """Frames of the agent's that were not silent."""
        self.shown: list[tuple[str, bool]] = []
        self.drops = 0
        self.ticks = 0
        self.blocks = 0
        self.is_closed = False
        self.line: LiveKitLine | None = None
        self._speech = b""

    @property
    def heard_ms(self) -> int:
        return 20 * len(self.heard)

    def say(self, pcm: bytes) -> None:
        self._speech += pcm

    async def join(self) -> None: ...

    async def caller(self, _dismissed: asyncio.Event) -> Caller | None:
        return self.come

    @asynccontextmanager
    async def talking(self, line: LiveKitLine, dismissed: asyncio.Event) -> AsyncIterator[None]:
        self.line = line
        self.blocks += 1
        tasks = [asyncio.create_task(self._tick(line)), asyncio.create_task(self._dismiss(line, dismissed))]
        try:
            yield
        finally:
            self.line = None
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def close(self) -> None:
        self.is_closed = True

    def drop_audio(self) -> None:
        self.drops += 1

    def show(self, item_id: str, text: str, *, by_caller: bool) -> None:
        assert item_id
        self.shown.append((text, by_caller))

    async def _tick(self, line: LiveKitLine) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            frame, self._speech = self._speech[:FRAME].ljust(FRAME, b"\0"), self._speech[FRAME:]
            line.receive_voice(frame)
            self.ticks += 1
            if (said := line.next_frame()) is not None:
                assert len(said) == FRAME
                self.heard.append(said)
            due_s += 0.02
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _dismiss(self, line: LiveKitLine, dismissed: asyncio.Event) -> None:
        await dismissed.wait()
        line.left(properly=True)


class ScriptedRooms:
    """The server's side; ``transfers``: whether a colleague answers; ``callers``: who is in rooms, by their ids, as far
    as it says."""

    def __init__(self, *, transfers: bool = True) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.callers: dict[str, bool] = {}
        self.dispatches = True
        self._transfers = transfers

    async def hang_up(self, room: str, identity: str, *, alone: bool) -> bool:
        self.asked.append(("hang_up", room, identity, "alone" if alone else "others"))
        return True

    async def transfer(self, room: str, identity: str, number: str) -> bool:
        self.asked.append(("transfer", room, identity, number))
        return self._transfers

    async def has_caller(self, room: str, room_sid: str) -> bool | None:
        return self.callers.get(room_sid)

    async def dispatch_again(self, room: str, metadata: str) -> bool:
        self.asked.append(("dispatch", room, metadata))
        return self.dispatches
