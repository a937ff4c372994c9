"""One call in a room: the caller's voice and keys in, the agent's voice out. Here the server owns what is played."""

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

from msgspec import structs

from agent_server.hosting.line import Ending
from agent_server.hosting.opening import Opening
from agent_server.telephony.colleague import first_facts
from agent_server.telephony.spoken_line import SpokenLine
from agent_server.webrtc.playout import Playout
from pipelines.conversation import actions as act
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings

WAY_MS = 140.0
"""From this process to the caller's ear, until a frame is played: itself, what waits for the wire (20 to 40 ms), the
server between, and what a client keeps against jitter (30 to 75 ms). A telephone's is longer by some 50 ms."""

CALLER_WAY_MS = 100.0
"""From the caller's mouth to this process: what is kept here against jitter, and the server between."""

REPORT_FRAMES = 12
"""As often, every 240 ms, the conversation is told what was heard."""


class Room(Protocol):
    """What the line needs of the room; none of it blocks."""

    def drop_audio(self) -> None:
        """Say nothing of what waits for the wire."""

    def show(self, item_id: str, text: str, *, by_caller: bool) -> None:
        """To whoever follows the call in writing."""


class LiveKitLine(SpokenLine):
    """The host's ``Line``. ``receive_voice``, ``press``, ``left`` and ``next_frame`` are called by the room."""

    def __init__(
        self,
        room: Room,
        opening: Opening,
        base: ConversationSettings,
        *,
        is_phone: bool,
        can_transfer: bool,
        wants_no_calls: Callable[[], None],
    ) -> None:
        super().__init__(opening, base, is_phone=is_phone, can_transfer=can_transfer, wants_no_calls=wants_no_calls)
        self._room = room
        self._playout = Playout(WAY_MS)
        self._frames = 0
        self._voiced: set[str] = set()
        """Messages of which there is audio, and more may come."""
        self._over = asyncio.Event()
        self.hung_up = False
        """By this side: the caller is still there."""
        self.is_drained = False
        """This process stops, and another may take the call."""

    @property
    def settings(self) -> ConversationSettings:
        return structs.replace(super().settings, transcribe=True)

    def end(self, why: Ending) -> None:
        super().end(why)
        self.is_drained = why == "draining"
        self.hung_up = why in ("expired", "ended")

    async def serve(self, runner: ConversationRunner) -> None:
        """Until either side hangs up or the room is gone; LiveKit notices callers that are gone without a word."""
        self._runner = runner
        try:
            if self._is_phone:
                for fact in first_facts(self._opening):
                    runner.post(fact)
            await self._over.wait()
        finally:
            self._runner = None  # it holds this line

    # From the room

    def receive_voice(self, pcm: bytes) -> None:
        """The caller's, 24 kHz."""
        if self._runner is not None:
            self._runner.receive_audio(pcm, way_ms=CALLER_WAY_MS)

    def press(self, key: str) -> None:
        if self._runner is not None:
            self._keypad.press(key, self._runner.now_ms)

    def left(self, *, properly: bool) -> None:
        """The caller did, or the call is to be left; not ``properly``: something broke."""
        if properly and self.next is None:
            self.next = "hang_up"
        self._over.set()

    def next_frame(self) -> bytes | None:
        """The agent's next 20 ms, for the wire; None: silence. Asked for all the time, so it is the line's clock."""
        runner = self._runner
        if runner is None:
            return None
        now_ms = runner.now_ms
        frame = self._playout.frame(now_ms)
        self._frames += 1
        if self._frames % REPORT_FRAMES == 0 or self._playout.is_ending:
            self._report(self._playout.heard(now_ms))
        due = self._due(runner)
        if self.next is None and due is not None:
            self.next, self.hung_up = due, True
            self._over.set()
        return frame

    # To the caller

    @property
    def _is_playing(self) -> bool:
        return not self._playout.is_idle

    def _play(self, item_id: str, pcm: bytes, now_ms: float) -> None:
        self._voiced.add(item_id)
        self._playout.play(item_id, pcm)

    def _end(self, item: Item, now_ms: float) -> bool:
        self._playout.end(item.id)
        is_voiced = item.id in self._voiced
        self._voiced.discard(item.id)
        if is_voiced and item.status == "completed":
            self._room.show(item.id, item.generated.strip(), by_caller=False)
        return is_voiced

    def _hold(self, now_ms: float) -> None:
        self._playout.hold()

    def _resume(self, now_ms: float) -> None:
        self._playout.resume()

    def _cut(self, now_ms: float) -> None:
        heard, cut = self._playout.heard(math.inf), self._playout.cut()
        self._room.drop_audio()
        finals = [*(reply for reply in heard if reply.final), *cut]
        if finals:
            asyncio.get_running_loop().call_soon(self._report, finals)

    def tell(self, action: act.Action, now_ms: float) -> None:
        super().tell(action, now_ms)
        if isinstance(action, act.TranscriptCompleted) and action.transcript:
            self._room.show(action.item_id, action.transcript, by_caller=True)
