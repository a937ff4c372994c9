"""The track of the agent's voice: a packet every 20 ms, whatever there is to say. Imports aiortc."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.packet import Packet

from agent_server.webrtc.cadence import Cadence
from agent_server.webrtc.opus import CLOCK, OpusEncoder

_TIME_BASE = Fraction(1, CLOCK)


class AgentVoice(MediaStreamTrack):
    """``next_frame`` gives 20 ms of 24 kHz PCM, or None for silence."""

    kind = "audio"

    def __init__(self, next_frame: Callable[[], bytes | None]) -> None:
        super().__init__()
        self._next_frame = next_frame
        self._encoder = OpusEncoder()
        self._clock_s = asyncio.get_running_loop().time
        self._cadence = Cadence()

    async def recv(self) -> "Packet[Any]":
        if self.readyState != "live":
            raise MediaStreamError
        due_s, ticks = self._cadence.next(self._clock_s())
        if (wait_s := due_s - self._clock_s()) > 0:
            await asyncio.sleep(wait_s)
        packet = Packet(self._encoder.encode(self._next_frame()))
        packet.pts = ticks
        packet.time_base = _TIME_BASE
        return packet
