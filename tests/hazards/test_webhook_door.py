"""Whoever knocks at the webhook's door without being Close: refused with a code, at once, and nothing else notices."""

import io
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from live_server import KEY, serving
from scripted_engines import scripted_engines

from agent_server.settings import read_settings
from crm.close.webhooks import signature

SIGNATURE_KEY = "3c" * 32
EVENT = {
    "id": "ev_1",
    "object_type": "contact",
    "object_id": "cont_1",
    "lead_id": "lead_1",
    "action": "updated",
    "date_created": "2030-01-01T00:00:00",
    "date_updated": "2030-01-01T00:00:00",
    "data": {"name": "Ada Secretname"},
}
BODY = msgspec.json.encode({"subscription_id": "whsub_1", "event": EVENT})


@pytest.fixture
async def door(dsn: str, tmp_path: Path) -> AsyncIterator[str]:
    settings = read_settings(
        {
            "SALES_AGENT_API_KEY": KEY,
            "DATABASE_URL": dsn,
            "DATA_DIR": str(tmp_path),
            "DATABASE_CONNECTIONS": "4",
            "CLOSE_WEBHOOK_SIGNATURE_KEY": SIGNATURE_KEY,
        },
        {},
        {},
    )
    async with serving(settings, scripted_engines()) as server:
        yield server.url


def signed(body: bytes, *, key: str = SIGNATURE_KEY, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    return {"close-sig-timestamp": stamp, "close-sig-hash": signature(key, stamp, body)}


async def refused(http: aiohttp.ClientSession, door: str, **request: Any) -> tuple[int, str]:
    async with http.post(f"{door}/webhooks/close", **request) as response:
        return response.status, (await response.json())["error"]["code"]


async def test_forged_stale_and_unsigned(
    http: aiohttp.ClientSession, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await refused(http, door, data=BODY) == (401, "missing_signature")
    assert await refused(http, door, data=BODY, headers=signed(BODY, key="11" * 32)) == (401, "bad_signature")
    stale = signed(BODY, at=time.time() - 3600)
    assert await refused(http, door, data=BODY, headers=stale) == (401, "stale_timestamp")
    assert await refused(http, door, data=BODY + b" ", headers=signed(BODY)) == (401, "bad_signature")
    assert "Secretname" not in caplog.text
    assert SIGNATURE_KEY not in caplog.text


async def test_garbage_that_is_signed(http: aiohttp.ClientSession, door: str) -> None:
    for body in (b"{", b"[]", b"\xff\xfe", b'{"subscription_id": 1}'):
        assert await refused(http, door, data=body, headers=signed(body)) == (400, "unreadable_body")


async def test_a_body_of_fifty_megabytes(http: aiohttp.ClientSession, door: str) -> None:
    body = io.BytesIO(b"x" * 50_000_000)
    assert await refused(http, door, data=body, headers=signed(b"")) == (413, "body_too_large")
    async with http.post(f"{door}/webhooks/close", data=BODY, headers=signed(BODY)) as response:
        assert response.status == 204


async def test_repeated_and_in_any_order(http: aiohttp.ClientSession, door: str) -> None:
    for _ in range(3):
        async with http.post(f"{door}/webhooks/close", data=BODY, headers=signed(BODY)) as response:
            assert response.status == 204
            assert await response.read() == b""
