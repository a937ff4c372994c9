"""A room's media, by LiveKit's own library: to be imported when the worker starts (``pipelines.loading``)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from livekit import rtc

from agent_server.livekit.job import Caller, Job
from agent_server.livekit.line import LiveKitLine
from agent_server.webrtc.cadence import Cadence
from agent_server.webrtc.playout import FRAME_BYTES

log = logging.getLogger(__name__)
logging.getLogger("livekit").setLevel(logging.ERROR)  # it names rooms, whose names may hold a caller's number

RATE = 24_000
FRAME_SAMPLES = RATE // 50
LEAD_S = 0.01
"""So much less than a frame that waits for the wire would be heard as a gap when this process is late for the next."""

QUEUE_MS = 200
JOIN_TIMEOUT_S = 12.0
CALLER_TIMEOUT_S = 60.0
"""A room that nobody comes to is left; a telephone that rings is given as long."""

SEND_TIMEOUT_S = 2.0
CLOSE_TIMEOUT_S = 5.0
MOST_FRAMES = 100
"""Of the caller's that may wait: two seconds."""

MOST_TEXTS = 64
TRANSCRIPTION = "lk.transcription"
_SILENCE = bytes(FRAME_BYTES)
_CALLERS = frozenset(
    {
        rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
        rtc.ParticipantKind.PARTICIPANT_KIND_SIP,
        rtc.ParticipantKind.PARTICIPANT_KIND_CONNECTOR,
    }
)
_GOODBYES = frozenset(
    {
        rtc.DisconnectReason.CLIENT_INITIATED,
        rtc.DisconnectReason.PARTICIPANT_REMOVED,
        rtc.DisconnectReason.ROOM_DELETED,
        rtc.DisconnectReason.ROOM_CLOSED,
    }
)


