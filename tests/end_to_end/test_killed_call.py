"""A server process that is killed in the middle of a telephone call: another one goes on with it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from server_process import ServerProcess

from simulators.twilio.phone_call import PhoneCall

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "phone.example.com"


@pytest.fixture
async def two(dsn: str, tmp_path: Path) -> AsyncIterator[list[ServerProcess]]:
    settings = {"DATABASE_URL": dsn, "DATABASE_CONNECTIONS": "4", "TWILIO_AUTH_TOKEN": TOKEN}
    servers = [ServerProcess(tmp_path / name, PUBLIC_URL=f"http://{PUBLIC}", **settings) for name in ("one", "two")]
    try:
        await servers[0].start()  # it makes the tables
        await servers[1].start()
        yield servers
    finally:
        for server in servers:
            await server.stop()


@pytest.mark.timeout(120)
async def test_the_caller_stays_on_the_line_and_the_conversation_goes_on(two: list[ServerProcess]) -> None:
    alive = list(two)
    call = PhoneCall(
        f"http://{PUBLIC}/telephony/twilio/voice",
        auth_token=TOKEN,
        found_at=lambda address: address.replace(PUBLIC, f"127.0.0.1:{alive[0].port}"),
    )
    running = asyncio.create_task(call.run())
    try:
        await heard(call, 1500)
        await alive.pop(0).kill()
        before_ms = call.handset.played_bytes / 8
        await heard(call, before_ms + 1000)
        assert call.streams == 2
    finally:
        call.hang_up()
        async with asyncio.timeout(10):
            await running
    (listed,) = await alive[0].conversations()
    found = await alive[0].conversation(listed["id"])
    first, second = (item["heard_text"] for item in found["items"])
    assert first.startswith("Hi! I'm"), "what was heard before is kept"
    assert second


async def heard(call: PhoneCall, ms: float) -> None:
    async with asyncio.timeout(20):
        while call.handset.played_bytes / 8 < ms:
            await asyncio.sleep(0.02)
