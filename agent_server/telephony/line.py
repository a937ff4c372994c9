"""One telephone call: the caller's voice and keys in, the agent's voice out, until either side hangs up."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from agent_server.hosting.opening import Opening
from agent_server.realtime.audio_format import InputDecoder, OutputEncoder
from agent_server.telephony.colleague import first_facts
from agent_server.telephony.media_stream import CallEvent, HungUp, MediaStream, Pressed, Returned, Voice
from agent_server.telephony.playback import CarrierPlayback, Order
from agent_server.telephony.spoken_line import SpokenLine
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings

log = logging.getLogger(__name__)

SILENT_S = 10.0
"""Carriers send fifty frames a second, whatever the caller does: a stream that sends nothing is dead."""


class PhoneLine(SpokenLine):
    """The host's ``Line`` over a carrier's media stream."""

    def __init__(
        self,
        stream: MediaStream,
        opening: Opening,
        base: ConversationSettings,
        *,
        can_transfer: bool,
        wants_no_calls: Callable[[], None],
    ) -> None:
        super().__init__(opening, base, can_transfer=can_transfer, wants_no_calls=wants_no_calls)
        self._stream = stream
        self._decoder = InputDecoder(stream.caller_format)
        self._encoders: dict[str, OutputEncoder] = {}
        self._playback = CarrierPlayback()

    async def serve(self, runner: ConversationRunner) -> None:
        self._runner = runner
        clock = asyncio.get_running_loop().time
        try:
            for fact in first_facts(self._opening):
                runner.post(fact)
            async with asyncio.timeout(SILENT_S) as deadline:
                while self.next is None and (event := await self._stream.next()) is not None:
                    deadline.reschedule(clock() + SILENT_S)
                    self._take(event, runner)
        except TimeoutError:
            log.warning("the stream of a call fell silent")
        finally:
            self._runner = None  # it holds this line

    def _take(self, event: CallEvent, runner: ConversationRunner) -> None:
        match event:
            case Voice(audio):
                runner.receive_audio(self._decoder.feed(audio))
                self._report(self._playback.overdue(runner.now_ms))
                self.next = self._due(runner)  # carriers send audio every 20 ms, silence too: that is clock enough
            case Returned(mark):
                if (played := self._playback.returned(mark, runner.now_ms)) is not None:
                    self._report([played])
            case Pressed(key):
                self._keypad.press(key, runner.now_ms)
            case HungUp():
                self.next = "hang_up"

    # To the caller

    @property
    def _is_playing(self) -> bool:
        return not self._playback.is_idle

    def _play(self, item_id: str, pcm: bytes, now_ms: float) -> None:
        encoder = self._encoders.get(item_id)
        if encoder is None:
            encoder = self._encoders[item_id] = OutputEncoder("audio/pcmu")
        if audio := encoder.feed(pcm):
            self._order(self._playback.play(item_id, audio, now_ms))

    def _end(self, item: Item, now_ms: float) -> bool:
        encoder = self._encoders.pop(item.id, None)
        if encoder is None:
            return False
        if item.status == "completed":
            if rest := encoder.flush():
                self._order(self._playback.play(item.id, rest, now_ms))
            self._order(self._playback.end(item.id, now_ms))
        return True

    def _hold(self, now_ms: float) -> None:
        self._order(self._playback.hold(now_ms))

    def _resume(self, now_ms: float) -> None:
        self._order(self._playback.resume(now_ms))

    def _cut(self, now_ms: float) -> None:
        orders, played = self._playback.cut(now_ms)
        self._order(orders)
        if played:
            asyncio.get_running_loop().call_soon(self._report, played)

    def _order(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self._stream.order(order)