class LiveKitRoom:
    """One room, joined for one caller: whoever comes first. ``close`` it, whatever happens."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._room = rtc.Room()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        self._caller: rtc.RemoteParticipant | None = None
        self._line: LiveKitLine | None = None
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._goodbye = False
        self._ear: asyncio.Task[None] | None = None
        self._microphone = ""
        """The publication it listens to."""
        self._texts: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue(MOST_TEXTS)
        for event in ("participant_connected", "participant_attributes_changed"):
            self._room.on(event, lambda *_: self._changed.set())
        self._room.on("participant_disconnected", self._on_left)
        self._room.on("disconnected", self._on_disconnected)
        self._room.on("track_published", self._subscribe)
        self._room.on("track_subscribed", self._on_track)
        self._room.on("track_unsubscribed", lambda _, *gone: self._on_track_gone(*gone))
        self._room.on("track_unpublished", self._on_track_gone)
        self._room.on("sip_dtmf_received", self._on_key)

    async def join(self) -> None:
        """Raises TimeoutError or rtc.ConnectError."""
        options = rtc.RoomOptions(auto_subscribe=False, connect_timeout=5.0)
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            await self._room.connect(self._job.url, self._job.token, options)
            track = rtc.LocalAudioTrack.create_audio_track("agent", self._source)
            options_ = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await self._room.local_participant.publish_track(track, options_)

    async def caller(self, dismissed: asyncio.Event) -> Caller | None:
        """Who comes first, once they are there to talk. None: nobody does in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALLER_TIMEOUT_S):
                while not self._over.is_set() and not dismissed.is_set():
                    self._changed.clear()
                    for participant in self._room.remote_participants.values():
                        caller = _caller(participant)
                        if participant.kind in _CALLERS and caller.has_answered:
                            self._caller = participant
                            return caller
                    await _first(self._changed, self._over, dismissed)
        return None

    @property
    def is_alone_with_caller(self) -> bool:
        """Nobody else would be cut off with them; an agent whose process died stays for a while, too."""
        others = self._room.remote_participants.values()
        return sum(other.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for other in others) <= 1

    @asynccontextmanager
    async def talking(self, line: LiveKitLine, dismissed: asyncio.Event) -> AsyncIterator[None]:
        """Voices go both ways in this block."""
        self._line = line
        caller = self._caller
        if self._over.is_set() or caller is None or caller.identity not in self._room.remote_participants:
            line.left(properly=self._goodbye)
        else:
            for publication in caller.track_publications.values():
                self._subscribe(publication, caller)
                if publication.track is not None:  # of an earlier block
                    self._on_track(publication.track, publication, caller)
        beside = [
            asyncio.create_task(_guarded(self._speak(line.next_frame), line), name="livekit voice"),
            asyncio.create_task(self._write(), name="livekit texts"),
            asyncio.create_task(self._leave_when(dismissed, line), name="livekit dismissal"),
        ]
        try:
            yield
        finally:
            self._line = None
            if self._ear is not None:
                beside.append(self._ear)
                self._ear = None
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)

    async def close(self) -> None:
        """Within a deadline."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._room.disconnect()
                await self._source.aclose()
        except TimeoutError:
            log.warning("a room was not left in time")

    # What the line wants

    def drop_audio(self) -> None:
        self._source.clear_queue()

    def show(self, item_id: str, text: str, *, by_caller: bool) -> None:
        who = self._caller if by_caller else self._room.local_participant
        if who is not None:
            with contextlib.suppress(asyncio.QueueFull):  # nobody reads this fast
                self._texts.put_nowait((item_id, text, who.identity))

    # What happens in the room

    def _subscribe(self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        """What a shared screen plays is not what the caller says."""
        is_callers = self._caller is not None and participant.identity == self._caller.identity
        is_voice = publication.source != rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO
        if is_callers and publication.kind == rtc.TrackKind.KIND_AUDIO and is_voice:
            publication.set_subscribed(True)

    def _on_track(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        caller, line = self._caller, self._line
        if line is None or caller is None or participant.identity != caller.identity:
            return
        if self._ear is not None:  # a microphone that was changed
            self._ear.cancel()
        self._microphone = publication.sid
        self._ear = asyncio.create_task(_guarded(_hear(track, line.receive_voice), line), name="livekit ear")

    def _on_track_gone(self, gone: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        """The one before is heard again, where there is one."""
        caller, ear = self._caller, self._ear
        if ear is None or caller is None or participant.identity != caller.identity or gone.sid != self._microphone:
            return
        ear.cancel()
        self._ear = None
        left = [(publication.track, publication) for publication in caller.track_publications.values()]
        for track, publication in reversed(left):
            if track is not None and publication.sid != gone.sid:
                self._on_track(track, publication, caller)
                return

    def _on_key(self, pressed: rtc.SipDTMF) -> None:
        if self._line is not None and pressed.participant is self._caller:
            self._line.press(pressed.digit)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if self._caller is not None and participant.identity == self._caller.identity:
            self._end(properly=participant.disconnect_reason in _GOODBYES)

    def _on_disconnected(self, reason: Any = None) -> None:
        self._end(properly=reason in _GOODBYES)

    def _end(self, *, properly: bool) -> None:
        if self._over.is_set():
            return
        self._goodbye = properly
        self._over.set()
        if self._line is not None:
            self._line.left(properly=properly)

    async def _leave_when(self, dismissed: asyncio.Event, line: LiveKitLine) -> None:
        await dismissed.wait()
        line.left(properly=True)

    # To the room

    async def _speak(self, next_frame: Callable[[], bytes | None]) -> None:
        """Frame by frame, silence too: so the queue to the wire stays as short as it is."""
        clock_s = asyncio.get_running_loop().time
        cadence = Cadence()
        while True:
            due_s, _ = cadence.next(clock_s())
            if (wait_s := due_s - clock_s()) > 0:
                await asyncio.sleep(wait_s)
            frame = next_frame()
            async with asyncio.timeout(SEND_TIMEOUT_S):
                if self._source.queued_duration < LEAD_S:
                    await self._source.capture_frame(_frame(_SILENCE))
                await self._source.capture_frame(_frame(frame or _SILENCE))

    async def _write(self) -> None:
        """What both said, as text streams under the name that LiveKit's pages read."""
        while True:
            item_id, text, identity = await self._texts.get()
            attributes = {"lk.segment_id": item_id, "lk.transcription_final": "true"}
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    writer = await self._room.local_participant.stream_text(
                        topic=TRANSCRIPTION, sender_identity=identity, attributes=attributes
                    )
                    await writer.write(text)
                    await writer.aclose()
            except Exception as error:  # the library raises what it likes; the call goes on
                log.warning("a text did not reach a room: %s", type(error).__name__)


async def _hear(track: rtc.Track, hear: Callable[[bytes], None]) -> None:
    stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=20, capacity=MOST_FRAMES)
    try:
        async for event in stream:
            hear(bytes(event.frame.data))
    finally:
        await stream.aclose()


async def _guarded(work: Coroutine[Any, Any, None], line: LiveKitLine) -> None:
    """A call without a voice is none."""
    try:
        await work
    except Exception as error:
        log.error("the media of a call broke: %s", type(error).__name__)
        line.left(properly=False)


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.wait(waits)


def _frame(pcm: bytes) -> rtc.AudioFrame:
    return rtc.AudioFrame(pcm, RATE, 1, FRAME_SAMPLES)


def _caller(participant: rtc.RemoteParticipant) -> Caller:
    is_phone = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    return Caller(participant.identity, is_phone, participant.attributes)
