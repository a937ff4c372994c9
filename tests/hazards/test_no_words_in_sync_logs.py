"""A server that syncs while everything goes wrong says what happened by code, and never a key, a name or a number."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from live_server import KEY, serving
from scripted_engines import scripted_engines
from vendor_server import VendorServer, serving_vendors

from agent_server.settings import read_settings
from crm import client
from crm.close.webhooks import signature
from crm.retry import RetryPolicy
from simulators.faults import parse_faults

SIGNATURE_KEY = "3c" * 32
WORDS = ("Zebulon", "zebulon", "Quixworth", "quixworth", "5415559876", "Wombatant")
SECRETS = (SIGNATURE_KEY, KEY, "simulated-close-key", "simulated-apollo-key", "c2ltdWxhdGVk", "key=")
OPERATOR = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
async def vendors() -> AsyncIterator[VendorServer]:
    async with serving_vendors() as running:
        yield running


async def test_a_whole_faulty_run(
    http: aiohttp.ClientSession,
    dsn: str,
    tmp_path: Path,
    vendors: VendorServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "RetryPolicy", lambda: RetryPolicy(base_s=0.01))
    variables = {
        **vendors.settings,
        "SALES_AGENT_API_KEY": KEY,
        "DATABASE_URL": dsn,
        "DATA_DIR": str(tmp_path),
        "DATABASE_CONNECTIONS": "4",
        "CLOSE_WEBHOOK_SIGNATURE_KEY": SIGNATURE_KEY,
        "PUBLIC_URL": "http://our.example",
        "APOLLO_PHONE_NUMBERS": "true",
    }
    caplog.set_level(logging.DEBUG)
    store = vendors.close.store
    person = {"name": "Zebulon Quixworth", "emails": [{"email": "zebulon@quixworth.example", "type": "office"}]}
    store.create_lead({"name": "Quixworth Ltd", "contacts": [person]})
    async with serving(read_settings(variables, {}, {}), scripted_engines()) as server:
        synced = Synced(http, server.url)
        assert await synced.run("close") == "completed"
        (contact,) = (await synced.get("contacts"))["items"]
        # A contradiction of names, a number that is refused, and a new contact, through every kind of fault.
        store.update_contact(contact["external_id"], {"name": "Zebulon Wombatant"})
        await synced.patch(contact["id"], first_name="Zebulonius", phone="5415559876 ext. Quixworth")
        await synced.post("contacts", email="zebulon2@quixworth.example", first_name="Zebulon", phone="+15415559876")
        for fault in ("garbage", "server_error", "drop@mid", "drop@first", "rate_limit,retry_after_s=1", "refuse"):
            vendors.simulation.faults.replace(parse_faults(f"close:{fault},nth=2,times=2; apollo:{fault},times=2"))
            await asyncio.gather(synced.run("close"), synced.run("apollo"))
        await synced.knock(SIGNATURE_KEY, b'{"Zebulon": "Quixworth"')
        await synced.knock("11" * 32, b'{"Zebulon": "Quixworth"}')
        vendors.simulation.faults.replace(parse_faults("close:garbage"))
        assert await synced.run("close") == "failed"
        assert (await synced.get("sync/status/close"))["errors"] == [{"code": "provider_answered_html", "count": 1}]
        assert (await synced.get("sync/health"))["health_status"] == "degraded"
        vendors.simulation.faults.replace(())
        vendors.close.keys.clear()
        assert await synced.run("close") == "failed"
        assert (await synced.get("sync/status/close"))["errors"] == [{"code": "credentials_refused", "count": 1}]
        health = await synced.get("sync/health")
        (problem,) = health["problems"]
        assert (health["health_status"], problem.partition(",")[0]) == ("degraded", "close: credentials_refused")
        assert "PUT /api/sync/credentials/close" in problem, "and what to do about it"
        async with http.get(f"{server.url}/api/live") as response:
            assert response.status == 200, "nothing else suffers"
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records) + caplog.text
    assert "sync with close: failed" in said
    for word in (*WORDS, *SECRETS):
        assert word not in said


class Synced:
    """The server's doors, as an operator uses them."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def get(self, path: str) -> Any:
        async with self._http.get(f"{self._url}/api/{path}", headers=OPERATOR) as response:
            return await response.json()

    async def post(self, path: str, **body: Any) -> Any:
        async with self._http.post(f"{self._url}/api/{path}", headers=OPERATOR, json=body) as response:
            assert response.status < 300, await response.text()
            return await response.json()

    async def patch(self, contact_id: str, **body: Any) -> None:
        url = f"{self._url}/api/contacts/{contact_id}"
        async with self._http.patch(url, headers=OPERATOR, json=body) as response:
            assert response.status == 200, await response.text()

    async def run(self, platform: str) -> str:
        """Start a sync and wait for its end; how it ended."""
        run_id = (await self.post("sync/trigger", platform=platform))["id"]
        async with asyncio.timeout(60):
            while (run := await self.get(f"sync/runs/{run_id}"))["status"] in ("queued", "running"):
                await asyncio.sleep(0.05)
        return str(run["status"])

    async def knock(self, key: str, body: bytes) -> None:
        stamp = str(int(time.time()))
        signed = {"close-sig-timestamp": stamp, "close-sig-hash": signature(key, stamp, body)}
        async with self._http.post(f"{self._url}/webhooks/close", data=body, headers=signed) as response:
            assert response.status in (400, 401)
            assert "Zebulon" not in await response.text()
