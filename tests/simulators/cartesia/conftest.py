"""The vendor's own client, pointed at simulators."""

import asyncio

import pytest
from cartesia import AsyncCartesia

PCM_16K = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
VOICE = {"mode": "id", "id": "a-voice"}


@pytest.fixture
async def cartesia():
    """A client of the given simulators; another key, or other settings, when asked."""
    clients = []

    def connect(simulators, **settings):
        settings = {"api_key": simulators.settings["CARTESIA_API_KEY"], "max_retries": 0, **settings}
        urls = simulators.urls
        clients.append(AsyncCartesia(base_url=urls.http, websocket_base_url=urls.ws, **settings))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
def new_context():
    """A context with the settings of a careful client."""

    def make(socket, **changes):
        usual = {
            "model_id": "sonic-3",
            "voice": VOICE,
            "output_format": PCM_16K,
            "max_buffer_delay_ms": 0,
            "timeout": 20,
        }
        return socket.context(**{**usual, **changes})

    return make


@pytest.fixture
def receive():
    """All events of a context up to its end."""

    async def read(context):
        async with asyncio.timeout(20):
            return [event async for event in context.receive()]

    return read


@pytest.fixture
def raw_message():
    """A generation request as it stands on the wire."""

    def make(**changes):
        usual = {
            "context_id": "c",
            "model_id": "sonic-3",
            "transcript": "Hi.",
            "voice": VOICE,
            "output_format": PCM_16K,
        }
        return {**usual, **changes}

    return make
