"""``sales-agent webhooks listen`` against a server, and what it says where it cannot listen."""

import asyncio
import json
import signal
from pathlib import Path

from api_server import FIRST_KEY, ApiServer
from program_process import invoke, start


async def test_it_hears_what_happens_and_leaves_no_webhook_behind(api: ApiServer, tmp_path: Path) -> None:
    asked = ("--url", api.url, "--api-key", FIRST_KEY, "--port", "0", "--event", "lead.created", "--json")
    process = await start("webhooks", "listen", *asked, cwd=tmp_path)
    assert process.stderr is not None and process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stderr.readline()
            assert line.startswith(b"Listening at http://127.0.0.1:"), line
            for _ in range(2):
                async with api.operator.post("/api/leads", json={"contact_name": "Ann"}) as made:
                    lead = await made.json()
                event = json.loads(await process.stdout.readline())
                assert (event["type"], event["data"]["lead"]["id"]) == ("lead.created", lead["id"])
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    async with api.operator.get("/api/webhooks") as listed:
        assert (await listed.json())["items"] == []


async def test_where_it_cannot_listen_it_says_why(api: ApiServer, tmp_path: Path) -> None:
    async def refusal(*asked: str) -> str:
        result = await invoke("webhooks", "listen", "--port", "0", *asked, cwd=tmp_path)
        assert result.code == 1
        return result.err

    for asked, words in (
        (("--url", api.url), "--api-key"),
        (("--url", api.url, "--api-key", "wrong"), "invalid_api_key"),
        (("--url", api.url, "--api-key", FIRST_KEY, "--event", "lead.imagined"), "invalid_value"),
        (("--url", "http://127.0.0.1:9", "--api-key", FIRST_KEY), "No server"),
    ):
        told = await refusal(*asked)
        assert words in told and told.count("\n") == 1, told
