"""A client whose line stalls while it is sent a lot, and that comes back to life: it is cut off and can continue, where
it would be heard and answered with nothing that reaches it."""

import asyncio
import socket
from typing import Any

import aiohttp
import pytest
from live_server import KEY, StartServer
from scripted_engines import scripted_engines

from agent_server.realtime import outbox

AUTH = {"Authorization": f"Bearer {KEY}"}


def narrow(address: Any) -> socket.socket:
    """Takes little that nobody reads."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return made


async def test_who_stalled_and_lost_events_is_cut_off(
    start_live: StartServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox, "SEND_TIMEOUT_S", 0.1)
    server = await start_live(scripted_engines())
    connector = aiohttp.TCPConnector(socket_factory=narrow)
    async with (
        aiohttp.ClientSession(connector=connector, headers=AUTH) as http,
        http.ws_connect(f"{server.url}/v1/realtime", max_msg_size=0) as client,
    ):
        content = [{"type": "input_text", "text": "x" * 60_000}]
        item = {"type": "message", "id": "long", "role": "user", "content": content}
        await client.send_json({"type": "conversation.item.create", "item": item})
        assert client._response.connection is not None
        transport: Any = client._response.connection.transport
        transport.pause_reading()
        for _ in range(100):
            await client.send_json({"type": "conversation.item.retrieve", "item_id": "long"})
        async with asyncio.timeout(10):
            while "reads too slowly" not in caplog.text:
                await client.send_json({"type": "session.update", "session": {"type": "realtime"}})
                await asyncio.sleep(0.05)
            transport.resume_reading()
            async for _ in client:
                pass
    assert client.close_code is not None
