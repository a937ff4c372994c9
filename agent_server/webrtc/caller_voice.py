"""The caller's voice, from packets to PCM. Stands where aiortc keeps its jitter buffer, which would hold back 80 ms of
what was said, and takes all packets out there: the library's own decoder never gets one."""

import time
from collections.abc import Callable

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from agent_server.realtime.rates import Allowance
from agent_server.webrtc.opus import OpusDecoder
from pipelines.audio.in_order import InOrder

PATIENCE = 3
"""So many packets, 60 ms, may wait for one that is missing."""

_PLACE = "_RTCRtpReceiver__jitter_buffer"


class CallerVoice:
    """``hear`` is given the caller's audio, 24 kHz PCM."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._in_order: InOrder[RtpPacket] = InOrder(PATIENCE)
        self._decoder = OpusDecoder()
        self._allowance = Allowance(per_s=150.0, burst=600.0)
        """Packets; those of 20 ms are 50 a second."""

    def receive_from(self, receiver: RTCRtpReceiver) -> None:
        """Raises RuntimeError if this version of aiortc keeps no jitter buffer there."""
        if not hasattr(receiver, _PLACE):
            raise RuntimeError("this version of aiortc cannot be used: it keeps its jitter buffer elsewhere")
        setattr(receiver, _PLACE, self)

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        """As aiortc calls its jitter buffer: no key frame is asked for, and nothing is left to decode."""
        if self._allowance.take(1.0, time.monotonic() * 1000):
            for due in self._in_order.add(packet.sequence_number, packet):
                self._hear(self._decoder.decode(due.payload, due.timestamp))
        return False, None
