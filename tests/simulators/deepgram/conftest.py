"""The vendor's own client, pointed at simulators."""

import asyncio

import httpx
import pytest
from deepgram import AsyncDeepgramClient
from deepgram.environment import DeepgramClientEnvironment


@pytest.fixture
async def deepgram():
    """A client of the given simulators; another key or a token when asked."""
    http = httpx.AsyncClient()  # the client would make one of its own, and never close it

    def connect(simulators, **credentials):
        urls = simulators.urls
        environment = DeepgramClientEnvironment(base=urls.http, production=urls.ws, agent=urls.ws, agent_rest=urls.http)
        credentials = credentials or {"api_key": simulators.settings["DEEPGRAM_API_KEY"]}
        return AsyncDeepgramClient(environment=environment, httpx_client=http, **credentials)

    yield connect
    await http.aclose()


@pytest.fixture
def speak():
    """Sends PCM in frames of 80 ms, as fast as it goes."""

    async def send(socket, pcm, frame_bytes=2560):
        for at in range(0, len(pcm), frame_bytes):
            await socket.send_media(pcm[at : at + frame_bytes])

    return send


@pytest.fixture
def collect():
    """All messages up to the connection's end, with a deadline."""

    async def read(socket, deadline_s=20):
        async with asyncio.timeout(deadline_s):
            return [message async for message in socket]

    return read
