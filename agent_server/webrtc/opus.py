"""Opus in both directions. Imports PyAV: to be imported when the first call comes (see ``pipelines.loading``).

20 ms of speech take 0.2 to 0.3 ms to encode at this complexity and 0.1 ms to decode, so that both are done where they
are needed: a hop to a thread and back costs the event loop nearly as much, and the other threads take its turn.
"""

from fractions import Fraction

from av import AudioFrame, CodecContext
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError
from av.packet import Packet

from agent_server.webrtc.playout import FRAME_BYTES
from pipelines.audio.concealment import Concealment
from pipelines.audio.resample import resampler

RATE = 24_000
CLOCK = 48_000
"""Of Opus in RTP, whatever the audio's rate."""

BIT_RATE = 32_000
COMPLEXITY = "5"
"""Of 10. Above it a listener hears no difference in speech, and it costs three times as much."""

SETTLED_FRAMES = 10
"""After so much silence one frame of it is like the next: the last is sent again, for nothing."""

_SILENCE = bytes(FRAME_BYTES)


class OpusEncoder:
    """The agent's voice: 24 kHz mono, 20 ms a packet."""

    def __init__(self) -> None:
        codec = CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.bit_rate = BIT_RATE
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        codec.time_base = Fraction(1, RATE)
        codec.options = {
            "application": "voip",
            "frame_duration": "20",
            "compression_level": COMPLEXITY,
            "fec": "1",
            "packet_loss": "5",
        }
        self._codec = codec
        self._samples = 0
        self._silent_frames = 0
        self._silence = b""

    def encode(self, pcm: bytes | None) -> bytes:
        """One frame; None: silence."""
        if pcm is None:
            self._silent_frames += 1
            if self._silent_frames > SETTLED_FRAMES and self._silence:
                return self._silence
            self._silence = self._encoded(_SILENCE)
            return self._silence
        self._silent_frames = 0
        return self._encoded(pcm)

    def _encoded(self, pcm: bytes) -> bytes:
        frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.sample_rate = RATE
        frame.pts = self._samples
        self._samples += frame.samples
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


class OpusDecoder:
    """The caller's voice, as 24 kHz mono."""

    def __init__(self) -> None:
        codec = CodecContext.create("libopus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.sample_rate = CLOCK
        codec.layout = "mono"
        codec.format = "s16"
        self._codec = codec
        self._concealment = Concealment(CLOCK)
        self._to_24k = resampler(CLOCK, RATE)
        self._expected: int | None = None
        """The RTP time of the next packet."""

    def decode(self, payload: bytes, timestamp: int) -> bytes:
        """What was lost before it, or not sent, is made up, as long as it is no more than a second. (PyAV gives no
        access to Opus's own forward error correction.)"""
        lost = 0 if self._expected is None else (timestamp - self._expected) % (1 << 32)
        voice = self._decoded(payload)
        self._expected = timestamp + len(voice) // 2
        return self._to_24k.feed(self._concealment.feed(voice, lost=lost if lost <= CLOCK else 0))

    def _decoded(self, payload: bytes) -> bytes:
        """Silence for what is no Opus."""
        if not payload:
            return b""
        try:
            frames = self._codec.decode(Packet(payload))
        except FFmpegError:
            return bytes(2 * CLOCK * 20 // 1000)
        return b"".join(bytes(frame.planes[0])[: 2 * frame.samples] for frame in frames if frame.samples)
