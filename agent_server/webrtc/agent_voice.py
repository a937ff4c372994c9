"""The track of the agent's voice: a packet every 20 ms, whatever there is to say. Imports aiortc."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.packet import Packet

from agent_server.webrtc.opus import CLOCK, OpusEncoder

FRAME_S = 0.02
FRAME_TICKS = CLOCK // 50
LATE_S = 0.2
"""A frame may come so late and be made up for; what is later was silence, and the clock goes on from now."""

_TIME_BASE = Fraction(1, CLOCK)


class AgentVoice(MediaStreamTrack):
    """``next_frame`` gives 20 ms of 24 kHz PCM, or None for silence."""

    kind = "audio"

    def __init__(self, next_frame: Callable[[], bytes | None]) -> None:
        super().__init__()
        self._next_frame = next_frame
        self._encoder = OpusEncoder()
        self._clock_s = asyncio.get_running_loop().time
        self._due_s: float | None = None
        self._ticks = 0

    async def recv(self) -> "Packet[Any]":
        if self.readyState != "live":
            raise MediaStreamError
        now_s = self._clock_s()
        if self._due_s is None:
            self._due_s = now_s
        else:
            missed = max(0, int((now_s - self._due_s - LATE_S) / FRAME_S)) if now_s - self._due_s > LATE_S else 0
            self._due_s += FRAME_S * (1 + missed)
            self._ticks += FRAME_TICKS * (1 + missed)
        if self._due_s > now_s:
            await asyncio.sleep(self._due_s - now_s)
        packet = Packet(self._encoder.encode(self._next_frame()))
        packet.pts = self._ticks
        packet.time_base = _TIME_BASE
        return packet
