"""Recordings of calls by WebRTC, listened to: each voice is in them when it was spoken and heard."""

import asyncio
import random
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from api_server import FIRST_KEY, StartApi, bearer
from av import AudioResampler
from eventually import eventually
from heard_calls import RATE, Track, decoded, lags, loud_ms, moved_ms, recording_of, speaking_engines
from live_server import speech
from rtc_client import FRAME_BYTES, LOUD, Microphone, RtcClient

BUDGET_MS = 60.0
"""Of what lies between both voices; 27 of it are this client's, which holds a frame back and delays by its codec."""


class NotedMicrophone(Microphone):
    """A frame was taken in while the one before it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = Track()

    @property
    def is_quiet(self) -> bool:
        return not self._pcm

    async def recv(self) -> Any:
        frame = await super().recv()
        self.spoken.add(self._began_s + self._frames * 0.02 - 0.04, bytes(frame.planes[0])[:FRAME_BYTES])
        return frame


class ListeningClient(RtcClient):
    """Keeps what it hears, as a device plays it, and loses what it sends when told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bool]] = []
        self.frames: list[tuple[float, float, bytes]] = []
        """When each came, its time on its own clock, and its sound."""
        self.loses = lambda: False
        super().__init__()
        self.peer.getSenders()[0].replaceTrack(microphone := NotedMicrophone())
        self.microphone = microphone
        self.spoken = microphone.spoken

    def be_lossy(self) -> None:
        transport = self.channel.transport.transport
        send = transport._send_rtp

        async def lossy(data: bytes) -> None:
            if not self.loses():
                await send(data)

        transport._send_rtp = lossy  # type: ignore[method-assign]

    @property
    def played(self) -> Track:
        track = Track()
        begins_s = float(np.median([came_s - at_s for came_s, at_s, _ in self.frames]))
        for _, at_s, pcm in self.frames:
            track.add(begins_s + at_s, pcm)
        return track

    async def _listen(self, track: MediaStreamTrack) -> None:
        mono = AudioResampler(format="s16", layout="mono", rate=RATE)
        loop, samples = asyncio.get_running_loop(), 0
        try:
            while True:
                for frame in mono.resample(await track.recv()):  # type: ignore[arg-type]
                    pcm = frame.to_ndarray()[0]
                    self.frames.append((loop.time(), samples / RATE, pcm.tobytes()))
                    self.heard.append((loop.time(), bool(np.abs(pcm).max() > LOUD)))
                    samples += len(pcm)
        except MediaStreamError:
            return


async def test_both_voices_are_where_they_were_though_packets_are_lost(start_api: StartApi) -> None:
    chance = random.Random(7)
    engines = speaking_engines(["how much is it", "no stop please"], "word " * 24, speech("librivox-0870"))
    api = await start_api(engines=engines, CALL_AUDIO="silent")
    client = ListeningClient()
    try:
        await client.connect(api.url, FIRST_KEY)
        client.be_lossy()
        client.loses = lambda: chance.random() < 0.05
        conversation_id = client.events[1]["conversation"]["id"]
        began_s = asyncio.get_running_loop().time()
        client.microphone.say(speech("utterance-unfinished"))
        await client.until("output_audio_buffer.started")
        await eventually(lambda: client.heard_ms > 1200, 10)
        client.microphone.say(speech())
        await client.until("output_audio_buffer.cleared")
        await eventually(lambda: client.microphone.is_quiet, 5)
        async with api.client.post(f"{client.location}/hangup", headers=bearer(FIRST_KEY)) as answer:
            assert answer.status == 200
    finally:
        await client.close()
    outline, mp3 = await recording_of(api.operator, conversation_id)
    caller, agent = decoded(mp3)
    assert abs(len(caller) / 24 - outline["duration_ms"]) < 1
    lasted_s = client.frames[-1][0] - began_s
    assert -0.3 < len(caller) / RATE - lasted_s < 0.6, "from the first packet to the last"
    spoken = client.spoken.laid(began_s, len(caller))
    played = client.played.laid(began_s, len(caller))
    of_caller = [match.lag_ms for match in lags(caller, spoken)]
    of_agent = [match.lag_ms for match in lags(agent, played)]
    assert len(of_caller) > 6
    assert moved_ms(of_caller) < 15, "nothing of it is missing, and nothing is there twice"
    assert len(of_agent) > 2
    assert abs(np.median(of_caller) - np.median(of_agent)) < BUDGET_MS
    assert abs(loud_ms(agent) - loud_ms(played)) < 400, "what was cut off is not in it"
