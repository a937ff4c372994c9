"""A client of the realtime protocol on a WebSocket: the host's ``Line``. Audio comes and goes in events."""

import asyncio
import logging

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from agent_server.hosting.opening import Opening
from agent_server.realtime import client_events as ce
from agent_server.realtime.audio_format import OutputEncoder
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.outbox import SEND_TIMEOUT_S, Outbox
from agent_server.realtime.protocol_session import REPORTING_PACING, SLICE_MS, ProtocolSession
from agent_server.realtime.render import AudioDeltaEvent
from agent_server.realtime.session_terms import SessionTerms
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import AudioFormatName

log = logging.getLogger(__name__)

_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


class Connection(ProtocolSession):
    """``reports_playback``: a client of our own, which will tell what it plays."""

    def __init__(
        self, socket: web.WebSocketResponse, opening: Opening, terms: SessionTerms, *, reports_playback: bool
    ) -> None:
        self.outbox = Outbox(socket)
        self._socket = socket
        super().__init__(opening, terms, put=self.outbox.put, reports_playback=reports_playback)
        self._formats: dict[str, AudioFormatName] = {}
        self._encoders: dict[str, OutputEncoder] = {}
        self._refused_audio_at_ms = float("-inf")

    @property
    def ended_properly(self) -> bool:
        return self._socket.close_code in (1000, 1001)

    # News out

    def tell(self, action: act.Action, now_ms: float) -> None:
        if isinstance(action, act.OutputAudioDelta):
            self._send_audio(action)
            return
        match action:
            case act.ResponseCreated(response=response):
                self._formats[response.id] = response.audio_format
            case act.OutputItemDone():
                self._flush_audio(action)
            case act.ResponseDone(response=response):
                self._formats.pop(response.id, None)
        super().tell(action, now_ms)

    def _send_audio(self, action: act.OutputAudioDelta) -> None:
        self._audio_was_produced = True
        encoder = self._encoders.get(action.item_id)
        if encoder is None:
            encoder = self._encoders[action.item_id] = OutputEncoder(self._formats[action.response_id])
        self._send_delta(action.response_id, action.item_id, action.output_index, encoder.feed(action.pcm))

    def _flush_audio(self, action: act.OutputItemDone) -> None:
        encoder = self._encoders.pop(action.item.id, None)
        if encoder is not None and (rest := encoder.flush()) and action.item.status == "completed":
            self._send_delta(action.response_id, action.item.id, action.output_index, rest)

    def _send_delta(self, response_id: str, item_id: str, output_index: int, audio: bytes) -> None:
        if not audio:
            return
        self._events += 1
        event = AudioDeltaEvent(f"event_{self._events}", response_id, item_id, output_index, 0, audio)
        self.outbox.put(msgspec.json.encode(event))

    # Events in

    async def serve(self, runner: ConversationRunner) -> None:
        """Read the client's events until it leaves."""
        self._runner = runner
        try:
            await self._read_events()
        finally:
            self._runner = None  # it holds this connection

    async def _read_events(self) -> None:
        while (message := await self._socket.receive()).type not in _ENDS:
            refusals, self._dropped_bytes = self._refusals, 0
            if message.type is WSMsgType.TEXT:
                await self.receive(message.data)
            elif not await self._take(message):
                return
            if self.outbox.overflowed:
                log.warning("client of %s reads too slowly; cutting it off", self._conversation_id)
                return
            size = len(message.data) + self._dropped_bytes
            if not await self._may_send_on(size, refused=self._refusals > refusals):
                return

    async def _take(self, message: WSMessage) -> bool:
        """What is no event. False: the line is broken."""
        match message.type:
            case WSMsgType.PING:
                return await self._answer_ping(message.data)
            case WSMsgType.BINARY:
                self._refuse(ProtocolError("invalid_event", "Events are JSON text; binary frames are not taken."), None)
        return True

    async def _answer_ping(self, payload: bytes) -> bool:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.pong(payload)
        except (ConnectionError, TimeoutError):
            return False
        return True

    async def _append(self, event: ce.InputAudioAppend) -> None:
        now_ms = self._open_runner.now_ms
        if not self._audio_rate.take(len(event.audio) / self._input.bytes_per_ms, now_ms):
            self._refuse_fast_audio(now_ms)
            return
        self._input.check(event.audio)
        slice_bytes = SLICE_MS * self._input.bytes_per_ms
        if len(event.audio) <= slice_bytes:
            self._take_in(self._input.feed(event.audio))
            return
        for start in range(0, len(event.audio), slice_bytes):
            self._take_in(self._input.feed(event.audio[start : start + slice_bytes]))
            await asyncio.sleep(0)

    def _refuse_fast_audio(self, now_ms: float) -> None:
        """One error a second says it all; the audio is not taken."""
        if now_ms - self._refused_audio_at_ms < 1000:
            return
        self._refused_audio_at_ms = now_ms
        raise ProtocolError(
            "input_audio_too_fast",
            "Audio comes faster than real time for over a minute; it is dropped until the stream is back in time.",
            param="audio",
            type_="rate_limit_error",
        )

    def _clear_output(self, cause: str | None) -> None:
        raise ProtocolError("unsupported_event", "On a WebSocket the client owns its playback; stop it there.")

    def _played(self, report: ce.PlaybackReport) -> None:
        """Who tells what it plays may be given more audio ahead."""
        if self.base.pacing is not REPORTING_PACING:
            self.base = msgspec.structs.replace(self.base, pacing=REPORTING_PACING)
            self._open_runner.configure(facts.Configured(self.settings))
        self._open_runner.post(facts.PlaybackReported(report.item_id, max(0.0, report.audio_ms), report.final))
