"""The real server on loopback for a test, and small things every client test does."""

import asyncio
import base64
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from msgspec import Struct
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnectionManager
from openai.types.websocket_connection_options import WebSocketConnectionOptions

from agent_server.app import make_app
from agent_server.services import Services
from agent_server.settings import Settings
from agent_server.startup import running_services
from agent_server.web.http_server import HttpRunner
from pipelines.audio.resample import resampler
from pipelines.conversation.rim.ports import Engines

UNBOUNDED: Final[WebSocketConnectionOptions] = {"max_queue": None}
"""Else the library stops reading at 16 frames, and waits 10 s for a farewell that is behind them."""

KEY = "sk_test_of_the_realtime_door_0123456789"
SPEECH = Path(__file__).parents[1] / "data" / "speech"


class Server(Struct):
    port: int
    services: Services

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def openai(self, key: str = KEY) -> AsyncOpenAI:
        return AsyncOpenAI(api_key=key, base_url=f"{self.url}/v1", max_retries=0)

    def realtime(self, key: str = KEY, **about: Any) -> AsyncRealtimeConnectionManager:
        """A connection of the vendor's client; for what nobody reads any more it does not make the farewell wait."""
        return self.openai(key).realtime.connect(model="sales-agent", websocket_connection_options=UNBOUNDED, **about)


StartServer = Callable[..., Awaitable[Server]]


@asynccontextmanager
async def serving(settings: Settings, engines: Engines) -> AsyncIterator[Server]:
    async def start_engines(*_args: object) -> Engines:
        return engines

    async with running_services(settings, start_engines=start_engines) as services:
        runner = HttpRunner(make_app(services), shutdown_timeout_s=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            assert site._server is not None
            yield Server(site._server.sockets[0].getsockname()[1], services)
        finally:
            await runner.cleanup()


def speech(name: str = "utterance-finished") -> bytes:
    """A recording as 24 kHz PCM."""
    with wave.open(str(SPEECH / f"{name}.wav")) as wav:
        convert = resampler(wav.getframerate(), 24_000)
        return convert.feed(wav.readframes(wav.getnframes())) + convert.flush()


async def say(connection: Any, pcm: bytes, *, silence_ms: int = 1500) -> None:
    """Speak in real time, 20 ms a frame, and then be silent."""
    loop = asyncio.get_running_loop()
    pcm = pcm + bytes(48 * silence_ms)
    began = loop.time()
    for at in range(0, len(pcm), 960):
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm[at : at + 960]).decode())
        await asyncio.sleep(max(0.0, began + (at + 960) / 48_000 - loop.time()))


async def until(connection: Any, kind: str, *, timeout_s: float = 15.0) -> list[Any]:
    """All events up to and including the first of this type."""
    events = []
    async with asyncio.timeout(timeout_s):
        while True:
            event = await connection.recv()
            events.append(event)
            if event.type == kind:
                return events


def kinds(events: list[Any]) -> list[str]:
    """Types in order, repeats of deltas folded into one."""
    folded: list[str] = []
    for event in events:
        if not (folded and folded[-1] == event.type and event.type.endswith("delta")):
            folded.append(event.type)
    return folded
