"""A server process that is killed in the middle of a call: another one goes on with it, whoever carries the call."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from server_process import ServerProcess

from simulators.app import RunningSimulators, start
from simulators.config import parse_config
from simulators.telnyx.phone_call import TelnyxCall
from simulators.twilio.phone_call import PhoneCall

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "phone.example.com"
Carried = tuple[PhoneCall | TelnyxCall, Coroutine[Any, Any, None]]


@pytest.fixture
async def carriers() -> AsyncIterator[RunningSimulators]:
    async with await start(parse_config({})) as simulators:
        yield simulators


@pytest.fixture
async def two(dsn: str, tmp_path: Path, carriers: RunningSimulators) -> AsyncIterator[list[ServerProcess]]:
    telnyx = {name: value for name, value in carriers.settings.items() if name.startswith("TELNYX_")}
    settings = {"DATABASE_URL": dsn, "DATABASE_CONNECTIONS": "4", "TWILIO_AUTH_TOKEN": TOKEN, **telnyx}
    # The first takes calls whatever else this machine does; the second takes them over even when it has no time.
    servers = [
        ServerProcess(tmp_path / name, PUBLIC_URL=f"https://{PUBLIC}", MAX_LOAD_PERCENT=load, **settings)
        for name, load in (("one", "100"), ("two", "10"))
    ]
    try:
        await servers[0].start()  # it makes the tables
        await servers[1].start()
        yield servers
    finally:
        for server in servers:
            await server.stop()


def by_twilio(carriers: RunningSimulators, found_at: Callable[[str], str]) -> Carried:
    call = PhoneCall(f"https://{PUBLIC}/telephony/twilio/voice", auth_token=TOKEN, found_at=found_at)
    return call, call.run()


def by_telnyx(carriers: RunningSimulators, found_at: Callable[[str], str]) -> Carried:
    webhook = f"https://{PUBLIC}/telephony/telnyx/calls"
    call = TelnyxCall(webhook, api_key=carriers.telnyx.api_key, found_at=found_at)
    return call, carriers.telnyx.carry(call)


@pytest.mark.timeout(120)
async def test_the_caller_stays_on_the_line_and_the_conversation_goes_on(
    two: list[ServerProcess], carriers: RunningSimulators
) -> None:
    alive = list(two)

    def found_at(address: str) -> str:
        scheme, _, rest = address.partition("://")
        return f"{scheme.removesuffix('s')}://{rest.replace(PUBLIC, f'127.0.0.1:{alive[0].port}')}"

    calls = [by_twilio(carriers, found_at), by_telnyx(carriers, found_at)]
    running = [asyncio.create_task(carried) for _, carried in calls]
    try:
        for call, _ in calls:
            await heard(call, 1500)
        before_ms = [call.handset.played_bytes / 8 for call, _ in calls]
        await alive.pop(0).kill()
        for (call, _), ms in zip(calls, before_ms, strict=True):
            await heard(call, ms + 1000)
            assert (call.streams, call.said) == (2, [])
    finally:
        for call, _ in calls:
            call.hang_up()
        async with asyncio.timeout(10):
            await asyncio.gather(*running)
    listed = await alive[0].conversations()
    assert len(listed) == len(calls)
    for each in listed:
        found = await alive[0].conversation(each["id"])
        first, second = (item["heard_text"] for item in found["items"])
        assert first.startswith("Hi! I'm"), "what was heard before is kept"
        assert second


async def heard(call: PhoneCall | TelnyxCall, ms: float) -> None:
    async with asyncio.timeout(20):
        while call.handset.played_bytes / 8 < ms:
            assert call.ended_by is None, call.said
            await asyncio.sleep(0.02)
