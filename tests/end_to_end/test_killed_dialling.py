"""A server process that is killed while the carrier answers for a call it was asked for: nobody is dialled twice."""

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from server_process import KEY, ServerProcess

from simulators.app import start
from simulators.config import parse_config

NUMBER = "+14155550106"
HEADERS = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "the-same-request"}


@pytest.mark.timeout(120)
async def test_a_killed_process_dials_nobody_twice(dsn: str, tmp_path: Path) -> None:
    carrier = await start(parse_config("{}", delays="twilio.ring_ms=60000", faults="twilio:stall@first,nth=1"))
    twilio = {name: value for name, value in carrier.settings.items() if name.startswith("TWILIO_")}
    settings = {"DATABASE_URL": dsn, "DATABASE_CONNECTIONS": "4", **twilio}
    first, second = (ServerProcess(tmp_path / name, **settings) for name in ("first", "second"))
    async with carrier, aiohttp.ClientSession(headers=HEADERS) as http:
        try:
            await first.start()
            ahead = (12 - datetime.now(UTC).hour + 11) % 24 - 11
            lead = {"contact_phone": NUMBER, "time_zone": f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"}
            lead_id = (await asked(http, first, "POST", "/api/leads", lead))["id"]
            await asked(
                http, first, "PUT", f"/api/leads/{lead_id}/consent", {"kind": "express_written", "source": "form"}
            )
            dialling = asyncio.create_task(asked(http, first, "POST", "/api/calls", {"lead_id": lead_id}))
            async with asyncio.timeout(20):
                while not carrier.twilio.calls:
                    await asyncio.sleep(0.02)
            await first.kill()
            with contextlib.suppress(aiohttp.ClientError):
                await dialling

            await second.start()
            again = await asked(http, second, "POST", "/api/calls", {"lead_id": lead_id})
            assert again["status"] in ("dialling", "ringing"), "it is the call that was asked for"
            other = {"Idempotency-Key": "another-request"}
            refused = await asked(http, second, "POST", "/api/calls", {"lead_id": lead_id}, **other)
            assert refused["error"]["code"] == "already_in_call"
            assert len(carrier.twilio.calls) == 1
        finally:
            await second.stop()


async def asked(
    http: aiohttp.ClientSession, server: ServerProcess, method: str, path: str, body: dict[str, Any], **headers: str
) -> dict[str, Any]:
    url = f"http://127.0.0.1:{server.port}{path}"
    async with http.request(method, url, json=body, headers=headers) as answer:
        found: dict[str, Any] = await answer.json()
        return found
