"""A client of ``POST /v1/realtime/calls``: aiortc as a browser uses WebRTC, with a microphone a test speaks into."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import aiohttp
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

FRAME_BYTES = 960
LOUD = 500
"""Above it a sample is voice; the tone of the scripted voice has 8000."""


class Microphone(MediaStreamTrack):
    """Silence, unless something is to be said."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pcm = b""
        self._frames = 0
        self._began_s = 0.0

    def say(self, pcm: bytes) -> None:
        self._pcm += pcm

    async def recv(self) -> AudioFrame:
        now_s = asyncio.get_running_loop().time()
        if not self._frames:
            self._began_s = now_s
        await asyncio.sleep(max(0.0, self._began_s + self._frames * 0.02 - now_s))
        pcm, self._pcm = self._pcm[:FRAME_BYTES], self._pcm[FRAME_BYTES:]
        frame = AudioFrame(format="s16", layout="mono", samples=480)
        frame.planes[0].update(pcm.ljust(FRAME_BYTES, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = 24_000, self._frames * 480, Fraction(1, 24_000)
        self._frames += 1
        return frame


class RtcClient:
    """``events`` are all that came; ``heard`` is whether each 20 ms of the agent's track had voice, with its time."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Microphone()
        self.peer.addTrack(self.microphone)
        self.open_channel()
        self.peer.on("track", lambda track: self._own(self._listen(track)))
        self.events: list[dict[str, Any]] = []
        self.heard: list[tuple[float, bool]] = []
        self.location = ""
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._read = 0

    @property
    def kinds(self) -> list[str]:
        """Types in order, repeats folded into one."""
        kinds = [event["type"] for event in self.events]
        return [kind for at, kind in enumerate(kinds) if not at or kinds[at - 1] != kind]

    @property
    def heard_ms(self) -> float:
        return 20.0 * sum(loud for _, loud in self.heard)

    def open_channel(self) -> None:
        self.channel = self.peer.createDataChannel("oai-events")
        self.channel.on("message", self._came)

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def connect(self, url: str, key: str, *, query: str = "", headers: dict[str, str] | None = None) -> None:
        """The data channel is open after it."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/sdp", **(headers or {})}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/v1/realtime/calls{query}", data=await self.offer(), headers=headers) as response,
        ):
            answer = await response.text()
            assert response.status == 201, answer
            assert response.content_type == "application/sdp"
            self.location = response.headers["Location"]
        await self.take(answer)

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self.until("conversation.created")

    def send(self, event: dict[str, Any]) -> None:
        self.channel.send(json.dumps(event))

    def type(self, text: str) -> None:
        """As a message, which is to be answered."""
        content = [{"type": "input_text", "text": text}]
        self.send({"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}})
        self.send({"type": "response.create"})

    async def until(self, kind: str, *, timeout_s: float = 15.0) -> dict[str, Any]:
        """The next event of this type that was not waited for yet."""
        async with asyncio.timeout(timeout_s):
            while True:
                while self._read < len(self.events):
                    event = self.events[self._read]
                    self._read += 1
                    if event["type"] == kind:
                        return event
                self._news.clear()
                await self._news.wait()

    async def vanish(self) -> None:
        """As when the network goes: no farewell, not a packet more."""
        for protocol in self.channel.transport.transport.transport._connection._protocols:
            protocol.transport.abort()

    async def close(self) -> None:
        await self.peer.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _came(self, message: str) -> None:
        self.events.append(json.loads(message))
        self._news.set()

    def _own(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def _listen(self, track: MediaStreamTrack) -> None:
        mono = AudioResampler(format="s16", layout="mono", rate=48_000)
        with contextlib.suppress(MediaStreamError):
            while True:
                for frame in mono.resample(await track.recv()):  # type: ignore[arg-type]
                    loud = bool(np.abs(frame.to_ndarray()).max() > LOUD)
                    self.heard.append((asyncio.get_running_loop().time(), loud))


@asynccontextmanager
async def calling(url: str, key: str, *, query: str = "") -> AsyncIterator[RtcClient]:
    client = RtcClient()
    try:
        await client.connect(url, key, query=query)
        yield client
    finally:
        await client.close()
