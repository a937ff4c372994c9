"""One call by WebRTC: events over the data channel, voices over the media. Here the server owns what is played."""

import asyncio
import logging
import math
from collections.abc import Sequence
from typing import Protocol

from agent_server.hosting.opening import Opening
from agent_server.realtime import client_events as ce
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.protocol_session import ProtocolSession
from agent_server.realtime.session_terms import SessionTerms
from agent_server.webrtc.events_channel import EventsChannel
from agent_server.webrtc.playout import BYTES_PER_MS, Playout
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.runner import ConversationRunner

log = logging.getLogger(__name__)

CLIENT_BUFFER_MS = 120.0
"""From a frame's way to the wire until its last sample is played: itself, what a browser keeps against jitter (Chromium
on a quiet line: some 80 ms), and what it takes to play it."""

MOST_WAY_MS = 500.0
"""Of a longer one the measurement is not believed."""

REPORT_FRAMES = 12
"""As often, every 240 ms, the conversation is told what was heard."""


class Media(Protocol):
    """The call's media."""

    @property
    def is_over(self) -> asyncio.Event:
        """Set once nothing comes or goes any more."""

    @property
    def delay_ms(self) -> float | None:
        """One way to the client, where it is known."""


class WebRtcLine(ProtocolSession):
    """The host's ``Line``. ``receive_voice`` and ``next_frame`` are called by the media."""

    def __init__(self, events: EventsChannel, opening: Opening, terms: SessionTerms) -> None:
        super().__init__(opening, terms, put=events.put, reports_playback=True)
        self._channel = events
        self._playout = Playout(CLIENT_BUFFER_MS)
        self._frames = 0
        self._beside: set[str] = set()
        """Messages that are no part of the conversation."""
        self._open: set[str] = set()
        """Messages of which more audio may come."""
        self._cut: set[str] = set()
        """Of these, those of which no more is played."""
        self._active: set[str] = set()
        """Responses being made."""
        self._playing: str | None = None
        """The response whose audio the client was told of."""
        self.media: Media | None = None
        self.hung_up = asyncio.Event()

    @property
    def ended_properly(self) -> bool:
        return self.hung_up.is_set()

    # Events in

    async def serve(self, runner: ConversationRunner) -> None:
        """Until the client hangs up, is gone, or cannot be kept up with."""
        assert self.media is not None
        self._runner = runner
        reading = asyncio.create_task(self._read_events(), name="events")
        watched = {
            reading,
            asyncio.create_task(self.media.is_over.wait(), name="media"),
            asyncio.create_task(self.hung_up.wait(), name="hang-up"),
        }
        try:
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        finally:
            self._runner = None  # it holds this line
            for task in watched:
                task.cancel()
            await asyncio.wait(watched)

    async def _read_events(self) -> None:
        while (message := await self._channel.next()) is not None:
            refusals = self._refusals
            if isinstance(message, str):
                await self.receive(message)
            else:
                self._refuse(ProtocolError("invalid_event", "Events are JSON text; binary data is not taken."), None)
            if not await self._may_send_on(len(message), refused=self._refusals > refusals):
                return
        if self._channel.overflowed:
            log.warning("client of %s reads too slowly; cutting it off", self._conversation_id)

    async def _append(self, event: ce.InputAudioAppend) -> None:
        raise ProtocolError("unsupported_event", "On WebRTC the caller's audio comes by the media track.")

    def _clear_output(self, cause: str | None) -> None:
        """Who wants to hear no more of a reply needs no more of it made."""
        if self._active:
            self._open_runner.post(facts.ResponseCancel(cause=cause))
        self._stop_playing()

    def _played(self, report: ce.PlaybackReport) -> None:
        """The server knows what it put on the wire."""

    # The media

    def receive_voice(self, pcm: bytes) -> None:
        """The caller's, 24 kHz. What is more than real time is dropped."""
        runner = self._runner
        if runner is not None and self._audio_rate.take(len(pcm) / BYTES_PER_MS, runner.now_ms):
            self._take_in(pcm, way_ms=self._way_ms)

    @property
    def _way_ms(self) -> float:
        """One way, as far as it is known."""
        delay_ms = self.media.delay_ms if self.media is not None else None
        return min(delay_ms or 0.0, MOST_WAY_MS)

    def next_frame(self) -> bytes | None:
        """The agent's next 20 ms, which are on the wire in a moment; None: silence."""
        runner = self._runner
        if runner is None:
            return None
        now_ms = runner.now_ms
        frame = self._playout.frame(now_ms)
        self._frames += 1
        if self._frames % REPORT_FRAMES == 0:
            self._playout.delay_ms = CLIENT_BUFFER_MS + self._way_ms
            self._report(self._playout.heard(now_ms))
        if self._playing is not None and self._playing not in self._active and self._playout.is_ending:
            self._report(self._playout.heard(now_ms))
            if self._playout.is_idle:
                self._tell_of_buffer("stopped")
                self._playing = None
        return frame

    # News out

    def tell(self, action: act.Action, now_ms: float) -> None:
        match action:
            case act.OutputAudioDelta():
                self._play(action)
                return
            case act.PausePlayback():
                self._playout.hold()
                return
            case act.ResumePlayback():
                self._playout.resume()
                return
            case act.StopPlayback():
                self._stop_playing()
                return
            case act.OutputItemAdded(item=item, out_of_band=True):
                self._beside.add(item.id)
            case act.OutputItemDone(item=item):
                self._playout.end(item.id)
                self._open.discard(item.id)
                self._cut.discard(item.id)
                if not item.spoken:
                    self._beside.discard(item.id)
            case act.ResponseCreated(response=response):
                self._active.add(response.id)
            case act.ResponseDone(response=response):
                self._active.discard(response.id)
        super().tell(action, now_ms)
        if isinstance(action, act.SpeechStarted) and self._interrupts:
            self._stop_playing()

    @property
    def _interrupts(self) -> bool:
        detection = self.config.audio.input.turn_detection
        return detection is not None and detection.interrupt_response

    def _play(self, action: act.OutputAudioDelta) -> None:
        self._audio_was_produced = True
        if action.item_id in self._cut:
            return
        if self._playing != action.response_id:
            self._tell_of_buffer("stopped")
            self._playing = action.response_id
            self._tell_of_buffer("started")
        self._open.add(action.item_id)
        self._playout.play(action.item_id, action.pcm)

    def _tell_of_buffer(self, what: str) -> None:
        if self._playing is not None:
            self.send({"type": f"output_audio_buffer.{what}", "response_id": self._playing})

    def _stop_playing(self) -> None:
        """What was played of it becomes a fact of its own: this may be the middle of a step."""
        heard, cut = self._playout.heard(math.inf), self._playout.cut()
        self._cut.update(reply.item_id for reply in cut if reply.item_id in self._open)
        self._tell_of_buffer("cleared" if cut else "stopped")
        self._playing = None
        if heard or cut:
            asyncio.get_running_loop().call_soon(self._settle, heard, cut)

    def _settle(self, heard: Sequence[facts.PlaybackReported], cut: Sequence[facts.PlaybackReported]) -> None:
        beside = [reply for reply in cut if reply.item_id in self._beside]
        self._report([*(reply for reply in heard if reply.final), *beside])
        for reply in cut:
            if reply not in beside and self._runner is not None:
                self._runner.post(facts.ItemTruncate(reply.item_id, 0, reply.audio_ms))

    def _report(self, played: Sequence[facts.PlaybackReported]) -> None:
        for reply in played:
            if reply.final:
                self._beside.discard(reply.item_id)
            if self._runner is not None:
                self._runner.post(reply)
